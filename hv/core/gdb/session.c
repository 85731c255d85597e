/* SPDX-License-Identifier: MIT */
/* Handlers of packets that are not queries; core/gdb/query.c has those. */
#include "core/gdb/session.h"

#include "core/gdb/access.h"
#include "core/gdb/job.h"
#include "core/gdb/link.h"
#include "core/gdb/query.h"
#include "core/gdb/reason.h"
#include "core/gdb/run.h"
#include "core/lifecycle/stop.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define KILLED 129

/* ---- state ---- */

static enum gdb_answer why(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	gdb_run_forget_end(s);
	if (s->phase == GDB_STOPPED || s->phase == GDB_ENDED) {
		gdb_reason_put(s);
		return GDB_ANSWERED;
	}
	s->asked = true;
	if (s->phase == GDB_RUNNING) {
		gdb_run_stop(s, GDB_SIGNAL_TRAP);
	}
	return GDB_SILENT;
}

static enum gdb_answer set_thread(struct gdb_stub *s, struct gdb_text *t)
{
	bool general = gdb_text_char(t, 'g');
	struct gdb_id id;
	struct vp *vp;

	if ((!general && !gdb_text_char(t, 'c')) || !gdb_text_id(t, &id)) {
		return gdb_stub_error(s, E_FORM);
	}
	vp = gdb_stub_vp(s, id.thread);
	if (vp == NULL && id.thread != GDB_ID_ANY && id.thread != GDB_ID_ALL) {
		return gdb_stub_error(s, E_VALUE);
	}
	if (!general) {
		s->stepper = vp;
	} else if (vp != NULL) {
		s->current = vp;
	}
	return gdb_stub_ok(s);
}

static enum gdb_answer is_alive(struct gdb_stub *s, struct gdb_text *t)
{
	struct gdb_id id;

	if (!gdb_text_id(t, &id) || gdb_stub_vp(s, id.thread) == NULL ||
	    s->phase == GDB_ENDED) {
		return gdb_stub_error(s, E_VALUE);
	}
	return gdb_stub_ok(s);
}

static enum gdb_answer detach(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	gdb_run_detach(s);
	return gdb_stub_ok(s);
}

static enum gdb_answer kill(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	s->killed = partition_stop(s->partition, KILLED, "debugger");
	return GDB_SILENT;
}

/* ---- running ---- */

static enum gdb_answer go(struct gdb_stub *s, struct gdb_text *t, bool step,
			  bool has_signal)
{
	u64 signal;

	if ((has_signal && !gdb_text_hex(t, &signal)) || t->len != 0) {
		return gdb_stub_error(s, E_FORM); /* from another address */
	}
	return s->phase == GDB_STOPPED ? gdb_run_all(s, step)
				       : gdb_run_refuse(s);
}

static enum gdb_answer go_on(struct gdb_stub *s, struct gdb_text *t)
{
	return go(s, t, false, false);
}

static enum gdb_answer go_on_signal(struct gdb_stub *s, struct gdb_text *t)
{
	return go(s, t, false, true);
}

static enum gdb_answer step(struct gdb_stub *s, struct gdb_text *t)
{
	return go(s, t, true, false);
}

static enum gdb_answer step_signal(struct gdb_stub *s, struct gdb_text *t)
{
	return go(s, t, true, true);
}

static enum gdb_answer verbose(struct gdb_stub *s, struct gdb_text *t)
{
	if (gdb_text_word(t, "Cont?")) {
		gdb_reply_text(&s->reply, "vCont;c;C;s;S");
		return GDB_ANSWERED;
	}
	if (gdb_text_word(t, "Cont")) {
		return s->phase == GDB_STOPPED ? gdb_run_vcont(s, t)
					       : gdb_run_refuse(s);
	}
	if (gdb_text_word(t, "Kill;")) {
		(void)kill(s, t);
		return gdb_stub_ok(s);
	}
	return GDB_ANSWERED;
}

/* ---- registers ---- */

static enum gdb_answer get_all(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	if (!gdb_job_see(s)) {
		return GDB_AGAIN;
	}
	if (s->seen == NULL) {
		return gdb_stub_error(s, E_VALUE);
	}
	gdb_registers_put_all(&s->reply, &gdb_link.job.registers);
	return GDB_ANSWERED;
}

static enum gdb_answer get_one(struct gdb_stub *s, struct gdb_text *t)
{
	u64 n;

	if (!gdb_job_see(s)) {
		return GDB_AGAIN;
	}
	if (s->seen == NULL || !gdb_text_hex(t, &n) ||
	    !gdb_registers_put(&s->reply, &gdb_link.job.registers, n)) {
		return gdb_stub_error(s, E_VALUE);
	}
	return GDB_ANSWERED;
}

/* `take` gets the new values from the packet. */
static enum gdb_answer set(struct gdb_stub *s, struct gdb_text *t,
			   bool (*take)(struct gdb_text *t,
					struct gdb_registers *to))
{
	struct gdb_job *job = &gdb_link.job;

	if (s->writing) {
		s->writing = false;
		return job->refused == 0 ? gdb_stub_ok(s)
					 : gdb_stub_error(s, E_VALUE);
	}
	if (!gdb_job_see(s)) {
		return GDB_AGAIN;
	}
	if (s->seen == NULL) {
		return gdb_stub_error(s, E_VALUE);
	}
	job->wanted = job->registers;
	if (!take(t, &job->wanted)) {
		return gdb_stub_error(s, E_FORM);
	}
	s->writing = true;
	gdb_job_start(s, s->current, true);
	return GDB_AGAIN;
}

static bool take_one(struct gdb_text *t, struct gdb_registers *to)
{
	u64 n;

	return gdb_text_hex(t, &n) && gdb_text_char(t, '=') &&
	       gdb_registers_take(t, to, n);
}

static enum gdb_answer set_all(struct gdb_stub *s, struct gdb_text *t)
{
	return set(s, t, gdb_registers_take_all);
}

static enum gdb_answer set_one(struct gdb_stub *s, struct gdb_text *t)
{
	return set(s, t, take_one);
}

/* ---- breakpoints ---- */

static enum gdb_answer point(struct gdb_stub *s, struct gdb_text *t,
			     enum gdb_answer (*fn)(struct gdb_stub *s,
						   struct gdb_text *t))
{
	if (s->phase == GDB_STOPPED) {
		return fn(s, t);
	}
	/* GDB has to come to `continue`, which is told of the end */
	return s->untold ? gdb_stub_ok(s) : gdb_stub_error(s, E_VALUE);
}

static enum gdb_answer put_point(struct gdb_stub *s, struct gdb_text *t)
{
	return point(s, t, gdb_access_put_point);
}

static enum gdb_answer take_point(struct gdb_stub *s, struct gdb_text *t)
{
	return point(s, t, gdb_access_take_point);
}

/* ---- the table ---- */

static const struct {
	char letter;
	bool stopped; /* only while the partition is */
	enum gdb_answer (*fn)(struct gdb_stub *s, struct gdb_text *t);
} packets[] = {
	/* clang-format off */
	{'?', false, why},
	{'H', false, set_thread},
	{'T', false, is_alive},
	{'q', false, gdb_query},
	{'Q', false, gdb_query},
	{'v', false, verbose},
	{'D', false, detach},
	{'k', false, kill},
	{'c', false, go_on},
	{'C', false, go_on_signal},
	{'s', false, step},
	{'S', false, step_signal},
	{'g', true, get_all},
	{'G', true, set_all},
	{'p', true, get_one},
	{'P', true, set_one},
	{'m', true, gdb_access_read},
	{'M', true, gdb_access_write},
	{'X', true, gdb_access_write_binary},
	{'Z', false, put_point},
	{'z', false, take_point},
	/* clang-format on */
};

static enum gdb_answer dispatch(struct gdb_stub *s)
{
	struct gdb_text t = {s->packet.body, s->packet.len};

	for (u32 i = 0; i < ARRAY_SIZE(packets); i++) {
		if (!gdb_text_char(&t, packets[i].letter)) {
			continue;
		}
		if (packets[i].stopped && s->phase != GDB_STOPPED) {
			return gdb_stub_error(s, E_VALUE);
		}
		return packets[i].fn(s, &t);
	}
	return GDB_ANSWERED;
}

void gdb_session_answer(struct gdb_stub *s)
{
	enum gdb_answer answer;

	gdb_reply_begin(&s->reply);
	answer = dispatch(s);
	s->again = answer == GDB_AGAIN || answer == GDB_MORE;
	if (answer == GDB_ANSWERED || answer == GDB_MORE) {
		gdb_reply_end(&s->reply);
	} else {
		gdb_reply_cancel(&s->reply);
	}
}
