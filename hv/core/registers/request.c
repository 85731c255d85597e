/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a call for registers of another VP: the state machine of the
 * VP that asks. request.h has its picture, `transitions` its table.
 */
#include "core/registers/request.h"

#include "common/lib/mem.h"
#include "core/cpu/due.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/registers/serve.h"
#include "core/state/cpu.h"

#define MISSED_MAX 4

/*
 * The state in which a call finds its VP: request.state, and whether the VP has
 * left the call that waits. While the request is the target's, the asker may
 * read only its `target`.
 */
enum asker_state {
	ASKER_IDLE,     /* nothing is asked */
	ASKER_WAITING,  /* no answer yet; this is the call that waits */
	ASKER_AWAY,     /* no answer yet; the VP has left that call */
	ASKER_ANSWERED, /* the answer is there; this is the call that waits */
	ASKER_LATE,     /* the answer is there; the VP has left that call */
};

/* The event CALL, by what the call is about. */
enum asker_event {
	CALL_OTHER,   /* another question, or there is no answer */
	CALL_SAME,    /* the question that is answered */
	CALL_STOPPED, /* a target that has stopped */
};

/* One call by `self`. */
struct asking {
	struct vp *self;
	struct vp *target;
	struct reg_job *job;
};

static u32 load_state(const struct reg_request *r)
{
	/* pairs with done() in serve.c */
	return __atomic_load_n(&r->state, __ATOMIC_ACQUIRE);
}

/* The request is the asker's before and afterwards. */
static void become_idle(struct reg_request *r)
{
	__atomic_store_n(&r->state, REG_REQUEST_IDLE, __ATOMIC_RELAXED);
}

static bool has_stopped(const struct vp *vp)
{
	return __atomic_load_n(&vp->own.state, __ATOMIC_ACQUIRE) == VP_STOPPED;
}

/* ---- the call that waits ---- */

/*
 * Notes the call that waits, also if an earlier one posted the request: the
 * answer that comes is newer than this call.
 */
static void note_call(struct vp *self)
{
	self->own.call = (struct reg_call){
		.is_next = true,
		.exit = self->own.exit_count,
		.rip = port_vmcs_get(VMCS_GUEST_RIP),
		.rsp = port_vmcs_get(VMCS_GUEST_RSP),
	};
}

/*
 * True if `self` has executed nothing between the call that waits and this one,
 * so that both are one call. If an event came in between, even a call that
 * looks the same is another one: the first may have been given up.
 */
static bool is_made_again(const struct vp *self)
{
	const struct reg_call *call = &self->own.call;

	return call->is_next && self->own.exit_count == call->exit + 1 &&
	       call->rip == port_vmcs_get(VMCS_GUEST_RIP) &&
	       call->rsp == port_vmcs_get(VMCS_GUEST_RSP);
}

/* ---- question and answer ---- */

/* True if the answer in `r` is one to the request `job` for `target`. */
static bool is_answer(const struct reg_request *r, const struct vp *target,
		      const struct reg_job *job)
{
	if (r->target != target || r->job.is_set != job->is_set ||
	    r->job.count != job->count) {
		return false;
	}
	if (job->is_set) {
		return memcmp(r->assocs, job->assocs,
			      job->count * sizeof(r->assocs[0])) == 0;
	}
	return memcmp(r->names, job->names, job->count * sizeof(r->names[0])) ==
	       0;
}

static void copy_question(struct reg_request *r, const struct reg_job *job)
{
	HV_ASSERT(job->count <=
		  (job->is_set ? REG_REQUEST_SETS : REG_REQUEST_GETS));
	r->job = *job;
	r->job.names = r->names;
	r->job.values = r->values;
	r->job.assocs = r->assocs;
	if (job->is_set) {
		memcpy(r->assocs, job->assocs,
		       job->count * sizeof(r->assocs[0]));
	} else {
		memcpy(r->names, job->names, job->count * sizeof(r->names[0]));
	}
}

static void copy_answer(struct reg_job *job, const struct reg_request *r)
{
	job->done = r->job.done;
	job->status = r->job.status;
	if (!job->is_set) {
		memcpy(job->values, r->values,
		       job->done * sizeof(r->values[0]));
	}
}

/* ---- transitions: true if the call is finished ---- */

/* To WAITING. */
static bool stay(const struct asking *a)
{
	/* the target may belong to this CPU */
	a->self->cpu->yield = true;
	due_note(a->self);
	note_call(a->self);
	return false;
}

/* To WAITING, with a new request. */
static bool ask(const struct asking *a)
{
	struct reg_request *r = &a->self->shared.request;

	r->target = a->target;
	copy_question(r, a->job);
	/* the list hands it over: reg_request_push() */
	__atomic_store_n(&r->state, REG_REQUEST_POSTED, __ATOMIC_RELAXED);
	reg_request_push(a->self, a->target);
	return stay(a);
}

/* The same, since the answer is older than this call. */
static bool ask_anew(const struct asking *a)
{
	a->self->own.answers_missed++;
	return ask(a);
}

/* The same; the answer is to another question. */
static bool ask_other(const struct asking *a)
{
	a->self->own.answers_missed = 0;
	return ask(a);
}

/* To IDLE, with the answer. */
static bool take_answer(const struct asking *a)
{
	struct reg_request *r = &a->self->shared.request;

	copy_answer(a->job, r);
	a->self->own.answers_missed = 0;
	become_idle(r);
	return true;
}

/* To IDLE; what was asked before is dropped. */
static bool refuse(const struct asking *a)
{
	a->job->done = 0;
	a->job->status = HV_STATUS_INVALID_VP_STATE;
	become_idle(&a->self->shared.request);
	return true;
}

/* clang-format off */
static bool (*const transitions[][3])(const struct asking *a) = {
	/*                   CALL_OTHER  CALL_SAME    CALL_STOPPED */
	[ASKER_IDLE]     = { ask,        ask,         refuse },
	[ASKER_WAITING]  = { stay,       stay,        stay   },
	[ASKER_AWAY]     = { stay,       stay,        stay   },
	[ASKER_ANSWERED] = { ask_other,  take_answer, refuse },
	[ASKER_LATE]     = { ask_other,  ask_anew,    refuse },
};
/* clang-format on */

/* ---- state and event ---- */

static enum asker_state state_of(const struct vp *self)
{
	switch (load_state(&self->shared.request)) {
	case REG_REQUEST_POSTED:
		return is_made_again(self) ? ASKER_WAITING : ASKER_AWAY;
	case REG_REQUEST_DONE:
		return is_made_again(self) ? ASKER_ANSWERED : ASKER_LATE;
	default:
		return ASKER_IDLE;
	}
}

static enum asker_event event_of(const struct asking *a, enum asker_state state)
{
	bool has_answer = state == ASKER_ANSWERED || state == ASKER_LATE;

	if (has_stopped(a->target)) {
		return CALL_STOPPED;
	}
	if (!has_answer ||
	    !is_answer(&a->self->shared.request, a->target, a->job)) {
		return CALL_OTHER;
	}
	return CALL_SAME;
}

/* ANSWER to a request that came after its target had refused all others. */
static void end_if_stopped(const struct reg_request *r)
{
	if (load_state(r) == REG_REQUEST_POSTED && has_stopped(r->target)) {
		reg_request_refuse(r->target);
	}
}

bool reg_request_call(struct vp *self, struct vp *target, struct reg_job *job)
{
	const struct asking asking = {self, target, job};
	enum asker_state state;

	end_if_stopped(&self->shared.request);
	state = state_of(self);
	return transitions[state][event_of(&asking, state)](&asking);
}

bool reg_request_goes_first(const struct vp *self)
{
	const struct reg_call *call = &self->own.call;

	return call->is_next && self->own.exit_count == call->exit &&
	       (load_state(&self->shared.request) == REG_REQUEST_DONE ||
		self->own.answers_missed >= MISSED_MAX);
}
