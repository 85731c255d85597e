/* SPDX-License-Identifier: MIT */
/*
 * The search goes depth first through the choices of each state. It saves a
 * state as a copy of stacks, tracked memory and store buffers, and remembers
 * which states it has seen by their hashes.
 */
#include "explorer/explore.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explorer/explore_state.h"

#define DEPTH_MAX   4096
#define CHOICES_MAX 24
#define SEEN_BITS   23

struct frame {
	char *saved;
	struct choice choices[CHOICES_MAX];
	u32 count;
	u32 next;         /* choices[next - 1] is being tried */
	struct step step; /* what that choice did */
};

struct world world;
struct region regions[REGIONS_MAX];
u32 region_count;
u64 *kicked_words[EXPLORE_THREADS_MAX];
u32 running;
struct step last_step;

static const struct explore_scenario *scenario;
static struct frame frames[DEPTH_MAX];
static u32 depth;
static u64 seen[1u << SEEN_BITS];
static u64 seen_count;
static jmp_buf failed;

/* ---- what threads call ---- */

u32 explore_self(void)
{
	return running;
}

void explore_place(enum explore_place place)
{
	world.threads[running].place = place;
	world.threads[running].aborted = false;
}

bool explore_aborted(void)
{
	return world.threads[running].aborted;
}

bool explore_aborted_of(u32 thread)
{
	return world.threads[thread].aborted;
}

u32 explore_step(const char *what, u32 (*enabled)(u32 thread))
{
	struct thread *t = &world.threads[running];

	t->next = (struct step){.what = what};
	t->enabled = enabled;
	threads_yield();
	t = &world.threads[running];
	last_step = (struct step){.what = what};
	return t->chosen;
}

void explore_pause(void)
{
	explore_step("pause", memory_pause_over);
}

/* All threads now see what the running thread sees. */
void explore_drain(void)
{
	struct thread *t = &world.threads[running];

	memset(t->stores, 0, sizeof(t->stores));
	t->store_count = 0;
}

void explore_send_nmi(u32 thread)
{
	world.threads[thread].nmi_pending = true;
}

void explore_track(const char *name, void *at, size_t len)
{
	if (region_count == REGIONS_MAX) {
		explore_fail("too many regions");
	}
	regions[region_count++] = (struct region){name, at, len};
}

void explore_kicked_word(u32 thread, u64 *kicked)
{
	kicked_words[thread] = kicked;
}

void explore_fail(const char *fmt, ...)
{
	va_list args;

	printf("# %s: ", scenario->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	longjmp(failed, 1);
}

/* ---- states ---- */

static size_t live_len(const struct thread *t)
{
	return (size_t)(t->stack_top - t->stack_live);
}

/* Copies all that makes a state. With NULL it only measures the length. */
static size_t copy_state(char *to)
{
	size_t len = 0;

	for (u32 i = 0; i < scenario->threads; i++) {
		const struct thread *t = &world.threads[i];

		if (to != NULL) {
			memcpy(to + len, t, sizeof(*t));
			memcpy(to + len + sizeof(*t), t->stack_live,
			       live_len(t));
		}
		len += sizeof(*t) + live_len(t);
	}
	for (u32 i = 0; i < region_count; i++) {
		if (to != NULL) {
			memcpy(to + len, regions[i].at, regions[i].len);
		}
		len += regions[i].len;
	}
	return len;
}

static void restore_state(const char *from)
{
	for (u32 i = 0; i < scenario->threads; i++) {
		struct thread *t = &world.threads[i];

		memcpy(t, from, sizeof(*t));
		from += sizeof(*t);
		memcpy(t->stack_live, from, live_len(t));
		from += live_len(t);
		threads_clear_dead(t);
	}
	for (u32 i = 0; i < region_count; i++) {
		memcpy(regions[i].at, from, regions[i].len);
		from += regions[i].len;
	}
}

static u64 hash_state(const char *state, size_t len)
{
	u64 hash = len * 0x9e3779b97f4a7c15ull + 1;
	u64 word;

	for (size_t at = 0; at + 8 <= len; at += 8) {
		memcpy(&word, state + at, 8);
		hash = (hash ^ word) * 0x9fb21c651e98df25ull;
		hash ^= hash >> 29;
	}
	return hash == 0 ? 1 : hash;
}

/* True if the state is new. */
static bool remember(u64 hash)
{
	u64 slot = hash >> (64 - SEEN_BITS);

	while (seen[slot] != 0) {
		if (seen[slot] == hash) {
			return false;
		}
		slot = (slot + 1) & ((1u << SEEN_BITS) - 1);
	}
	seen[slot] = hash;
	if (++seen_count > (3u << SEEN_BITS) / 4) {
		explore_fail("too many states");
	}
	return true;
}

/* ---- choices ---- */

static void add(struct frame *f, enum choice_kind kind, u32 thread, u32 bit)
{
	if (f->count == CHOICES_MAX) {
		explore_fail("too many choices");
	}
	f->choices[f->count++] = (struct choice){(u8)kind, (u8)thread, (u8)bit};
}

/*
 * Finds all choices. True if one of them is sure to happen: optional steps are
 * choices, too, but may never happen.
 */
static bool find_choices(struct frame *f)
{
	u32 optional = 0;

	f->count = 0;
	f->next = 0;
	for (u32 i = 0; i < scenario->threads; i++) {
		const struct thread *t = &world.threads[i];
		u32 mask = 0;

		if (t->store_count != 0) {
			add(f, CHOICE_DRAIN, i, 0);
		}
		if (t->done) {
			continue;
		}
		if (t->nmi_pending) {
			add(f, CHOICE_NMI, i, 0);
		}
		mask = t->enabled == NULL ? 1 : t->enabled(i);
		for (; mask != 0; mask &= mask - 1) {
			u32 bit = (u32)__builtin_ctz(mask);

			optional += bit / 16;
			add(f, CHOICE_RUN, i, bit % 16);
		}
	}
	return f->count > optional;
}

static void perform(struct choice choice)
{
	struct thread *t = &world.threads[choice.thread];

	last_step = (struct step){.what = t->next.what};
	switch (choice.kind) {
	case CHOICE_DRAIN:
		memory_drain_one(t);
		break;
	case CHOICE_NMI:
		memory_nmi(choice.thread);
		break;
	default:
		t->chosen = choice.alternative;
		threads_run(choice.thread);
		break;
	}
}

static void check_end(void)
{
	for (u32 i = 0; i < scenario->threads; i++) {
		if (!world.threads[i].done) {
			explore_fail("CPU %u waits for ever: %s", i,
				     world.threads[i].next.what);
		}
	}
	scenario->finished();
}

/* The present state becomes the top frame, unless it is known. */
static void push_state(void)
{
	struct frame *f = &frames[depth];
	size_t len = copy_state(NULL);

	if (depth == DEPTH_MAX) {
		explore_fail("too deep");
	}
	/* NOLINTNEXTLINE(bugprone-suspicious-realloc-usage): then it ends */
	f->saved = realloc(f->saved, len + 8);
	if (f->saved == NULL) {
		explore_fail("out of memory");
	}
	memset(f->saved + len, 0, 8);
	copy_state(f->saved);
	if (!remember(hash_state(f->saved, (len + 7) & ~7ull))) {
		return;
	}
	if (!find_choices(f)) {
		check_end();
	}
	depth++;
}

static void search(void)
{
	push_state();
	while (depth > 0) {
		struct frame *f = &frames[depth - 1];

		if (f->next == f->count) {
			depth--;
			continue;
		}
		restore_state(f->saved);
		f->next++;
		perform(f->choices[f->next - 1]);
		f->step = last_step;
		push_state();
	}
}

bool explore(const struct explore_scenario *what, u64 *states)
{
	volatile bool ok = false;

	scenario = what;
	memset(&world, 0, sizeof(world));
	memset(seen, 0, sizeof(seen));
	memset(kicked_words, 0, sizeof(kicked_words));
	threads_reset();
	region_count = 0;
	seen_count = 0;
	depth = 0;
	if (setjmp(failed) == 0) {
		scenario->setup();
		for (u32 i = 0; i < scenario->threads; i++) {
			threads_start(i, scenario->thread[i]);
		}
		search();
		ok = true;
	} else {
		if (depth > 0) {
			frames[depth - 1].step = last_step;
		}
		for (u32 i = 0; i < depth; i++) {
			print_step(i + 1, frames[i].choices[frames[i].next - 1],
				   &frames[i].step);
		}
	}
	*states = seen_count;
	return ok;
}
