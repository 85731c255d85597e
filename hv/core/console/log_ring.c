/* SPDX-License-Identifier: MIT */
/* A ring of bytes with one reader; log.c decides who may write. */
#include "core/console/log_ring.h"

#include "core/port/port.h"

_Static_assert((LOG_RING_SIZE & (LOG_RING_SIZE - 1)) == 0, "a power of two");

size_t log_ring_used(const struct log_ring *ring)
{
	/* Acquire: pairs with log_ring_commit() */
	u64 put = __atomic_load_n(&ring->put, __ATOMIC_ACQUIRE);

	return put - __atomic_load_n(&ring->taken, __ATOMIC_RELAXED);
}

size_t log_ring_room(const struct log_ring *ring)
{
	/* Acquire: pairs with log_ring_drop_first() */
	u64 taken = __atomic_load_n(&ring->taken, __ATOMIC_ACQUIRE);

	return LOG_RING_SIZE - (ring->put - taken);
}

void log_ring_put(struct log_ring *ring, size_t offset, char byte)
{
	ring->bytes[(ring->put + offset) % LOG_RING_SIZE] = byte;
}

void log_ring_commit(struct log_ring *ring, size_t len)
{
	HV_ASSERT(len <= log_ring_room(ring));
	/* Release: pairs with log_ring_used() */
	__atomic_store_n(&ring->put, ring->put + len, __ATOMIC_RELEASE);
}

char log_ring_first(const struct log_ring *ring)
{
	return ring->bytes[ring->taken % LOG_RING_SIZE];
}

void log_ring_drop_first(struct log_ring *ring)
{
	/* Release: pairs with log_ring_room() */
	__atomic_store_n(&ring->taken, ring->taken + 1, __ATOMIC_RELEASE);
}
