/* SPDX-License-Identifier: MIT */
/* VMCALL with a check of all registers; kernel/host.h has the plain one. */
#ifndef GUEST_TEST_CALL_CHECKED_H
#define GUEST_TEST_CALL_CHECKED_H

#include "kernel/trap.h"
#include "tlfs/hypercall.h"
#include "tlfs/status.h"

struct hypercall_result {
	struct trap_fault fault; /* vector TRAP_NONE: the call returned */
	u64 rax;
	u16 status;
	u16 reps;
	bool is_clean;  /* reserved bits of the result are 0 */
	bool kept_regs; /* all but RAX and the rep start index in RCX */
	bool kept_flags;
	bool moved_rip; /* by 3, the length of VMCALL */
};

/* Fills all registers with patterns, calls, and compares them. */
struct hypercall_result hypercall_checked(u64 control, u64 in_gpa, u64 out_gpa);

/* Expects what must hold for any call that completes. */
void hypercall_expect(const struct hypercall_result *r, u16 status);

/* VMCALL at CPL 3; returns the fault that ended it. */
struct trap_fault hypercall_from_user(u64 control);

/* CALLs the hypercall page at `page` with RAX = 0. */
u64 hypercall_call_page(u64 control, u64 in_gpa, u64 out_gpa, u64 page);

#endif
