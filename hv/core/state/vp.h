/* SPDX-License-Identifier: MIT */
/*
 * A virtual processor. `state` is written only by the VP's own CPU; other CPUs
 * OR a bit into `events`, execute a full barrier, look at the run word of the
 * VP's CPU and kick it if needed: vp_post().
 */
#ifndef HV_CORE_STATE_VP_H
#define HV_CORE_STATE_VP_H

#include "base/bits.h"
#include "core/state/apic.h"
#include "core/state/flush_queue.h"
#include "core/state/gdb.h"
#include "core/state/guest_view.h"
#include "core/state/published.h"
#include "core/state/register_request.h"
#include "tlfs/hypercall.h"

struct cpu;
struct partition;
struct sanitize;
struct shadow;
struct stats;
struct trace_record;

enum vp_state {
	VP_RUNNABLE,
	VP_HALTED,
	VP_WAIT_SIPI,
	VP_SUSPENDED, /* called a flush, waits for an inhibited target */
	VP_STOPPED,
};

#define VP_EVENT_IRQ   BIT(0) /* posted_irr has new bits */
#define VP_EVENT_NMI   BIT(1)
#define VP_EVENT_INIT  BIT(2)
#define VP_EVENT_SIPI  BIT(3) /* sipi_vector is valid */
#define VP_EVENT_EPT   BIT(4) /* INVEPT is due before the next entry */
#define VP_EVENT_STOP  BIT(5)
#define VP_EVENT_PANIC BIT(6) /* another CPU has panicked: park */
#define VP_EVENT_WAKE  BIT(7) /* an inhibit ended: look again */

#define VP_EVENT_REGISTERS BIT(8)  /* others ask for registers: `requests` */
#define VP_EVENT_INSPECT   BIT(9)  /* the console looks: core/debug/at_vp.h */
#define VP_EVENT_GDB       BIT(10) /* `gdb`: a job, or how to go on */
#define VP_EVENT_START     BIT(11) /* a step of core/lifecycle/start.h */
#define VP_EVENT_HOLD      BIT(12) /* `hold` has changed */

/* General registers, in the order in which the ModRM encoding counts them */
enum vp_gpr {
	GPR_RAX,
	GPR_RCX,
	GPR_RDX,
	GPR_RBX,
	GPR_RSP,
	GPR_RBP,
	GPR_RSI,
	GPR_RDI,
	GPR_R8,
	GPR_R9,
	GPR_R10,
	GPR_R11,
	GPR_R12,
	GPR_R13,
	GPR_R14,
	GPR_R15,
	GPR_COUNT,
};

/*
 * Registers that VM entry and exit leave alone: switched by software when a
 * CPU changes its VP, in vmx/switch.c. rule: switch-with-the-vp
 */
#define VP_SWITCHED_MSRS 6

struct vp_switched {
	u8 fxsave[512] __aligned(16);
	u64 cr2;
	u64 dr[4];
	u64 dr6;
	u64 msr[VP_SWITCHED_MSRS];
};

/*
 * Written by the VP's own CPU only. Other CPUs read what is marked so:
 * `published` under its count, `state` by atomic loads, the rest as hints and
 * for the test call, whose answers may be old.
 */
struct vp_own {
	/* known to entry.S. gpr[GPR_RSP] is unused: the guest's RSP lives in
	   the VMCS. */
	u64 gpr[GPR_COUNT];
	u64 exit_count; /* 0: VMLAUNCH instead of VMRESUME */

	/* whether and when it runs */
	bool due;            /* core/cpu/due.h; true while not RUNNABLE */
	enum vp_state state; /* read by all. rule: own-cpu-writes-state */
	u64 held;        /* `shared.hold` as this CPU has seen it; not 0: the
			    VP is not entered. Read by all */
	u64 deadline;    /* TSC; the VP needs its CPU then, ~0: never.
			    Read by all */
	u64 timer_field; /* TSC ticks: the look interval that the VMCS field
			    of the preemption timer holds; 0: another value */

	bool asleep; /* core/lifecycle/halted.h. Read by all */

	u64 vp_assist; /* MSR VP_ASSIST_PAGE. Read by all */

	/* what its next entry injects; copies of VMCS fields */
	struct vapic vapic;
	bool nmi_pending;
	u32 entry_event;   /* interruption info in the VMCS, 0: none */
	u32 proc_controls; /* what the VMCS field holds */

	/* core/flush/suspend.h: while SUSPENDED */
	struct vp *waits_for;
	u64 suspended_at; /* TSC */
	bool warned;      /* of this suspension */
	bool reissues;    /* was woken, and has not been entered since */

	/* core/paging/published.h: read by all */
	u32 published_seq; /* odd while `published` changes */
	struct published published;

	struct guest_view view; /* only with a software TLB */

	struct vp_switched switched; /* while another VP is on the CPU */

	struct gdb_vp_own gdb; /* core/gdb/at_vp.h */

	/* core/registers/request.h: of the VP that asks, and of its target */
	struct reg_call call;
	u32 answers_missed; /* in a row, by calls that ask the same */
	struct vp *serving; /* taken from shared.requests, not yet served */

	/* core/trace/record.h: of the last exit */
	struct trace_record *exit_record;
	/* core/cpu/share.h: ticks for which its CPU was its own, in all lives.
	   Read by all */
	u64 cpu_ticks;

	/* core/lifecycle/start.h: while STOPPED */
	bool works; /* its CPU has a piece of its partition's RAM to do */
	u32 life;   /* p->life whose stale translations its CPU has dropped */

	/* what the test call reads */
	u64 flushes_done;
	u64 invvpid_count;
	u64 invvpid_type[4];
	u64 invvpid_records[LETHE_TEST_RECORDS]; /* page address | type */
};

/* Written by any CPU: atomic, under a lock, or handed over by an atomic. */
struct vp_shared {
	u64 events __aligned(CACHE_LINE);
	u64 posted_irr[4]; /* vectors for vapic, moved there by IRQ */
	u8 sipi_vector;    /* written before the SIPI event */
	u64 inhibit;       /* core/flush/inhibit.h */
	u64 hold;          /* core/events/hold.h: who holds it */

	struct gdb_vp_shared gdb; /* core/gdb/at_vp.h */

	/* under queue.lock, except its count */
	struct flush_queue queue;

	/* core/registers/request.h */
	struct vp *requests;        /* VPs that ask this one */
	struct reg_request request; /* what this VP asks another one; handed
				       over by request.state */
};

struct vp {
	struct vp_own own;

	/* written before launch, then constant: no owner, so no name */
	struct partition *partition;
	struct cpu *cpu;
	u32 number; /* n: position in the partition, APIC ID */
	u32 index;  /* TLFS VP index */
	u32 bank;   /* index / 64 */
	u64 bank_bit;
	u64 mask_bit;        /* in ProcessorMask: 0 outside bank 0 */
	u64 run_id;          /* RUN_PARTITION and RUN_VP_INDEX of this VP */
	u64 run_own;         /* that, and RUN_GUEST */
	u64 trace_call;      /* words of its records: TRACE_EXIT, VMCALL */
	u32 trace_exit;      /* without a0: TRACE_EXIT */
	u32 trace_kick;      /* TRACE_KICK */
	u32 trace_name;      /* no event */
	struct stats *stats; /* core/trace/stats.h */
	u64 *flush_full;     /* our bank's words in the partition */
	u64 *flush_nonglobal;
	u16 vpid;
	hpa_t vmcs;
	hpa_t msr_bitmap;
	struct shadow *shadow;     /* its software TLB; NULL: paging = ept */
	u64 *pdptes;               /* of it: copies that GUEST_CR3 names */
	struct sanitize *sanitize; /* core/sanitize; NULL: off */

	struct vp_shared shared;
};

/*
 * The event LEAVE of core/registers/request.h: `self` does not make the call
 * that waits again next. Called on its own CPU.
 */
static inline void reg_request_leave(struct vp *self)
{
	self->own.call.is_next = false;
}

/*
 * The exit of `self` is not the guest's doing, and its next instruction is
 * still the same: it does not count as one before the call is made again.
 * Called on its own CPU.
 */
static inline void reg_request_skip_exit(struct vp *self)
{
	if (self->own.call.is_next &&
	    self->own.call.exit + 1 == self->own.exit_count) {
		self->own.call.exit = self->own.exit_count;
	}
}

#endif
