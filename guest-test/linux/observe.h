/* SPDX-License-Identifier: MIT */
/* What the kernel counted and logged about flushes of other CPUs. */
#ifndef GUEST_TEST_LINUX_OBSERVE_H
#define GUEST_TEST_LINUX_OBSERVE_H

#include <stdbool.h>

/* Turns the trace event of flushes by hypercall on. false: there is none. */
bool observe_start(void);

/* Sets how many pages Linux flushes one by one: a file of debugfs. */
bool observe_set_ceiling(unsigned int pages);

/*
 * Prints as notes: the row TLB of /proc/interrupts, the lines of the log that
 * name Hyper-V, and how many flushes by hypercall the trace has, by size.
 */
void observe_report(void);

#endif
