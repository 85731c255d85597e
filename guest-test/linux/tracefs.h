/* SPDX-License-Identifier: MIT */
/* Linux's trace of locks, flushes and switches, with stamps of the TSC. */
#ifndef GUEST_TEST_LINUX_TRACEFS_H
#define GUEST_TEST_LINUX_TRACEFS_H

#include "linux/lock_events.h"

#include <stdbool.h>

/* Chooses clock, events and the size of the buffers. Returns the name of what
 * the kernel refuses; NULL: nothing. */
const char *tracefs_set_up(void);

/* Empties the buffers and traces from then on. */
bool tracefs_start(void);

bool tracefs_stop(void);

/* Reads what was traced into `events`. Returns how many there are, which is
 * more than `max` if not all are there. */
size_t tracefs_read(struct lock_event *events, size_t max);

/* How many events Linux did not keep, or did not see. */
unsigned long tracefs_lost(void);

/* Empties the buffers and lets the kernel be as it was. */
void tracefs_end(void);

#endif
