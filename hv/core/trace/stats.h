/* SPDX-License-Identifier: MIT */
/*
 * Counts per VP: a log2 histogram of ticks, from an exit to the end of its
 * handler, for each slot; a slot is a call code or an exit reason. How often
 * something happened is the sum of its histogram. make HISTOGRAM=no leaves this
 * out.
 */
#ifndef HV_CORE_TRACE_STATS_H
#define HV_CORE_TRACE_STATS_H

#include "base/bits.h"
#include "core/port/port.h"
#include "core/state/vp.h"
#include "trace.h"
#include "x86/vmcs.h"

#if defined(LETHE_NO_TRACE) || defined(LETHE_NO_HISTOGRAM)
#define STATS_ON 0
#else
#define STATS_ON 1
#endif

/*
 * Slots: calls below STATS_CODES by their code, other calls of the table by
 * their row from there on, then the exit reasons, then one for all reasons that
 * are not known. VMCALL's own slot has the calls whose code is unknown.
 */
#define STATS_CODES   24u
#define STATS_CALLS   32u
#define STATS_OTHER   (STATS_CALLS + EXIT_REASON_COUNT)
#define STATS_SLOTS   (STATS_OTHER + 1)
#define STATS_BUCKETS 32u /* [2^n, 2^(n+1)) ticks; the first from 0 on */
#define STATS_ENDS    12u

_Static_assert(STATS_SLOTS <= 256, "a slot is one byte of a record");

/* Written by the VP's CPU; others read it, each word whole. */
struct stats {
	u64 ticks[STATS_SLOTS][STATS_BUCKETS];
	/* calls that did not end with SUCCESS: stats_end_of() */
	u64 ends[STATS_CALLS][STATS_ENDS];
	u64 reissues; /* of calls that were suspended */
	/* the console's: low halves of `ticks` when it looked last */
	u32 looked[STATS_SLOTS][STATS_BUCKETS];
};

static inline u64 stats_slot_of_exit(u64 reason)
{
	return reason < EXIT_REASON_COUNT ? STATS_CALLS + reason : STATS_OTHER;
}

/* The last exit of `vp` is a call that counts in `slot`. */
static inline void stats_is_call(struct vp *vp, u64 slot)
{
	if (STATS_ON) {
		((u8 *)&vp->own.exit_record->row)[1] = (u8)slot;
	}
}

/*
 * Counts the last exit of `vp`, whose handler has ended at the TSC `now`, and
 * completes its record. Ticks are those below 2^32. On the CPU of `vp`.
 */
static inline void stats_count(struct vp *vp, u64 now)
{
	struct trace_record *record;
	u64 *row;
	u32 ticks;

	if (STATS_ON) {
		record = vp->own.exit_record;
		ticks = (u32)now - (u32)record->tsc;
		record->ticks = ticks;
		/* slot << 8 is the offset of its histogram */
		row = (u64 *)((uintptr_t)vp->stats + record->row);
		row[port_log2(ticks | 1)]++;
	}
}

_Static_assert(STATS_BUCKETS * sizeof(u64) == 256, "row: slot << 8");
_Static_assert(__builtin_offsetof(struct stats, ticks) == 0, "stats_count()");

/* Ends of calls that no guest sees: as HC_SUSPEND and HC_AGAIN. */
#define STATS_SUSPENDED 0x10000u
#define STATS_AGAIN     0x10001u

/* The slot of a call of the table, which is below STATS_CALLS. */
u64 stats_slot_of_call(u16 code);

/* The code of a slot of one call; false for a slot of several. */
bool stats_code_of(u64 slot, u16 *code);

/*
 * A call has ended with `status`, or one of the ends above, but not with
 * SUCCESS. On the CPU of `vp`.
 */
void stats_end(struct vp *vp, u16 code, u32 status);

/*
 * A suspended call is about to be made again, or need not sleep at all. On the
 * CPU of `vp`. STATS_SUSPENDED less these: suspended now, or ended by an INIT
 * or by the partition's end.
 */
static inline void stats_reissue(struct vp *vp)
{
	if (STATS_ON) {
		vp->stats->reissues++;
	}
}

/* How many of these there were. Any CPU. */
u64 stats_reissues(const struct vp *vp);

/* The column of stats.ends for a status; STATS_ENDS - 1: any other. */
u32 stats_end_of(u32 status);

/* Forgets all counts of `vp`. On its CPU. */
void stats_reset(struct vp *vp);

/* What a column counts; false for that of any other status. */
bool stats_status_of(u32 column, u32 *status);

/* How many exits of `vp` count in `slot`. Any CPU. */
u64 stats_sum(const struct vp *vp, u64 slot);

/*
 * How many calls of a slot below STATS_CALLS ended as the column says. Those
 * with SUCCESS are the ones that did not end otherwise. Any CPU.
 */
u64 stats_ends(const struct vp *vp, u64 slot, u32 column);

#endif
