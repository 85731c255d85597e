/* SPDX-License-Identifier: MIT */
/*
 * The stacks of a CPU. Below each lies a page that is never mapped, so that an
 * overflow faults: on the root stack it ends as a double fault, which has a
 * stack of its own.
 */
#ifndef HV_X86_STACK_H
#define HV_X86_STACK_H

#include "base/types.h"

enum stack_kind {
	STACK_ROOT,
	STACK_NMI,
	STACK_DOUBLE_FAULT,
	STACK_MACHINE_CHECK,
	STACK_KINDS,
};

/* Maps all stacks of CPU `number`, from the pool. Before launch, boot CPU. */
void stack_map(u32 number);

/* Address after the highest byte of a stack, 16-byte aligned. */
u64 stack_top(u32 number, enum stack_kind kind);

/*
 * The mapped stack that `va` is in, or in the guard page below: [*first, end).
 * Returns `end`; 0 if `va` is in no stack.
 */
u64 stack_bounds(u64 va, u64 *first);

/* True if `va` is in a guard page; *number says whose. */
bool stack_is_guard(u64 va, u32 *number);

#endif
