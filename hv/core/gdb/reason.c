/* SPDX-License-Identifier: MIT */
/* What GDB is told of a stop. */
#include "core/gdb/reason.h"

#include "common/lib/text.h"
#include "core/gdb/link.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

static const struct {
	const char *word; /* NULL: a signal alone */
	bool has_address;
} reasons[] = {
	[GDB_STOP_NONE] = {NULL, false},
	[GDB_STOP_BREAK] = {"swbreak:", false},
	[GDB_STOP_EXECUTE] = {"hwbreak:", false},
	[GDB_STOP_WRITE] = {"watch:", true},
	[GDB_STOP_ACCESS] = {"awatch:", true},
	[GDB_STOP_STEP] = {NULL, false},
	[GDB_STOP_SUSPENDED] = {NULL, false},
};

void gdb_reason_put_exit(struct gdb_stub *s)
{
	u8 code = (u8)s->partition->exit_code;

	gdb_reply_char(&s->reply, 'W');
	gdb_reply_bytes(&s->reply, &code, 1);
	if (s->names_processes) {
		gdb_reply_text(&s->reply, ";process:");
		gdb_reply_number(&s->reply, s->partition->number + 1ull);
	}
}

void gdb_reason_put(struct gdb_stub *s)
{
	struct gdb_reply *r = &s->reply;
	u8 signal = (u8)(s->reported != NULL ? GDB_SIGNAL_TRAP : s->signal);
	const struct vp *vp = s->reported != NULL ? s->reported : s->current;

	if (s->phase == GDB_ENDED) {
		gdb_reason_put_exit(s);
		return;
	}
	gdb_reply_char(r, 'T');
	gdb_reply_bytes(r, &signal, 1);
	gdb_reply_text(r, "thread:");
	gdb_stub_put_id(s, vp);
	gdb_reply_text(r, ";core:");
	gdb_reply_number(r, vp->cpu->number);
	gdb_reply_char(r, ';');
	if (reasons[s->why].word != NULL && !s->is_offset) {
		gdb_reply_text(r, reasons[s->why].word);
		if (reasons[s->why].has_address) {
			gdb_reply_number(r, s->address);
		}
		gdb_reply_char(r, ';');
	}
}

/* Output of the target, which GDB prints, before the stop reply. */
static void say_suspended(struct gdb_stub *s)
{
	const struct vp *target = s->reported->own.waits_for;
	struct gdb_reply *r = &s->reply;

	gdb_reply_begin(r);
	gdb_reply_char(r, 'O');
	gdb_reply_text_bytes(r, "The call has suspended the VP: a target ");
	gdb_reply_text_bytes(r, target == NULL ? "was" : "is");
	gdb_reply_text_bytes(r, " inhibited. It makes the call again when "
				"the inhibit has ended.\n");
	gdb_reply_end(r);
}

/* GDB looks for breakpoints at RIP only. */
static void say_linear(struct gdb_stub *s)
{
	struct gdb_reply *r = &s->reply;
	char hex[20];
	struct text t = text_start(hex, sizeof(hex));

	text_hex(&t, s->address);
	gdb_reply_begin(r);
	gdb_reply_char(r, 'O');
	gdb_reply_text_bytes(r, "A breakpoint at linear address ");
	gdb_reply_text_bytes(r, hex);
	gdb_reply_text_bytes(r, "; $rip is the offset in CS.\n");
	gdb_reply_end(r);
}

void gdb_reason_say(struct gdb_stub *s)
{
	if (s->why == GDB_STOP_SUSPENDED) {
		say_suspended(s);
	} else if (s->is_offset) {
		say_linear(s);
	}
}
