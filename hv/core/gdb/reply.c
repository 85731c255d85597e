/* SPDX-License-Identifier: MIT */
/* The other direction of the framing. */
#include "core/gdb/reply.h"

#define FRAME_END 3u /* '#' and two digits */

static const char digits[] = "0123456789abcdef";

u32 gdb_reply_room(const struct gdb_reply *r)
{
	u32 body = r->len - r->begin;
	u32 room = GDB_REPLY_SIZE - FRAME_END - r->len;

	return room < GDB_PACKET_MAX - body ? room : GDB_PACKET_MAX - body;
}

void gdb_reply_char(struct gdb_reply *r, char c)
{
	if (gdb_reply_room(r) > 0) {
		r->text[r->len++] = c;
	}
}

void gdb_reply_begin(struct gdb_reply *r)
{
	/* what was sent is kept until then, for GDB_INPUT_NAK */
	if (r->sent == r->len) {
		r->sent = 0;
		r->len = 0;
	}
	r->text[r->len++] = '$';
	r->begin = r->len;
}

void gdb_reply_cancel(struct gdb_reply *r)
{
	r->len = r->begin - 1;
}

void gdb_reply_end(struct gdb_reply *r)
{
	u8 sum = 0;

	for (u32 i = r->begin; i < r->len; i++) {
		sum = (u8)(sum + (u8)r->text[i]);
	}
	r->text[r->len++] = '#';
	r->text[r->len++] = digits[sum >> 4];
	r->text[r->len++] = digits[sum & 0xf];
}

void gdb_reply_text(struct gdb_reply *r, const char *text)
{
	for (; *text != 0; text++) {
		gdb_reply_char(r, *text);
	}
}

void gdb_reply_bytes(struct gdb_reply *r, const void *bytes, size_t len)
{
	const u8 *from = bytes;

	for (size_t i = 0; i < len && gdb_reply_room(r) >= 2; i++) {
		gdb_reply_char(r, digits[from[i] >> 4]);
		gdb_reply_char(r, digits[from[i] & 0xf]);
	}
}

void gdb_reply_text_bytes(struct gdb_reply *r, const char *text)
{
	for (; *text != 0; text++) {
		gdb_reply_bytes(r, text, 1);
	}
}

void gdb_reply_number(struct gdb_reply *r, u64 number)
{
	int shift = 60;

	while (shift > 0 && number >> shift == 0) {
		shift -= 4;
	}
	for (; shift >= 0; shift -= 4) {
		gdb_reply_char(r, digits[number >> shift & 0xf]);
	}
}

void gdb_reply_raw(struct gdb_reply *r, char c)
{
	if (c != '$' && c != '#' && c != GDB_ESCAPE && c != '*') {
		gdb_reply_char(r, c);
	} else if (gdb_reply_room(r) >= 2) {
		gdb_reply_char(r, GDB_ESCAPE);
		gdb_reply_char(r, (char)(c ^ GDB_ESCAPE_XOR));
	}
}
