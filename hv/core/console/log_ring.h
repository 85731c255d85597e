/* SPDX-License-Identifier: MIT */
/*
 * The bytes that wait for the console. Writers take turns under the log lock,
 * one reader drains without it; nothing is ever overwritten.
 */
#ifndef HV_CORE_CONSOLE_LOG_RING_H
#define HV_CORE_CONSOLE_LOG_RING_H

#include "base/types.h"

#define LOG_RING_SIZE (64u << 10)

struct log_ring {
	u64 put;   /* bytes ever put; written under the log lock */
	u64 taken; /* bytes ever taken; written by the drainer */
	char bytes[LOG_RING_SIZE];
};

/* Free bytes; a caller under the log lock can rely on at least that much. */
size_t log_ring_room(const struct log_ring *ring);

/* Bytes that wait. */
size_t log_ring_used(const struct log_ring *ring);

/*
 * Writes byte number `offset` after the put position. It becomes visible to
 * the reader with log_ring_commit() of all bytes. Pre: there is room.
 */
void log_ring_put(struct log_ring *ring, size_t offset, char byte);
void log_ring_commit(struct log_ring *ring, size_t len);

/* The oldest byte, and taking it away. Pre: log_ring_used() > 0. */
char log_ring_first(const struct log_ring *ring);
void log_ring_drop_first(struct log_ring *ring);

#endif
