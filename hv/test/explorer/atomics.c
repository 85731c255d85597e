/* SPDX-License-Identifier: MIT */
/*
 * The __atomic built-ins on x86: which of them are steps, and which empty the
 * store buffer.
 */
#include "explorer/atomics.h"

#include <string.h>

#include "explorer/explore_state.h"

static struct thread *before(const char *what, const volatile void *at)
{
	struct thread *t = &world.threads[running];

	if (memory_is_tracked(at)) {
		t->next = (struct step){.what = what, .at = at};
		t->enabled = NULL;
		threads_yield();
	}
	return t;
}

static void note(const char *what, const volatile void *at, u64 value)
{
	if (memory_is_tracked(at)) {
		last_step = (struct step){what, at, value};
	}
}

uint64_t atomics_load(const volatile void *at, unsigned size)
{
	struct thread *t = before("load", at);
	u64 value = memory_read(at, size);

	t->loaded_at = at;
	t->loaded = value;
	t->loaded_size = size;
	note("load", at, value);
	return value;
}

/* A store is a step only if the other CPUs see it at once. */
void atomics_store(volatile void *at, unsigned size, uint64_t value, int order)
{
	struct thread *t = &world.threads[running];

	if (order == __ATOMIC_SEQ_CST) {
		(void)before("store, fence", at);
		explore_drain();
		memory_write(at, size, value);
		note("store, fence", at, value);
		return;
	}
	if (memory_is_private(at)) {
		(void)before("store", at); /* an NMI may come before it */
	}
	if (!memory_is_tracked(at) || memory_is_private(at)) {
		memory_write(at, size, value);
		return;
	}
	memory_buffer(t, at, size, value);
	t->stores[t->store_count - 1].under = memory_read(at, size);
	memory_write(at, size, value);
}

/*
 * An instruction with LOCK prefix empties the buffer, whatever memory order the
 * source asks for.
 */
uint64_t atomics_rmw(volatile void *at, unsigned size, enum atomics_rmw op,
		     uint64_t operand)
{
	u64 old;
	u64 value = operand;

	(void)before("locked", at);
	explore_drain();
	old = memory_read(at, size);
	if (op == ATOMICS_OR) {
		value = old | operand;
	} else if (op == ATOMICS_AND) {
		value = old & operand;
	} else if (op == ATOMICS_ADD) {
		value = old + operand;
	}
	memory_write(at, size, value);
	note("locked", at, memory_read(at, size));
	return old;
}

bool atomics_compare_exchange(volatile void *at, unsigned size, void *expected,
			      uint64_t desired)
{
	bool same;

	(void)before("locked", at);
	explore_drain();
	same = memcmp((const void *)at, expected, size) == 0;
	if (same) {
		memory_write(at, size, desired);
	} else {
		memcpy(expected, (const void *)at, size);
	}
	note("locked", at, memory_read(at, size));
	return same;
}

void atomics_fence(int order)
{
	if (order == __ATOMIC_SEQ_CST) {
		explore_step("fence", NULL);
		explore_drain();
	}
}
