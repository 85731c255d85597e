/* SPDX-License-Identifier: MIT */
/* Deliberate faults (key `selftest`): the reports must name them. */
#ifndef HV_VMX_SELFTEST_H
#define HV_VMX_SELFTEST_H

#include "config.h"

/*
 * Writes where nothing may be written; returns only if `what` names no such
 * fault.
 */
void selftest_memory(enum config_selftest what);

/* Corrupts the current VMCS, so that the next entry fails. */
void selftest_entry(enum config_selftest what);

struct cpu;

/*
 * Called at a timer exit of `cpu`: panics if the configuration asks for that.
 */
void selftest_tick(const struct cpu *cpu);

#endif
