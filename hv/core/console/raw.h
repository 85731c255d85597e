/* SPDX-License-Identifier: MIT */
/*
 * COM2 as the output of one partition: the bytes as they were written, without
 * names, lines or escapes.
 */
#ifndef HV_CORE_CONSOLE_RAW_H
#define HV_CORE_CONSOLE_RAW_H

#include "base/types.h"

#define RAW_SIZE (16u << 10)

/* Free bytes. One writer: the partition's serial lock is held. */
size_t raw_room(void);

/* Pre: raw_room() > 0. */
void raw_put(u8 byte);

/* True if bytes wait. Any state. */
bool raw_pending(void);

/*
 * Sends up to `max` bytes to COM2, as long as it takes them without waiting.
 * Does nothing if another CPU is doing that.
 */
void raw_drain(size_t max);

/* Sends all that waits now; gives up if COM2 takes nothing. */
void raw_flush(void);

#endif
