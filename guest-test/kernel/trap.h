/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts. A fault inside trap_try() ends the function that
 * it runs; any other exception ends the test run with exit code 2.
 */
#ifndef GUEST_TEST_KERNEL_TRAP_H
#define GUEST_TEST_KERNEL_TRAP_H

#include "base/types.h"

#define TRAP_DE   0
#define TRAP_DB   1
#define TRAP_NMI  2
#define TRAP_BP   3
#define TRAP_UD   6
#define TRAP_GP   13
#define TRAP_PF   14
#define TRAP_NONE 0xffffffffu /* no fault */

/* As isr.S pushes it */
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

typedef void trap_handler(struct trap_frame *frame);

/* NULL: the vector is unexpected again. Handlers send EOI themselves. */
void trap_set_handler(u32 vector, trap_handler *handler);

/* Runs fn(arg) and reports how it ended; RFLAGS are as before. May nest. */
struct trap_fault trap_try(void (*fn)(void *arg), void *arg);

/* Single instructions under trap_try(): the vector, or TRAP_NONE. */
u32 trap_rdmsr(u32 msr, u64 *value);
u32 trap_wrmsr(u32 msr, u64 value);
u32 trap_read64(u64 gva, u64 *value);
u32 trap_write64(u64 gva, u64 value);

#endif
