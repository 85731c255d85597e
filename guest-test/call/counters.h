/* SPDX-License-Identifier: MIT */
/* LETHE_CALL_TEST_READ: what the hypervisor has counted for a VP. */
#ifndef GUEST_TEST_CALL_COUNTERS_H
#define GUEST_TEST_CALL_COUNTERS_H

#include "tlfs/hypercall.h"

/*
 * Reads the counts of VP n into `out`, which must be the caller's output page
 * or any page-aligned memory.
 */
void test_call_read(u32 n, struct lethe_test_output *out);

/*
 * The type of INVVPID that Lethe uses for what needs `type`: that one, or where
 * the CPU lacks it (invvpid=) one that flushes no less.
 */
u32 test_call_offered(u32 type);

/* Kicks that the caller's CPU has sent. */
u64 test_call_kicks(void);

#endif
