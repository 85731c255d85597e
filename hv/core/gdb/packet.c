/* SPDX-License-Identifier: MIT */
/*
 * The framing. A '$' always begins a packet, so that the stub finds back after
 * a GDB that went away in the middle of one.
 */
#include "core/gdb/packet.h"

#include "common/lib/digit.h"

#define INTERRUPT 0x03

static void begin(struct gdb_packet *p)
{
	p->state = GDB_BODY;
	p->is_bad = false;
	p->sum = 0;
	p->len = 0;
}

static enum gdb_input between(struct gdb_packet *p, u8 byte)
{
	switch (byte) {
	case '$':
		begin(p);
		return GDB_INPUT_NONE;
	case INTERRUPT:
		return GDB_INPUT_INTERRUPT;
	case '+':
		return GDB_INPUT_ACK;
	case '-':
		return GDB_INPUT_NAK;
	default:
		return GDB_INPUT_NONE;
	}
}

static void keep(struct gdb_packet *p, u8 byte)
{
	if (p->len >= GDB_PACKET_MAX) {
		p->is_bad = true;
		return;
	}
	p->body[p->len++] = (char)byte;
}

static void body(struct gdb_packet *p, u8 byte)
{
	if (byte == '$') {
		begin(p);
	} else if (byte == '#') {
		p->state = GDB_SUM_HIGH;
	} else {
		p->sum = (u8)(p->sum + byte);
		if (byte == GDB_ESCAPE) {
			p->state = GDB_ESCAPED;
		} else {
			keep(p, byte);
		}
	}
}

/* The end of the sum: the packet is complete. */
static enum gdb_input end(struct gdb_packet *p, u32 low)
{
	p->state = GDB_BETWEEN;
	p->body[p->len] = 0;
	if (low == DIGIT_NONE || (p->given | (u8)low) != p->sum || p->is_bad) {
		return GDB_INPUT_BAD;
	}
	return GDB_INPUT_PACKET;
}

enum gdb_input gdb_packet_byte(struct gdb_packet *p, u8 byte)
{
	u32 digit = digit_value((char)byte);

	switch (p->state) {
	case GDB_BETWEEN:
		return between(p, byte);
	case GDB_BODY:
		body(p, byte);
		break;
	case GDB_ESCAPED:
		p->sum = (u8)(p->sum + byte);
		keep(p, byte ^ GDB_ESCAPE_XOR);
		p->state = GDB_BODY;
		break;
	case GDB_SUM_HIGH:
		p->is_bad |= digit == DIGIT_NONE;
		p->given = (u8)(digit << 4);
		p->state = GDB_SUM_LOW;
		break;
	case GDB_SUM_LOW:
		return end(p, digit);
	}
	return GDB_INPUT_NONE;
}
