/* SPDX-License-Identifier: MIT */
/* What the hypervisor below offers, and the plain VMCALL. */
#ifndef GUEST_TEST_KERNEL_HOST_H
#define GUEST_TEST_KERNEL_HOST_H

#include "tlfs/hypercall.h"
#include "tlfs/status.h"

/* TLFS hypercall-interface, "Hypercall Inputs": 64-bit register mapping */
static inline u64 hypercall(u64 control, u64 in_gpa, u64 out_gpa)
{
	u64 result;
	register u64 r8 __asm__("r8") = out_gpa;

	__asm__ volatile("vmcall"
			 : "=a"(result), "+c"(control)
			 : "d"(in_gpa), "r"(r8)
			 : "memory", "cc");
	return result;
}

/* HvCallNotifyLongSpinWait, 0x0008: the CPU runs its other VPs first. */
u16 host_yield(void);

/* What this hypervisor offers; host_find() fills it once. */
struct host {
	bool is_hyperv;
	bool has_test_call;
	bool has_xmm_input;
	bool has_xmm_output;
	bool has_extended_ranges;
	bool has_ex;       /* 0x0013 and 0x0014 are recommended */
	bool has_ipi;      /* 0x000b is recommended */
	bool has_extended; /* EnableExtendedHypercalls: 0x8001 */
	bool has_lock;
	bool has_rep_start;    /* accepts a rep start index other than 0 */
	bool has_vp_registers; /* AccessVpRegisters: 0x0050-0x0052 */
	bool has_shadow;       /* the test call says: paging = shadow */
	u32 cpus;              /* physical CPUs by leaf 5; 0: unknown */
	u64 privileges;        /* leaf 3 EBX:EAX */
};

/* Fills it, and writes GUEST_OS_ID, without which calls fail. */
void host_find(void);
const struct host *host_get(void);

#define HOST_OS_ID 0x8100000000010000ull

#endif
