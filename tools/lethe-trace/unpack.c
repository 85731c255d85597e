/* SPDX-License-Identifier: MIT */
/* A record from its bits and differences. All input is checked. */
#include "unpack.h"

#define NUMBER_MAX 10 /* bytes of a number of 64 bits */

static bool take_byte(struct unpack *u, u8 *byte)
{
	if (u->left == 0) {
		return false;
	}
	*byte = *u->at;
	u->at++;
	u->left--;
	return true;
}

static bool take_number(struct unpack *u, u64 *number)
{
	u8 byte;

	*number = 0;
	for (u32 i = 0; i < NUMBER_MAX; i++) {
		if (!take_byte(u, &byte)) {
			return false;
		}
		*number |= (u64)(byte & 0x7f) << 7 * i;
		if ((byte & 0x80) == 0) {
			return true;
		}
	}
	return false;
}

/* Adds the difference that comes next to `*value`, if the record has it. */
static bool take_difference(struct unpack *u, bool has, u64 *value)
{
	u64 coded;

	if (!has) {
		return true;
	}
	if (!take_number(u, &coded)) {
		return false;
	}
	*value += coded >> 1 ^ ((coded & 1) ? ~0ull : 0);
	return true;
}

static bool take_head(struct unpack *u, u8 *bits, u8 *event, u64 *ticks)
{
	if (!take_byte(u, bits)) {
		return false;
	}
	*event = pack_expected_event(&u->pack);
	return (!(*bits & PACK_EVENT) || take_byte(u, event)) &&
	       take_number(u, ticks);
}

static bool take_small(struct unpack *u, u8 bits, struct trace_record *record)
{
	u8 low;
	u8 high;

	if ((bits & PACK_FLAGS) && !take_byte(u, &record->flags)) {
		return false;
	}
	if (bits & PACK_VP) {
		if (!take_byte(u, &low) || !take_byte(u, &high)) {
			return false;
		}
		record->vp = (u16)(low | high << 8);
	}
	return true;
}

static bool take_words(struct unpack *u, u8 bits, struct trace_record *record)
{
	u64 a0 = record->a0;
	u64 low = (u32)record->a2;
	u64 high = record->a2 >> 32;

	if (!take_difference(u, bits & PACK_A0, &a0) ||
	    !take_difference(u, bits & PACK_A1, &record->a1) ||
	    !take_difference(u, bits & PACK_A2_LOW, &low) ||
	    !take_difference(u, bits & PACK_A2_HIGH, &high)) {
		return false;
	}
	record->a0 = (u32)a0;
	record->a2 = (u32)low | high << 32;
	return true;
}

bool unpack_record(struct unpack *u, struct trace_record *record)
{
	u64 ticks;
	u8 event;
	u8 bits;

	if (!take_head(u, &bits, &event, &ticks)) {
		return false;
	}
	*record = *pack_expected(&u->pack, event, (bits & PACK_AFTER) != 0);
	record->event = event;
	record->tsc = u->pack.before.tsc + ticks;
	if (!take_small(u, bits, record) || !take_words(u, bits, record)) {
		return false;
	}
	pack_learn(&u->pack, record);
	return true;
}
