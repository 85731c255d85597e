/* SPDX-License-Identifier: MIT */
/* What isr.S saves at an exception, and the report of it. */
#ifndef HV_X86_TRAP_H
#define HV_X86_TRAP_H

#include "base/types.h"

/* In the order in which isr.S pushes them, last first */
struct trap_frame {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rbp, rdi, rsi, rdx, rcx, rbx, rax;
	u64 vector;
	u64 error;
	u64 rip, cs, rflags, rsp, ss;
};

/* Called by isr.S for every exception but NMI: root mode may have none. */
void trap_exception(const struct trap_frame *frame) __noreturn;

/* Prints the frame with panic_line(). For panic.c. */
void trap_report(const struct trap_frame *frame);

#endif
