/* SPDX-License-Identifier: MIT */
/*
 * What the core keeps for each CPU. On the machine %gs:0 points at it.
 *
 * The run word (docs/concurrency.md): one 64-bit word per CPU, written by that
 * CPU only, read by all. Bit 0 of the sequence set = in guest mode or about to
 * be; clear = in root mode. It changes at every way in and out.
 */
#ifndef HV_CORE_STATE_CPU_H
#define HV_CORE_STATE_CPU_H

#include "base/bits.h"
#include "base/types.h"
#include "core/state/flush_queue.h"
#include "core/state/flush_request.h"

#define CPUS_MAX    64
#define CPU_VPS_MAX 256

#define RUN_VP_INDEX  GENMASK(11, 0)  /* VP index of the VP that runs */
#define RUN_PARTITION GENMASK(15, 12) /* number of its partition */
#define RUN_IDLE      BIT(16)         /* in HLT in root mode */
#define RUN_GUEST     BIT(17)         /* lowest bit of the sequence: odd */
#define RUN_SEQ_ONE   BIT(17)         /* one step of the sequence */

/* Later than any TSC value; the distance to each fits into a signed number. */
#define CPU_TIMER_NEVER (~0ull >> 1)

/* In `enter_before`, a TSC without its lowest bit: an NMI came since then. */
#define CPU_NMI_CAME 1

struct trace_record;
struct vp;

struct cpu {
	/* owned by this CPU; these and `run` are known to assembly */
	struct cpu *self;   /* for %gs:0 */
	u64 kicked;         /* set by every host NMI; nothing else does */
	struct vp *vp;      /* the VP whose VMCS is current */
	u64 host_stack_top; /* RSP of root mode after a VM exit */
	u64 nmi_count;
	u64 look_early; /* TSC from which an NMI may say that the line has
			   input, and the look is due; CPU_TIMER_NEVER: none
			   does */

	/* written before launch, then constant */
	u32 number;                       /* 0 is the boot CPU */
	u32 apic_id;                      /* physical x2APIC ID */
	struct trace_record *trace_ring;  /* what the trace keeps */
	struct trace_record *trace_spare; /* written while it is off */

	/* owned by this CPU */
	u32 vp_count;
	bool has_several;            /* of VPs */
	struct vp *vps[CPU_VPS_MAX]; /* the VPs that belong to this CPU */
	u64 kicks_sent;
	u64 aborts;         /* entries given up because of a kick */
	s64 enter_before;   /* TSC; a later entry goes through before_entry() */
	s64 after_nmi;      /* what it becomes at an NMI exit */
	u64 timer_deadline; /* TSC, at most CPU_TIMER_NEVER; guest mode must
			       end by then */
	u64 armed_at;       /* TSC when the timer's field was written for a near
			       deadline; 0: not since sched_arm() */
	u64 look_deadline;  /* TSC; then look_if_due() looks at the console */
	u64 look_interval;  /* TSC ticks; the longest stretch of guest mode */
	u32 turn;           /* position in vps[] of the VP whose turn it is */
	u64 turn_exits;     /* its exit_count when the turn began */
	u64 slice_end;      /* TSC; counts while another VP is runnable */
	bool turn_begins;   /* its VP was not about to be entered in it */
	struct vp *charged; /* whose time it is since charged_from; NULL: idle.
			       Read by all */
	u64 charged_from;   /* TSC */
	bool yield;         /* the VP asked to be passed over once */

	/* core/trace/record.h: the next record to be written. The low half is
	   this CPU's; other CPUs store the upper part, to choose the ring. */
	union {
		struct trace_record *trace;
		u16 trace_low;
	};
	u16 trace_stopped; /* core/trace/read.h: its low half when the trace
			      was turned off; the console's */
	u64 trace_since;   /* TSC: records from before are not shown */

	/* written by this CPU, read by all: each on a line of its own */
	u64 run __aligned(CACHE_LINE);
	u64 flush_seq
		__aligned(CACHE_LINE); /* odd while a flush is under way */

	/* looked at in one load */
	union {
		u64 calls;
		struct {
			/* any CPU, atomic: an event was posted for one of
			   several VPs here */
			u32 attention;
			/* this CPU and its NMI handler: an NMI came in root
			   mode, not before look_early */
			u32 line;
		};
	} __aligned(CACHE_LINE);
	u32 sliced; /* written by this CPU: the VP that runs has a slice */

	/* owned by this CPU: whom it has kicked and waits for: kick_one() */
	const struct cpu *waits_cpu[CPUS_MAX] __aligned(CACHE_LINE);
	u64 waits_word[CPUS_MAX];

	/* owned by this CPU: a hypercall's private copies */
	struct flush_request flush __aligned(CACHE_LINE);
	u64 flush_words[1 + FLUSH_QUEUE_MAX]; /* of software TLBs */
	u8 hc_input[4096] __aligned(CACHE_LINE);
	u8 hc_output[4096] __aligned(CACHE_LINE);
};

#endif
