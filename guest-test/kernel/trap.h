/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts. A fault inside trap_try() ends the function that
 * it runs; any other exception ends the test run with exit code 2.
 */
#ifndef GUEST_TEST_KERNEL_TRAP_H
#define GUEST_TEST_KERNEL_TRAP_H

#include "kernel/trap_frame.h"

typedef void trap_handler(struct trap_frame *frame);

/* NULL: the vector is unexpected again. Handlers write EOI themselves. */
void trap_set_handler(u32 vector, trap_handler *handler);

/* Runs fn(arg), returns how it ended, restores RFLAGS. May be nested. */
struct trap_fault trap_try(void (*fn)(void *arg), void *arg);

/* One instruction under trap_try(): its vector, or TRAP_NONE. */
u32 trap_rdmsr(u32 msr, u64 *value);
u32 trap_wrmsr(u32 msr, u64 value);
u32 trap_read64(u64 gva, u64 *value);
u32 trap_write64(u64 gva, u64 value);

#endif
