/* SPDX-License-Identifier: MIT */
/* The frame that isr.S pushes, and the fault that trap_try() returns. */
#ifndef GUEST_TEST_KERNEL_TRAP_FRAME_H
#define GUEST_TEST_KERNEL_TRAP_FRAME_H

#include "base/types.h"

#define TRAP_DE   0
#define TRAP_DB   1
#define TRAP_NMI  2
#define TRAP_BP   3
#define TRAP_UD   6
#define TRAP_SS   12
#define TRAP_GP   13
#define TRAP_PF   14
#define TRAP_NONE 0xffffffffu /* no fault */

struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rdi, rsi, rbp, rbx, rdx, rcx, rax;
	u64 vector;
	u64 error;
	u64 rip;
	u64 cs;
	u64 rflags;
	u64 rsp;
	u64 ss;
};

struct trap_fault {
	u32 vector; /* TRAP_NONE: the function returned */
	u64 error;
	u64 rip;
	u64 cr2;
	u64 rflags; /* as pushed */
};

#endif
