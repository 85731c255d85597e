/* SPDX-License-Identifier: MIT */
/*
 * Bytes that wait for a serial port: a ring with one writer and one reader at a
 * time, which may be different CPUs. Nothing is ever overwritten.
 */
#ifndef HV_CORE_CONSOLE_LOG_RING_H
#define HV_CORE_CONSOLE_LOG_RING_H

#include "base/types.h"

struct log_ring {
	u64 put;   /* bytes ever put; written by the writer */
	u64 taken; /* bytes ever taken; written by the reader */
	char *bytes;
	size_t size; /* of bytes[], a power of two; 0: takes nothing */
};

/* Free bytes; the writer can rely on at least that much. */
size_t log_ring_room(const struct log_ring *ring);

/* Bytes ever put, and ever taken; acquire loads. */
u64 log_ring_end(const struct log_ring *ring);
u64 log_ring_taken(const struct log_ring *ring);

/* Bytes that wait. */
size_t log_ring_used(const struct log_ring *ring);

/*
 * Writes byte number `offset` after the put position. It becomes visible to
 * the reader with log_ring_commit() of all bytes. Pre: there is room.
 */
void log_ring_put(struct log_ring *ring, size_t offset, char byte);
void log_ring_commit(struct log_ring *ring, size_t len);

/* Byte number `offset` of those that wait. Pre: log_ring_used() > offset. */
char log_ring_peek(const struct log_ring *ring, size_t offset);

/* Takes the `len` oldest bytes away. Pre: log_ring_used() >= len. */
void log_ring_drop(struct log_ring *ring, size_t len);

#endif
