/* SPDX-License-Identifier: MIT */
/*
 * The fake machine, and the oracle's description of it, for fuzz target
 * `hypercall`.
 */
#ifndef HV_TEST_FUZZ_HYPERCALL_MACHINE_H
#define HV_TEST_FUZZ_HYPERCALL_MACHINE_H

#include "oracle/draw.h"

#define FUZZ_CPUS 8

struct partition;

extern struct partition *fuzz_partitions[ORACLE_PARTITIONS];
extern struct oracle_machine fuzz_machine;

/*
 * Makes the machine anew, so that the same input has the same result. What the
 * caller is offered and which INVVPID types the machine has is drawn from `d`.
 */
void fuzz_begin(struct draw *d);

#endif
