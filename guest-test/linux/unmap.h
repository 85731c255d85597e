/* SPDX-License-Identifier: MIT */
/* The job `munmap`: threads on all CPUs map, touch and unmap pages. */
#ifndef GUEST_TEST_LINUX_UNMAP_H
#define GUEST_TEST_LINUX_UNMAP_H

#include "linux/samples.h"

#include <stdbool.h>

/* Maps pages, reads or writes each, and unmaps them, which is the sample. */
bool unmap_round(unsigned long pages, bool reads, struct samples *samples);

/*
 * With 1, 16 and 4096 pages that are written, and 16 that are read (`16r`),
 * as far as test.sizes has them: first one thread, whose
 * process no other CPU has, then one on each CPU. Each thread does test.times
 * rounds, with 4096 pages a hundredth of these. An operation is an munmap. One
 * result and one line of samples for each.
 */
void unmap_job(void);

#endif
