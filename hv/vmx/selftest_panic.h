/* SPDX-License-Identifier: MIT */
/* Panics on purpose, in the states that are hard for a report. */
#ifndef HV_VMX_SELFTEST_PANIC_H
#define HV_VMX_SELFTEST_PANIC_H

#include "config.h"

struct cpu;

/* Notes which panic is wanted; others than panics are ignored. Any CPU. */
void selftest_panic_ask(enum config_selftest what);

/* At a timer exit of `cpu`: panics if that is its turn. */
void selftest_panic_tick(const struct cpu *cpu);

/* In the middle of a report: panics again if that was asked for. */
void selftest_panic_report(void);

#endif
