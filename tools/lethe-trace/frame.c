/* SPDX-License-Identifier: MIT */
/*
 * A frame is valid if base64 of the right length stands between its marks and
 * the checksum agrees. After an invalid one the search goes on after its first
 * mark, so that a frame that begins inside it is found.
 */
#include "frame.h"

#include <string.h>

#include "common/lib/bytes.h"
#include "common/lib/crc32.h"

#define MARK       (sizeof(DUMP_MARK) - 1)
#define RAW_MAX    (DUMP_HEADER + sizeof(((struct frame *)0)->payload) + DUMP_CRC)
#define DIGITS_MAX (RAW_MAX / 3 * 4)

static int digit_of(char c)
{
	if (c >= 'A' && c <= 'Z') {
		return c - 'A';
	}
	if (c >= 'a' && c <= 'z') {
		return c - 'a' + 26;
	}
	if (c >= '0' && c <= '9') {
		return c - '0' + 52;
	}
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/*
 * Decodes the base64 digits at the start of `text`; returns how many there are,
 * at most DIGITS_MAX, and the bytes of the whole ones in `*len`.
 */
static size_t decode(const char *text, size_t room, u8 raw[RAW_MAX],
		     size_t *len)
{
	size_t count = 0;
	u32 bits = 0;

	*len = 0;
	while (count < room && count < DIGITS_MAX &&
	       digit_of(text[count]) >= 0) {
		bits = bits << 6 | (u32)digit_of(text[count]);
		if (count % 4 != 0) {
			raw[*len] = (u8)(bits >> (6 - 2 * (count % 4)));
			++*len;
		}
		count++;
	}
	return count;
}

static bool is_kind(char c)
{
	return c == DUMP_BEGIN || c == DUMP_RECORDS || c == DUMP_END;
}

/* The frame whose mark is at `text`. */
static bool read_frame(const char *text, size_t room, struct frame *frame)
{
	u8 raw[RAW_MAX];
	size_t len;
	size_t digits;
	u8 kind;

	if (room < MARK + 1 || !is_kind(text[MARK])) {
		return false;
	}
	kind = (u8)text[MARK];
	text += MARK + 1;
	room -= MARK + 1;
	digits = decode(text, room, raw, &len);
	if (digits == room || text[digits] != DUMP_END_MARK ||
	    len < DUMP_HEADER + DUMP_CRC || bytes_number(raw, 2) != len) {
		return false;
	}
	len -= DUMP_CRC;
	if (crc32_add(crc32_add(0, &kind, 1), raw, len) !=
	    bytes_number(&raw[len], DUMP_CRC)) {
		return false;
	}
	*frame = (struct frame){
		.kind = (enum dump_kind)kind,
		.cpu = (u16)bytes_number(&raw[2], 2),
		.records = (u16)bytes_number(&raw[4], 2),
		.stream = (u32)bytes_number(&raw[8], 4),
		.seq = (u32)bytes_number(&raw[12], 4),
		.len = len - DUMP_HEADER,
	};
	memcpy(frame->payload, &raw[DUMP_HEADER], frame->len);
	return true;
}

bool frame_next(struct frame_finder *f, struct frame *frame)
{
	while (f->at < f->len) {
		const char *found = memmem(&f->bytes[f->at], f->len - f->at,
					   DUMP_MARK, MARK);

		if (found == NULL) {
			f->at = f->len;
			return false;
		}
		f->at = (size_t)(found - f->bytes) + MARK;
		if (read_frame(found, f->len - (size_t)(found - f->bytes),
			       frame)) {
			return true;
		}
		f->damaged++;
	}
	return false;
}
