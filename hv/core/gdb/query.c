/* SPDX-License-Identifier: MIT */
/* One table of queries by name. */
#include "core/gdb/query.h"

#include "core/events/hold.h"
#include "core/gdb/breakpoints.h"
#include "core/gdb/monitor.h"
#include "core/gdb/registers.h"
#include "core/gdb/run.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define MONITOR_MAX 200

/* ---- the session ---- */

static bool contains(const struct gdb_text *t, const char *word)
{
	for (struct gdb_text rest = *t; rest.len > 0; rest.at++, rest.len--) {
		struct gdb_text here = rest;

		if (gdb_text_word(&here, word)) {
			return true;
		}
	}
	return false;
}

/*
 * The first packet of a GDB. It knows nothing of an earlier one, which may have
 * gone without a word.
 */
static enum gdb_answer supported(struct gdb_stub *s, struct gdb_text *t)
{
	if (s->no_acks) {
		s->no_acks = false;
		s->ack = '+';
	}
	s->names_processes = contains(t, "multiprocess+");
	s->physical = false;
	s->asked = false;
	gdb_run_forget_end(s);
	s->stepper = NULL;
	s->sweep = s->phase != GDB_STOPPED;
	if (s->phase == GDB_STOPPED) {
		gdb_breakpoints_clear(s->partition);
	}
	gdb_reply_text(&s->reply, "PacketSize=");
	gdb_reply_number(&s->reply, GDB_PACKET_MAX);
	gdb_reply_text(&s->reply,
		       ";multiprocess+;QStartNoAckMode+;swbreak+;hwbreak+;"
		       "vContSupported+;qXfer:features:read+");
	return GDB_ANSWERED;
}

static enum gdb_answer no_acks(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	s->no_acks = true;
	return gdb_stub_ok(s);
}

static enum gdb_answer ok(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	return gdb_stub_ok(s);
}

/* GDB detaches when it ends, instead of killing. */
static enum gdb_answer attached(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	gdb_reply_char(&s->reply, '1');
	return GDB_ANSWERED;
}

/* "offset,length" of the target description. */
static enum gdb_answer features(struct gdb_stub *s, struct gdb_text *t)
{
	struct gdb_reply *r = &s->reply;
	u64 offset;
	u64 len;

	if (!gdb_text_hex(t, &offset) || !gdb_text_char(t, ',') ||
	    !gdb_text_hex(t, &len)) {
		return gdb_stub_error(s, 1);
	}
	gdb_reply_char(r, 'm');
	if (gdb_registers_describe(r, offset, len)) {
		r->text[r->begin] = 'l';
	}
	return GDB_ANSWERED;
}

/* ---- threads ---- */

static enum gdb_answer threads(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	for (u32 i = 0; i < s->partition->vp_count; i++) {
		gdb_reply_char(&s->reply, i == 0 ? 'm' : ',');
		gdb_stub_put_id(s, s->partition->vps[i]);
	}
	return GDB_ANSWERED;
}

static enum gdb_answer no_more_threads(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	gdb_reply_char(&s->reply, 'l');
	return GDB_ANSWERED;
}

static enum gdb_answer current(struct gdb_stub *s, struct gdb_text *t)
{
	(void)t;
	gdb_reply_text(&s->reply, "QC");
	gdb_stub_put_id(s, s->current);
	return GDB_ANSWERED;
}

static const char *const states[] = {
	[VP_RUNNABLE] = "running",         [VP_HALTED] = "halted",
	[VP_WAIT_SIPI] = "waits for SIPI", [VP_SUSPENDED] = "suspended",
	[VP_STOPPED] = "stopped",
};

static void say_number(struct gdb_reply *r, const char *before, u32 number)
{
	char digits[12];
	u32 at = sizeof(digits) - 1;

	digits[at] = 0;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	gdb_reply_text_bytes(r, before);
	gdb_reply_text_bytes(r, digits + at);
}

/* A guess while the partition runs; true while it is stopped. */
static enum gdb_answer extra(struct gdb_stub *s, struct gdb_text *t)
{
	struct gdb_reply *r = &s->reply;
	const struct vp *target;
	struct gdb_id id;
	const struct vp *vp;

	if (!gdb_text_id(t, &id) || (vp = gdb_stub_vp(s, id.thread)) == NULL) {
		return gdb_stub_error(s, 1);
	}
	say_number(r, "vp ", vp->number);
	say_number(r, " cpu ", vp->cpu->number);
	gdb_reply_text_bytes(r, ": ");
	gdb_reply_text_bytes(
		r, states[__atomic_load_n(&vp->own.state, __ATOMIC_RELAXED)]);
	target = __atomic_load_n(&vp->own.waits_for, __ATOMIC_RELAXED);
	if (target != NULL) {
		say_number(r, " by the inhibit of vp ", target->number);
	}
	if (hold_owners(vp) & HOLD_CONSOLE) {
		gdb_reply_text_bytes(r, ", held by the console");
	}
	return GDB_ANSWERED;
}

/* ---- monitor ---- */

static enum gdb_answer say(struct gdb_stub *s, const char *text)
{
	gdb_reply_text_bytes(&s->reply, text);
	return GDB_ANSWERED;
}

static enum gdb_answer monitor(struct gdb_stub *s, struct gdb_text *t)
{
	char line[MONITOR_MAX];
	size_t len = t->len / 2;
	struct gdb_text words = {line, len};

	if (len > sizeof(line) || !gdb_text_bytes(t, line, len) ||
	    t->len != 0) {
		return gdb_stub_error(s, 1);
	}
	if (gdb_text_word(&words, "physical on") && words.len == 0) {
		s->physical = true;
		return say(s, "Addresses are guest-physical.\n");
	}
	if (gdb_text_word(&words, "physical off") && words.len == 0) {
		s->physical = false;
		return say(s, "Addresses are linear.\n");
	}
	return gdb_monitor(s, line, len);
}

/* ---- the table ---- */

static const struct {
	const char *name;
	enum gdb_answer (*fn)(struct gdb_stub *s, struct gdb_text *t);
} queries[] = {
	{"Supported", supported},
	{"StartNoAckMode", no_acks},
	{"Symbol:", ok},
	{"Attached", attached},
	{"Xfer:features:read:target.xml:", features},
	{"fThreadInfo", threads},
	{"sThreadInfo", no_more_threads},
	{"ThreadExtraInfo,", extra},
	{"Rcmd,", monitor},
	{"C", current}, /* after all longer names with a C */
};

enum gdb_answer gdb_query(struct gdb_stub *s, struct gdb_text *t)
{
	for (u32 i = 0; i < ARRAY_SIZE(queries); i++) {
		if (gdb_text_word(t, queries[i].name)) {
			return queries[i].fn(s, t);
		}
	}
	return GDB_ANSWERED;
}
