/* SPDX-License-Identifier: MIT */
/* VMCALL, plain for the storms and checked for everything that it may touch. */
#ifndef GUEST_TEST_CALL_CHECKED_H
#define GUEST_TEST_CALL_CHECKED_H

#include "kernel/trap.h"
#include "tlfs/hypercall.h"
#include "tlfs/status.h"

struct hypercall_result {
	struct trap_fault fault; /* vector TRAP_NONE: it came back */
	u64 rax;
	u16 status;
	u16 reps;
	bool is_clean;  /* reserved bits of the result are 0 */
	bool kept_regs; /* all but RAX and the rep start index in RCX */
	bool kept_flags;
	bool moved_rip; /* by 3, the length of VMCALL */
};

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

/* The same with all registers and flags poisoned before, compared after. */
struct hypercall_result hypercall_checked(u64 control, u64 in_gpa, u64 out_gpa);

/* States all that must hold for any call that completes. */
void hypercall_expect(const struct hypercall_result *r, u16 status);

/* VMCALL with CPL 3; the fault that ended it. */
struct trap_fault hypercall_from_user(u64 control);

/* HvCallNotifyLongSpinWait, 0x0008: others of this CPU go first. */
u16 hypercall_yield(void);

/* CALLs the hypercall page at `page` with RAX = 0. */
u64 hypercall_call_page(u64 control, u64 in_gpa, u64 out_gpa, u64 page);

/* What this hypervisor offers, found once at start. */
struct hypercall_host {
	bool is_hyperv;
	bool has_test_call;
	bool has_xmm_input;
	bool has_xmm_output;
	bool has_extended_ranges;
	bool has_ex;       /* 0x0013 and 0x0014 are recommended */
	bool has_ipi;      /* 0x000b is recommended */
	bool has_extended; /* EnableExtendedHypercalls: 0x8001 */
	bool has_lock;
	bool has_rep_start;    /* takes a list from its middle on */
	bool has_vp_registers; /* AccessVpRegisters: 0x0050-0x0052 */
	u32 cpus;              /* of the machine, as leaf 5 says; 0: not told */
	u64 privileges;        /* leaf 3 EBX:EAX */
};

/* Looks, and announces an OS to it (GUEST_OS_ID), so that calls work. */
void hypercall_find_host(void);
const struct hypercall_host *hypercall_host_get(void);

#define HYPERCALL_OS_ID 0x8100000000010000ull

#endif
