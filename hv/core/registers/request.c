/* SPDX-License-Identifier: MIT */
/*
 * Each target has a stack of the VPs that ask it: any CPU pushes, and the
 * target's CPU takes the whole stack. Once the target has stopped, the CPU of a
 * VP that asks may take it.
 */
#include "core/registers/request.h"

#include "common/lib/mem.h"
#include "core/cpu/budget.h"
#include "core/cpu/due.h"
#include "core/events/post.h"
#include "core/paging/published.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/registers/table.h"
#include "core/state/cpu.h"
#include "core/state/vp.h"

#define MISSED_MAX 4

static u32 state_of(const struct reg_request *r)
{
	return __atomic_load_n(&r->state, __ATOMIC_ACQUIRE);
}

static bool has_stopped(const struct vp *vp)
{
	return __atomic_load_n(&vp->own.state, __ATOMIC_ACQUIRE) == VP_STOPPED;
}

/*
 * True if `self` has executed nothing between the call that asked and this one,
 * so that both are one call. If an event came in between, even a call that
 * looks the same is another one: the first may have been given up.
 */
static bool is_made_again(const struct vp *self)
{
	const struct reg_request *r = &self->shared.request;

	return r->waits && self->own.exit_count == r->exit + 1 &&
	       r->rip == port_vmcs_get(VMCS_GUEST_RIP) &&
	       r->rsp == port_vmcs_get(VMCS_GUEST_RSP);
}

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

static void post(struct vp *self, struct vp *target, const struct reg_job *job)
{
	struct reg_request *r = &self->shared.request;
	struct vp *head =
		__atomic_load_n(&target->shared.requests, __ATOMIC_RELAXED);

	r->target = target;
	copy_question(r, job);
	__atomic_store_n(&r->state, REG_REQUEST_POSTED, __ATOMIC_RELAXED);
	do {
		r->next = head;
		/* pairs with take(): the request comes with the pointer */
	} while (!__atomic_compare_exchange_n(&target->shared.requests, &head,
					      self, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	vp_post(target, VP_EVENT_REGISTERS);
}

static struct vp *take(struct vp *target)
{
	/* pairs with post() */
	return __atomic_exchange_n(&target->shared.requests, NULL,
				   __ATOMIC_SEQ_CST);
}

/* Gives the request back to its caller; it must not be touched afterwards. */
static void done(struct reg_request *r)
{
	/* pairs with state_of(): the answer comes with the state */
	__atomic_store_n(&r->state, REG_REQUEST_DONE, __ATOMIC_RELEASE);
}

/*
 * Notes the call that waits, also if an earlier one posted the request: the
 * answer that comes is newer than this call.
 */
static void wait(struct vp *self)
{
	self->shared.request.waits = true;
	self->shared.request.exit = self->own.exit_count;
	self->shared.request.rip = port_vmcs_get(VMCS_GUEST_RIP);
	self->shared.request.rsp = port_vmcs_get(VMCS_GUEST_RSP);
}

bool reg_request_call(struct vp *self, struct vp *target, struct reg_job *job)
{
	struct reg_request *r = &self->shared.request;
	bool answered = false;

	if (state_of(r) == REG_REQUEST_POSTED && has_stopped(r->target)) {
		reg_request_refuse(r->target);
	}
	if (state_of(r) != REG_REQUEST_POSTED && has_stopped(target)) {
		job->done = 0;
		job->status = HV_STATUS_INVALID_VP_STATE;
		__atomic_store_n(&r->state, REG_REQUEST_IDLE, __ATOMIC_RELAXED);
		return true;
	}
	if (state_of(r) == REG_REQUEST_DONE) {
		bool same = is_answer(r, target, job);

		answered = same && is_made_again(self);
		if (answered) {
			copy_answer(job, r);
		}
		r->missed = same && !answered ? r->missed + 1 : 0;
		__atomic_store_n(&r->state, REG_REQUEST_IDLE, __ATOMIC_RELAXED);
	}
	if (!answered && state_of(r) == REG_REQUEST_IDLE) {
		post(self, target, job);
	}
	if (!answered) {
		/* the target may belong to this CPU */
		self->cpu->yield = true;
		due_note(self);
		wait(self);
	}
	return answered;
}

bool reg_request_goes_first(const struct vp *self)
{
	const struct reg_request *r = &self->shared.request;

	return r->waits && self->own.exit_count == r->exit &&
	       (state_of(r) == REG_REQUEST_DONE || r->missed >= MISSED_MAX);
}

void reg_request_serve(struct vp *target)
{
	u64 began = port_tsc();

	do {
		struct reg_request *r;

		if (target->own.serving == NULL) {
			target->own.serving = take(target);
		}
		if (target->own.serving == NULL) {
			return;
		}
		r = &target->own.serving->shared.request;
		target->own.serving = r->next;
		reg_job_run(&r->job, target, 0);
		published_update(target);
		done(r);
	} while (!budget_spent(target, began));
	/* the rest is served after other VPs had their turn */
	vp_post(target, VP_EVENT_REGISTERS);
}

static void refuse(struct vp *list)
{
	while (list != NULL) {
		struct reg_request *r = &list->shared.request;

		list = r->next;
		r->job.done = 0;
		r->job.status = HV_STATUS_INVALID_VP_STATE;
		done(r);
	}
}

void reg_request_refuse(struct vp *target)
{
	refuse(take(target));
}

void reg_request_stop(struct vp *target)
{
	refuse(target->own.serving);
	target->own.serving = NULL;
	reg_request_refuse(target);
}
