/* SPDX-License-Identifier: MIT */
/*
 * The table, and the packets about registers. Names and types are those of the
 * GDB manual, "i386 Features"; the order inside a feature is GDB's choice of
 * numbers only for a target without a description, so it is ours here.
 */
#include "core/gdb/registers.h"

#include "common/lib/mem.h"
#include "core/gdb/register_table.h"

static u32 bytes_of(const struct gdb_register *row)
{
	return row->bits / 8;
}

static void put(struct gdb_reply *r, const struct gdb_registers *regs, u32 n)
{
	gdb_reply_bytes(r, regs->value[n], bytes_of(&gdb_register_table[n]));
}

bool gdb_registers_put(struct gdb_reply *r, const struct gdb_registers *regs,
		       u64 n)
{
	if (n >= GDB_REGISTERS) {
		return false;
	}
	put(r, regs, (u32)n);
	return true;
}

void gdb_registers_put_all(struct gdb_reply *r,
			   const struct gdb_registers *regs)
{
	for (u32 n = 0; n < GDB_REGISTERS; n++) {
		put(r, regs, n);
	}
}

bool gdb_registers_take(struct gdb_text *t, struct gdb_registers *regs, u64 n)
{
	return n < GDB_REGISTERS &&
	       gdb_text_bytes(t, regs->value[n],
			      bytes_of(&gdb_register_table[n])) &&
	       t->len == 0;
}

bool gdb_registers_take_all(struct gdb_text *t, struct gdb_registers *regs)
{
	for (u32 n = 0; n < GDB_REGISTERS; n++) {
		if (!gdb_text_bytes(t, regs->value[n],
				    bytes_of(&gdb_register_table[n]))) {
			return false;
		}
	}
	return t->len == 0;
}

u64 gdb_registers_rip(const struct gdb_registers *regs)
{
	u64 rip;

	memcpy(&rip, regs->value[GDB_REGISTER_RIP], sizeof(rip));
	return rip;
}

/* ---- the target description ---- */

/* A window of the text, of which only that part is sent. */
struct window {
	struct gdb_reply *reply;
	u64 at; /* characters so far */
	u64 from;
	u64 to;
	bool is_cut;
};

static void say(struct window *w, const char *text)
{
	for (; *text != 0; text++, w->at++) {
		/* a character may need two bytes */
		if (w->at >= w->to || gdb_reply_room(w->reply) < 2) {
			w->is_cut = true;
			return;
		}
		if (w->at >= w->from) {
			gdb_reply_raw(w->reply, *text);
		}
	}
}

static void say_bits(struct window *w, u32 bits)
{
	char text[] = {(char)('0' + bits / 100), (char)('0' + bits / 10 % 10),
		       (char)('0' + bits % 10), 0};

	say(w, bits >= 100 ? text : text + 1);
}

static void say_register(struct window *w, const struct gdb_register *row)
{
	say(w, "<reg name=\"");
	say(w, row->name);
	say(w, "\" bitsize=\"");
	say_bits(w, row->bits);
	if (row->type != NULL) {
		say(w, "\" type=\"");
		say(w, row->type);
	}
	say(w, "\"/>");
}

bool gdb_registers_describe(struct gdb_reply *r, u64 offset, u64 len)
{
	u64 to = offset + len < offset ? ~0ull : offset + len;
	struct window w = {.reply = r, .from = offset, .to = to};

	say(&w, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM "
		"\"gdb-target.dtd\"><target>"
		"<architecture>i386:x86-64</architecture>");
	for (u32 n = 0; n < GDB_REGISTERS && !w.is_cut; n++) {
		const struct gdb_register *row = &gdb_register_table[n];

		if (row->feature != NULL) {
			say(&w, n == 0 ? "" : "</feature>");
			say(&w, row->feature);
		}
		say_register(&w, row);
	}
	say(&w, "</feature></target>");
	return !w.is_cut;
}
