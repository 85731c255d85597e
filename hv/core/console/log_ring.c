/* SPDX-License-Identifier: MIT */
/* A ring of bytes with one reader; its owner decides who may write. */
#include "core/console/log_ring.h"

#include "core/port/port.h"

u64 log_ring_end(const struct log_ring *ring)
{
	return __atomic_load_n(&ring->put, __ATOMIC_ACQUIRE);
}

u64 log_ring_taken(const struct log_ring *ring)
{
	return __atomic_load_n(&ring->taken, __ATOMIC_ACQUIRE);
}

size_t log_ring_used(const struct log_ring *ring)
{
	/* Acquire: pairs with log_ring_commit() */
	u64 put = __atomic_load_n(&ring->put, __ATOMIC_ACQUIRE);

	return put - __atomic_load_n(&ring->taken, __ATOMIC_RELAXED);
}

size_t log_ring_room(const struct log_ring *ring)
{
	/* Acquire: pairs with log_ring_drop() */
	u64 taken = __atomic_load_n(&ring->taken, __ATOMIC_ACQUIRE);

	return ring->size - (ring->put - taken);
}

void log_ring_put(struct log_ring *ring, size_t offset, char byte)
{
	ring->bytes[(ring->put + offset) & (ring->size - 1)] = byte;
}

void log_ring_commit(struct log_ring *ring, size_t len)
{
	HV_ASSERT(len <= log_ring_room(ring));
	/* Release: pairs with log_ring_used() */
	__atomic_store_n(&ring->put, ring->put + len, __ATOMIC_RELEASE);
}

char log_ring_peek(const struct log_ring *ring, size_t offset)
{
	return ring->bytes[(ring->taken + offset) & (ring->size - 1)];
}

void log_ring_drop(struct log_ring *ring, size_t len)
{
	/* Release: pairs with log_ring_room() */
	__atomic_store_n(&ring->taken, ring->taken + len, __ATOMIC_RELEASE);
}
