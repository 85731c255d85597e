/* SPDX-License-Identifier: MIT */
/*
 * Memory as each CPU sees it. While a thread runs, its buffered stores are
 * applied to memory, so that its own loads find them, plain loads too. Before
 * another thread runs, they are taken back.
 */
#include <string.h>

#include "explorer/explore_state.h"

u64 memory_read(const volatile void *at, u32 size)
{
	u64 value = 0;

	memcpy(&value, (const void *)at, size);
	return value;
}

void memory_write(volatile void *at, u32 size, u64 value)
{
	memcpy((void *)at, &value, size);
}

bool memory_is_tracked(const volatile void *at)
{
	const char *byte = (const char *)at;

	for (u32 i = 0; i < region_count; i++) {
		if (byte >= regions[i].at &&
		    byte < regions[i].at + regions[i].len) {
			return true;
		}
	}
	return false;
}

/*
 * Only its own CPU uses `kicked`. It makes no difference when the others see a
 * store to it, so that it needs no place in the buffer.
 */
bool memory_is_private(const volatile void *at)
{
	for (u32 i = 0; i < EXPLORE_THREADS_MAX; i++) {
		if (at == kicked_words[i]) {
			return true;
		}
	}
	return false;
}

void memory_apply(struct thread *t)
{
	for (u32 i = 0; i < t->store_count; i++) {
		struct store *s = &t->stores[i];

		s->under = memory_read(s->at, s->size);
		memory_write(s->at, s->size, s->value);
	}
}

void memory_unapply(struct thread *t)
{
	for (u32 i = t->store_count; i > 0; i--) {
		struct store *s = &t->stores[i - 1];

		if (memory_read(s->at, s->size) != s->value) {
			explore_fail("plain store beside an atomic one");
		}
		memory_write(s->at, s->size, s->under);
		s->under = 0;
	}
}

/* The thread does not run: its stores are not applied. */
void memory_drain_one(struct thread *t)
{
	last_step.at = t->stores[0].at;
	last_step.value = t->stores[0].value;
	memory_write(t->stores[0].at, t->stores[0].size, t->stores[0].value);
	t->store_count--;
	memmove(&t->stores[0], &t->stores[1],
		t->store_count * sizeof(t->stores[0]));
	memset(&t->stores[t->store_count], 0, sizeof(t->stores[0]));
}

/*
 * Only puts the store into the buffer. The caller writes it to memory, which is
 * the thread's own view.
 */
void memory_buffer(struct thread *t, volatile void *at, u32 size, u64 value)
{
	struct store *s = &t->stores[t->store_count];

	if (t->store_count == STORES_MAX) {
		explore_fail("store buffer too small for the scenario");
	}
	*s = (struct store){.at = at, .size = size, .value = value};
	t->store_count++;
}

void memory_nmi(u32 thread)
{
	struct thread *t = &world.threads[thread];

	t->nmi_pending = false;
	if (t->place != PLACE_GUEST) {
		*kicked_words[thread] = 1;
	}
	if (t->place != PLACE_ROOT) {
		t->aborted = true;
	}
}

/* True if the pausing thread would now load another value. */
u32 memory_pause_over(u32 thread)
{
	struct thread *t = &world.threads[thread];
	u64 value;

	memory_apply(t);
	value = memory_read(t->loaded_at, t->loaded_size);
	memory_unapply(t);
	return value != t->loaded ? 1 : 0;
}
