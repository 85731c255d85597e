/* SPDX-License-Identifier: MIT */
/* The fake machine and the oracle's description of it, for a fuzz target. */
#ifndef HV_TEST_FUZZ_HYPERCALL_MACHINE_H
#define HV_TEST_FUZZ_HYPERCALL_MACHINE_H

#include "oracle/draw.h"

#define FUZZ_CPUS 8

struct partition;

extern struct partition *fuzz_partitions[ORACLE_PARTITIONS];
extern struct oracle_machine fuzz_machine;

/*
 * Everything as for the first input, so that a find repeats: who calls and
 * what is offered is drawn from `d`, as are the machine's INVVPID types.
 */
void fuzz_begin(struct draw *d);

#endif
