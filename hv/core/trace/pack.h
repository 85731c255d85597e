/* SPDX-License-Identifier: MIT */
/*
 * Makes trace records small: of each record only what differs from what the
 * records before it let expect. Host programs unpack with the same expectation.
 *
 * A packed record is a byte of PACK_* bits and, in the order of these bits, the
 * fields that they name; the TSC's difference to the record before stands after
 * the event. Numbers are in groups of seven bits, lowest group first, and bit 7
 * says that another group follows. Differences of a0, of a1 and of the halves
 * of a2 wrap around and are zigzag coded: 0, -1, 1, -2, ...
 */
#ifndef HV_CORE_TRACE_PACK_H
#define HV_CORE_TRACE_PACK_H

#include "base/bits.h"
#include "base/types.h"
#include "trace.h"

#define PACK_EVENT   BIT(0) /* a byte: not the event that followed last time */
#define PACK_FLAGS   BIT(1) /* a byte */
#define PACK_VP      BIT(2) /* two bytes, little endian */
#define PACK_A0      BIT(3) /* a difference of 32 bits */
#define PACK_A1      BIT(4) /* of 64 bits */
#define PACK_A2_LOW  BIT(5) /* of 32 bits */
#define PACK_A2_HIGH BIT(6) /* of 32 bits */
#define PACK_AFTER                                                             \
	BIT(7) /* expected is what came after such a record last               \
		  time; else the last record of the event */

#define PACK_RECORD_MAX 40 /* bytes of a packed record */
#define PACK_SLOTS      32

/* What the next record is expected to be; all zero at first. */
struct pack {
	struct trace_record last[PACK_SLOTS];  /* by event */
	struct trace_record after[PACK_SLOTS]; /* by the record before, too */
	u8 next[PACK_SLOTS]; /* by event: the event that followed it */
	struct trace_record before;
};

static inline u8 pack_expected_event(const struct pack *p)
{
	return p->next[p->before.event % PACK_SLOTS];
}

/* The slot of an event that comes after the record before: any hash does. */
static inline u32 pack_slot(const struct pack *p, u8 event)
{
	u64 a1 = p->before.a1;

	return (u32)(event + 3u * p->before.event + 7 * (a1 ^ a1 >> 16)) %
	       PACK_SLOTS;
}

static inline const struct trace_record *pack_expected(const struct pack *p,
						       u8 event, bool after)
{
	return after ? &p->after[pack_slot(p, event)]
		     : &p->last[event % PACK_SLOTS];
}

static inline void pack_learn(struct pack *p, const struct trace_record *r)
{
	p->next[p->before.event % PACK_SLOTS] = r->event;
	p->after[pack_slot(p, r->event)] = *r;
	p->last[r->event % PACK_SLOTS] = *r;
	p->before = *r;
}

/* Forgets all records: the next one is packed as the first. */
void pack_start(struct pack *p);

/* Packs a record; returns its bytes. */
size_t pack_record(struct pack *p, const struct trace_record *r,
		   u8 to[PACK_RECORD_MAX]);

#endif
