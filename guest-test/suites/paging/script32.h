/* SPDX-License-Identifier: MIT */
/*
 * A list of steps that 32-bit code executes without IA-32e mode: accesses,
 * INVLPG, control registers, hypercalls. What each step must give is said when
 * it is added, and compared after the run. IF is 0 meanwhile; a fault ends its
 * step only. One VP at a time.
 */
#ifndef GUEST_TEST_SUITES_PAGING_SCRIPT32_H
#define GUEST_TEST_SUITES_PAGING_SCRIPT32_H

#include "base/types.h"

enum script32_mode { SCRIPT32_UNPAGED, SCRIPT32_PAE, SCRIPT32_CLASSIC };

/* The operation of a step, on its words a, b and c. */
enum script32_op {
	SCRIPT32_END,
	SCRIPT32_READ,   /* the word at a */
	SCRIPT32_WRITE,  /* b to the word at a */
	SCRIPT32_FETCH,  /* calls a */
	SCRIPT32_INVLPG, /* of a */
	SCRIPT32_CR0,    /* a to CR0, and so on */
	SCRIPT32_CR3,
	SCRIPT32_READ_CR3,
	SCRIPT32_CR4,
	SCRIPT32_CALL, /* VMCALL: control c:a, input b; gives the low word */
};

/* Adds a step that must not fault. */
void script32_do(enum script32_op op, u32 a, u32 b);

/* Adds a read that must give this value. */
void script32_read(u32 at, u32 want);

/* The same, only with paging = shadow: else a TLB may have forgotten it. */
void script32_read_kept(u32 at, u32 want);

/* Adds a read of an entry: these bits of `mask` must be set. */
void script32_bits(u32 at, u32 mask, u32 want);

/* Adds a step that must fault; of #PF, CR2 must be `a`. */
void script32_fault(enum script32_op op, u32 a, u32 b, u32 vector, u32 error);

/* Adds a VMCALL, which must succeed; `block` is its input. */
void script32_call(u64 control, const void *block);

/* Runs and compares all steps added since the last run. */
void script32_run(enum script32_mode mode);

#endif
