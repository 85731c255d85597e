/* SPDX-License-Identifier: MIT */
/*
 * The log that survives a reset: what the last boot printed, and how many boots
 * in a row a panic ended. One CPU at a time calls these: the boot CPU before
 * launch, then the one that has the console's drain flag or has panicked.
 */
#ifndef HV_CORE_CRASH_KEPT_LOG_H
#define HV_CORE_CRASH_KEPT_LOG_H

#include "crash_log.h"

/* After so many panics in a row the machine is not reset again */
#define KEPT_LOG_PANICS_MAX 3u

/* What the memory says about the boot before. */
struct kept_log_before {
	u32 boots;  /* before this one, since the memory lost its content */
	u32 panics; /* the last so many of them ended with a panic */
	u32 len;    /* bytes of console output that are kept */
};

/*
 * Looks at the memory; NULL: there is none. Everything is 0 unless magic and
 * both sums are right. Changes nothing, records nothing yet.
 */
struct kept_log_before kept_log_open(struct crash_log *from);

/*
 * One line of the kept output, the oldest first, without its "\n": copies at
 * most `room` bytes of it to `to`. *at begins with 0 and moves to the next
 * line. Returns the length; false at the end in *more. Between open and begin.
 */
size_t kept_log_line(u32 *at, char *to, size_t room, bool *more);

/* Forgets the kept output and records from here on. */
void kept_log_begin(void);

/* Records one byte that was sent. Does nothing before kept_log_begin(). */
void kept_log_put(u8 byte);

/*
 * Counts a panic, the first in a row if `alone`. Returns how many there are in
 * a row with this one, 0 if nothing counts them.
 */
u32 kept_log_panicked(bool alone);

/* Panics in a row before this boot. */
u32 kept_log_panics(void);

/* The end of a run without a panic: nothing is left for the next boot. */
void kept_log_forget(void);

#endif
