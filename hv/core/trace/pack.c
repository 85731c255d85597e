/* SPDX-License-Identifier: MIT */
/* Which fields of a record are written, and in how many bytes. */
#include "core/trace/pack.h"

#include "common/lib/mem.h"

struct writer {
	u8 *to;
	size_t len;
};

static void put_byte(struct writer *w, u8 byte)
{
	w->to[w->len] = byte;
	w->len++;
}

static void put_number(struct writer *w, u64 number)
{
	while (number > 0x7f) {
		put_byte(w, (u8)(0x80 | (number & 0x7f)));
		number >>= 7;
	}
	put_byte(w, (u8)number);
}

/* 0, -1, 1, -2, ... become 0, 1, 2, 3, ... */
static void put_difference(struct writer *w, u64 difference)
{
	put_number(w, difference << 1 ^ ((difference >> 63) ? ~0ull : 0));
}

static void put_difference32(struct writer *w, u32 value, u32 expected)
{
	put_difference(w, (u64)(s64)(int32_t)(value - expected));
}

static u32 low(u64 word)
{
	return (u32)word;
}

static u32 high(u64 word)
{
	return (u32)(word >> 32);
}

void pack_start(struct pack *p)
{
	memset(p, 0, sizeof(*p));
}

static u32 what_differs(const struct trace_record *r,
			const struct trace_record *e)
{
	return (u32)((r->flags != e->flags ? PACK_FLAGS : 0) |
		     (r->vp != e->vp ? PACK_VP : 0) |
		     (r->a0 != e->a0 ? PACK_A0 : 0) |
		     (r->a1 != e->a1 ? PACK_A1 : 0) |
		     (low(r->a2) != low(e->a2) ? PACK_A2_LOW : 0) |
		     (high(r->a2) != high(e->a2) ? PACK_A2_HIGH : 0));
}

/* Takes the expectation from which fewer fields differ. */
static u32 choose(const struct pack *p, const struct trace_record *r)
{
	u32 bits = what_differs(r, pack_expected(p, r->event, false));
	u32 after = what_differs(r, pack_expected(p, r->event, true));

	if (bits_count(after) < bits_count(bits)) {
		bits = after | (u32)PACK_AFTER;
	}
	return r->event != pack_expected_event(p) ? bits | (u32)PACK_EVENT
						  : bits;
}

static void put_fields(struct writer *w, u32 bits, const struct trace_record *r,
		       const struct trace_record *e)
{
	if (bits & PACK_FLAGS) {
		put_byte(w, r->flags);
	}
	if (bits & PACK_VP) {
		put_byte(w, (u8)r->vp);
		put_byte(w, (u8)(r->vp >> 8));
	}
	if (bits & PACK_A0) {
		put_difference32(w, r->a0, e->a0);
	}
	if (bits & PACK_A1) {
		put_difference(w, r->a1 - e->a1);
	}
	if (bits & PACK_A2_LOW) {
		put_difference32(w, low(r->a2), low(e->a2));
	}
	if (bits & PACK_A2_HIGH) {
		put_difference32(w, high(r->a2), high(e->a2));
	}
}

size_t pack_record(struct pack *p, const struct trace_record *r,
		   u8 to[PACK_RECORD_MAX])
{
	struct writer w = {.to = to};
	u32 bits = choose(p, r);

	put_byte(&w, (u8)bits);
	if (bits & PACK_EVENT) {
		put_byte(&w, r->event);
	}
	put_number(&w, r->tsc - p->before.tsc);
	put_fields(&w, bits, r,
		   pack_expected(p, r->event, (bits & PACK_AFTER) != 0));
	pack_learn(p, r);
	return w.len;
}
