/* SPDX-License-Identifier: MIT */
/*
 * What the guest keeps for each of its VPs. %gs:0 points to the running VP's
 * own struct. smp.c starts VPs and gives them work.
 */
#ifndef GUEST_TEST_KERNEL_VP_H
#define GUEST_TEST_KERNEL_VP_H

#include "kernel/gdt.h"
#include "kernel/layout.h"
#include "kernel/trap_frame.h"

typedef void vp_fn(void *arg);

struct guest_cpu {
	/* assembly knows these: layout.h has the offsets */
	struct guest_cpu *self;
	u64 try_rsp;  /* innermost trap_try(), 0: none */
	u64 call_rsp; /* hypercall_regs() */
	u64 call_rsp_after;
	u64 stack_top;

	u32 id;                  /* n: APIC ID, position in the partition */
	u32 index;               /* TLFS VP index, n * stride */
	struct trap_fault fault; /* of the innermost trap_try() */
	struct gdt gdt;
	u8 *input; /* a page each: hypercall input and output */
	u8 *output;

	/* mailbox: VP 0 writes job_arg, then job; the VP clears job */
	vp_fn *volatile job;
	void *volatile job_arg;
	volatile u32 starts; /* times that it entered smp_ap_main() */
	volatile u64 spins;  /* turns of shared_spin() */

	/* written by the interrupt handlers of this VP */
	volatile u32 irq_count[256];
	volatile u64 irq_rip; /* of the last interrupt */
	volatile u32 nmi_count;
} __aligned(CACHE_LINE);

_Static_assert(offsetof(struct guest_cpu, self) == VP_SELF, "layout.h");
_Static_assert(offsetof(struct guest_cpu, try_rsp) == VP_TRY_RSP, "layout.h");
_Static_assert(offsetof(struct guest_cpu, call_rsp) == VP_CALL_RSP, "layout.h");
_Static_assert(offsetof(struct guest_cpu, call_rsp_after) == VP_CALL_RSP_AFTER,
	       "layout.h");
_Static_assert(offsetof(struct guest_cpu, stack_top) == VP_STACK_TOP,
	       "layout.h");

static inline struct guest_cpu *vp_self(void)
{
	struct guest_cpu *vp;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(vp));
	return vp;
}

#endif
