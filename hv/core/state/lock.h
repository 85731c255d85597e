/* SPDX-License-Identifier: MIT */
/*
 * Ticket spinlock. Lock order: docs/concurrency.md. A lock is never taken with
 * the run word odd and never from the NMI handler.
 */
#ifndef HV_CORE_STATE_LOCK_H
#define HV_CORE_STATE_LOCK_H

#include "base/types.h"
#include "core/port/port.h"

struct lock {
	u32 next;    /* any CPU, atomic: ticket to draw */
	u32 serving; /* written by the holder only */
};

/* Acquire; pairs with lock_release(). Spins with PAUSE in ticket order. */
static inline void lock_acquire(struct lock *lock)
{
	u32 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_ACQUIRE);

	while (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket) {
		port_pause();
	}
}

/* Release; pairs with lock_acquire(). */
static inline void lock_release(struct lock *lock)
{
	__atomic_store_n(&lock->serving, lock->serving + 1, __ATOMIC_RELEASE);
}

#endif
