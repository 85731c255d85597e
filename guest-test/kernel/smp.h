/* SPDX-License-Identifier: MIT */
/*
 * The VPs: %gs:0 points at one's own struct vp. VP 0 runs the checks and lends
 * functions to the others, which otherwise wait in smp_ap_main().
 */
#ifndef GUEST_TEST_KERNEL_SMP_H
#define GUEST_TEST_KERNEL_SMP_H

#include "experiment/reader.h"
#include "kernel/gdt.h"
#include "kernel/layout.h"
#include "kernel/trap.h"

#define VPS_MAX  256
#define VP_STACK 16384

typedef void smp_fn(void *arg);

struct vp {
	/* known to assembly, see layout.h */
	struct vp *self;
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

	/* mailbox: VP 0 writes job_arg, then job; the VP takes job back to 0 */
	smp_fn *volatile job;
	void *volatile job_arg;
	volatile u32 starts; /* times that it came through smp_ap_main() */
	volatile u64 spins;  /* shared_spin() */

	struct reader reader;

	/* counted by the interrupt handlers of this VP */
	volatile u32 irq_count[256];
	volatile u64 irq_rip; /* where the last one came */
	volatile u32 nmi_count;
} __aligned(CACHE_LINE);

_Static_assert(offsetof(struct vp, self) == VP_SELF, "layout.h");
_Static_assert(offsetof(struct vp, try_rsp) == VP_TRY_RSP, "layout.h");
_Static_assert(offsetof(struct vp, call_rsp) == VP_CALL_RSP, "layout.h");
_Static_assert(offsetof(struct vp, call_rsp_after) == VP_CALL_RSP_AFTER,
	       "layout.h");
_Static_assert(offsetof(struct vp, stack_top) == VP_STACK_TOP, "layout.h");

extern struct vp *smp_vps[VPS_MAX];

static inline struct vp *smp_self(void)
{
	struct vp *vp;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(vp));
	return vp;
}

/* Makes the caller VP 0 and prepares the others. */
void smp_init(u32 count, u32 stride);

/* Starts VPs 1 … count-1 by INIT-SIPI-SIPI; returns when all have come. */
void smp_start(void);

/* INIT and SIPI for one VP that waits in smp_ap_main() or has been INITed. */
void smp_send_init(u32 n);
void smp_send_sipi(u32 n);
void smp_send_sipi_page(u32 n, u32 page); /* another start address */

/* Runs fn(arg) on VP n, which must be free; smp_wait() waits for its end. */
void smp_run(u32 n, smp_fn *fn, void *arg);
void smp_wait(u32 n);
bool smp_is_busy(u32 n);

/* smp_run() and smp_wait() for the same function on VP first … last. */
void smp_run_range(u32 first, u32 last, smp_fn *fn, void *arg);
void smp_wait_range(u32 first, u32 last);

u32 smp_count(void);

/* VP n runs on CPU n % smp_cpus(), where the hypervisor says how many. */
u32 smp_cpus(void);

/* In wait loops. Yield: nothing unless VPs share CPUs; relax: PAUSE then. */
void smp_yield(void);
void smp_relax(void);

#endif
