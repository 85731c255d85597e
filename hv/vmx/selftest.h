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

/*
 * Corrupts the current VMCS, so that the next entry fails, tests INVVPID, or
 * notes which panic is wanted (selftest_panic.h).
 */
void selftest_entry(enum config_selftest what);

#endif
