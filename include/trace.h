/* SPDX-License-Identifier: MIT */
/*
 * A record of the trace: one fixed form for all events, little endian. What
 * a0, a1 and a2 hold depends on the event: docs/trace.md.
 */
#ifndef TRACE_H
#define TRACE_H

#include "base/types.h"

/* generated: events, from include/trace.toml */
enum trace_event {
	TRACE_EXIT = 1,
	TRACE_KICK = 2,
	TRACE_FLUSH = 3,
	TRACE_WAITED = 4,
	TRACE_DRAINED = 5,
	TRACE_INHIBIT_SET = 6,
	TRACE_INHIBIT_CLEAR = 7,
	TRACE_SUSPEND = 8,
	TRACE_WAKE = 9,
	TRACE_REISSUE = 10,
	TRACE_INJECT = 11,
	TRACE_FILL = 12,
	TRACE_SWITCH = 13,
	TRACE_STATE = 14,
	TRACE_START = 15,
	TRACE_STOP = 16,
	TRACE_MARK = 17,
	TRACE_LOST = 18,
	TRACE_USE = 19,
	TRACE_FINDING = 20,
	TRACE_EVENT_COUNT,
};
/* end: events */

struct trace_record {
	u64 tsc;  /* of the CPU that wrote it */
	u8 event; /* enum trace_event; 0: never written */
	u8 flags;
	u16 vp; /* partition << 12 | VP index; TRACE_NO_VP: none */
	union {
		u32 a0;
		u16 row; /* TRACE_EXIT: slot << 8 */
	};
	u64 a1;
	union {
		u64 a2;
		struct {
			u32 status; /* TRACE_EXIT */
			u32 ticks;
		};
	};
};

_Static_assert(sizeof(struct trace_record) == 32, "the form of the dump");
_Static_assert(TRACE_EVENT_COUNT <= 256, "an event is one byte");

#define TRACE_NO_VP   0xffffu
#define TRACE_NOT_YET 0xffffffffu /* a status or a number of ticks */

#endif
