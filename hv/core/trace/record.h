/* SPDX-License-Identifier: MIT */
/*
 * Writes the trace: one record for each event, into the ring of the CPU on
 * which it happens. No lock and no branch: the ring is written by its CPU only,
 * and while the trace is off by record_switch(), records go to a spare ring.
 *
 * Each ring is aligned to its size, 64 KiB, so that the low 16 bits of
 * cpu->trace count through it and wrap. The place is taken first and filled
 * then, so whoever reads knows which record may be unfinished
 * (core/trace/read.h). make TRACE=no leaves all of this out.
 */
#ifndef HV_CORE_TRACE_RECORD_H
#define HV_CORE_TRACE_RECORD_H

#include "base/bits.h"
#include "core/port/port.h"
#include "core/state/cpu.h"
#include "core/state/vp.h"
#include "core/state/vp_set.h"
#include "core/trace/stats.h"
#include "trace.h"
#include "x86/vmcs.h"

#ifdef LETHE_NO_TRACE
#define RECORD_ON 0
#else
#define RECORD_ON 1
#endif

#define RECORD_RING_LEN   0x10000u
#define RECORD_RING_COUNT (RECORD_RING_LEN / sizeof(struct trace_record))

/* a0 of TRACE_EXIT, for a reason below EXIT_REASON_COUNT: it and its slot */
#define RECORD_EXIT_A0(_reason)                                                \
	((_reason) << 16 | (STATS_CALLS + (_reason)) << 8)
#define RECORD_POSTED 0x100u /* a flag of TRACE_KICK */
#define RECORD_FAILED 0x100u /* a flag of TRACE_EXIT */

/* The second word of a record: event (7:0), flags (15:8), vp and a0. */
#define RECORD_VP GENMASK(31, 16)
#define RECORD_A0 GENMASK(63, 32)

/* Takes the next place of the CPU's ring, and stamps it. On that CPU. */
static inline struct trace_record *record_next(struct cpu *cpu)
{
	struct trace_record *record = cpu->trace;

	cpu->trace_low = (u16)(cpu->trace_low + sizeof(*record));
	/* x86 keeps the order of stores; the compiler has to as well.
	   rule: take-place-then-fill */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	port_stamp(&record->tsc);
	return record;
}

static inline u64 record_head(u64 vp_name, u32 event_flags)
{
	return event_flags | FIELD_PREP(RECORD_VP, vp_name);
}

static inline void record_fill(struct cpu *cpu, u64 head, u64 a1, u64 a2)
{
	struct trace_record *record = record_next(cpu);

	*(u64 *)&record->event = head;
	record->a1 = a1;
	record->a2 = a2;
}

static inline void record_fill_named(const struct vp *vp, u32 event_flags,
				     u32 a0, u64 a1, u64 a2)
{
	struct trace_record *record = record_next(vp->cpu);

	*(u32 *)&record->event = vp->trace_name | event_flags;
	record->a0 = a0;
	record->a1 = a1;
	record->a2 = a2;
}

/*
 * A VMCALL of `vp` with this RCX, before it is handled. record_status() and
 * stats_count() complete the record. On `cpu`, that of `vp`.
 */
static inline void record_vmcall(struct cpu *cpu, struct vp *vp, u64 rcx)
{
	struct trace_record *record;

	if (RECORD_ON) {
		record = record_next(cpu);
		*(u64 *)&record->event = vp->trace_call;
		record->a1 = rcx;
		record->a2 = ~0ull;
		vp->own.exit_record = record;
	}
}

/* What the hypercall that the last exit was has come to. */
static inline void record_status(struct vp *vp, u32 status)
{
	if (RECORD_ON) {
		vp->own.exit_record->status = status;
	}
}

/* The control word of a caller that does not have it in RCX. */
static inline void record_control(struct vp *vp, u64 control)
{
	if (RECORD_ON) {
		vp->own.exit_record->a1 = control;
	}
}

/*
 * `caller` is about to kick `cpu`, whose run word is `word`; `targets`: see
 * TRACE_KICK in docs/trace.md. On the CPU of `caller`, which is `self`.
 */
static inline void record_kick(struct cpu *self, const struct vp *caller,
			       const struct cpu *cpu, u64 word, u64 targets)
{
	struct trace_record *record;

	if (RECORD_ON) {
		record = record_next(self);
		*(u32 *)&record->event = caller->trace_kick;
		record->a0 = cpu->number;
		record->a1 = word;
		record->a2 = targets;
	}
}

void record_write_exit(struct vp *vp, u64 reason, u64 qualification);
void record_write(const struct vp *vp, enum trace_event event, u32 a0, u64 a1,
		  u64 a2);
void record_write_here(u32 event_flags, u32 a0, u64 a1, u64 a2);

/*
 * Any other exit of `vp` on its CPU, before its handler; `a0`:
 * RECORD_EXIT_A0().
 */
static inline void record_exit(struct cpu *cpu, struct vp *vp, u32 a0,
			       u64 qualification)
{
	struct trace_record *record;

	if (RECORD_ON) {
		record = record_next(cpu);
		vp->own.exit_record = record;
		*(u32 *)&record->event = vp->trace_exit;
		record->a0 = a0;
		record->a1 = qualification;
		record->a2 = ~0ull;
	}
}

/* An exit that nothing handles; `reason`: the whole field. */
static inline void record_refused_exit(struct vp *vp, u64 reason,
				       u64 qualification)
{
	if (RECORD_ON) {
		record_write_exit(vp, reason, qualification);
	}
}

/* record_put() without a call, for what happens often. */
static inline void record_put_inline(const struct vp *vp,
				     enum trace_event event, u32 a0)
{
	if (RECORD_ON) {
		record_fill_named(vp, event, a0, 0, 0);
	}
}

/* Any other event of `vp`, whose CPU this is. */
static inline void record_put(const struct vp *vp, enum trace_event event,
			      u32 a0, u64 a1, u64 a2)
{
	if (RECORD_ON) {
		record_write(vp, event, a0, a1, a2);
	}
}

/*
 * An event that has no VP at hand: it gets the one that is current on this CPU,
 * or none. Any state.
 */
static inline void record_here(enum trace_event event, u32 a0, u64 a1, u64 a2)
{
	if (RECORD_ON) {
		record_write_here(event, a0, a1, a2);
	}
}

/* Work of `vp` for the VPs of the set is queued. */
static inline void record_targets(const struct vp *vp, const struct vp_set *set)
{
	if (RECORD_ON && set->banks != 0) {
		record_write(vp, TRACE_FLUSH, 0, set->banks,
			     set->words[bits_lowest(set->banks)]);
	}
}

/* This CPU is about to kick `cpu`, whose run word is `run`, for `events`. */
static inline void record_post_kick(const struct cpu *cpu, u64 run, u64 events)
{
	if (RECORD_ON) {
		record_write_here(TRACE_KICK | RECORD_POSTED, cpu->number, run,
				  events);
	}
}

/* The name of `vp` in a word of a record. */
static inline u32 record_name(const struct vp *vp)
{
	return (u32)vp->run_id;
}

/*
 * Gives a CPU its two rings, RECORD_RING_LEN bytes each, zeroed and aligned to
 * their length. Before its first record.
 */
void record_init(struct cpu *cpu, void *ring, void *spare);

/* `vp` has not had an exit yet: no call has to be completed. */
static inline void record_renew_vp(struct vp *vp)
{
	vp->own.exit_record = vp->cpu->trace_ring;
}

/* Fills the words that the records of `vp` share. Before launch. */
static inline void record_init_vp(struct vp *vp)
{
	vp->trace_exit = (u32)record_head(vp->run_id, TRACE_EXIT);
	vp->trace_call =
		vp->trace_exit |
		FIELD_PREP(RECORD_A0, RECORD_EXIT_A0(EXIT_REASON_VMCALL));
	vp->trace_kick = (u32)record_head(vp->run_id, TRACE_KICK);
	vp->trace_name = (u32)record_head(vp->run_id, 0);
	record_renew_vp(vp);
}

#endif
