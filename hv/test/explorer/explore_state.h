/* SPDX-License-Identifier: MIT */
/*
 * What the files of the explorer share: explore.c (the search), threads.c,
 * memory.c and atomics.c (what a CPU sees), and print.c.
 */
#ifndef HV_TEST_EXPLORER_EXPLORE_STATE_H
#define HV_TEST_EXPLORER_EXPLORE_STATE_H

#include <setjmp.h>

#include "explorer/explore.h"

#define STORES_MAX  8
#define REGIONS_MAX 32
#define STACK_LEN   32768

struct store {
	volatile void *at;
	u64 value;
	u64 under; /* what the others see while the store is applied */
	u32 size;
};

struct step {
	const char *what;
	const volatile void *at; /* NULL: no memory access */
	u64 value;
};

struct thread {
	jmp_buf context;
	char *stack_top;
	char *stack_live; /* lowest byte in use while it does not run */
	struct store stores[STORES_MAX];
	u32 store_count;
	bool done;
	bool nmi_pending;
	bool aborted;
	enum explore_place place;
	u32 chosen;
	u32 (*enabled)(u32 thread);
	struct step next;

	/* the last load, for PAUSE */
	const volatile void *loaded_at;
	u64 loaded;
	u32 loaded_size;
};

/* Together with stacks and regions, this makes a state */
struct world {
	struct thread threads[EXPLORE_THREADS_MAX];
};

struct region {
	const char *name;
	char *at;
	size_t len;
};

enum choice_kind {
	CHOICE_RUN,   /* one step of a thread */
	CHOICE_DRAIN, /* its oldest store becomes visible */
	CHOICE_NMI,   /* its pending NMI is taken */
};

struct choice {
	u8 kind;
	u8 thread;
	u8 alternative;
};

extern struct world world;
extern struct region regions[REGIONS_MAX];
extern u32 region_count;
extern u64 *kicked_words[EXPLORE_THREADS_MAX];
extern u32 running;           /* number of the thread that runs */
extern struct step last_step; /* what the last step did, for print.c */

/* memory.c */
u64 memory_read(const volatile void *at, u32 size);
bool memory_is_tracked(const volatile void *at);
bool memory_is_private(const volatile void *at);
void memory_write(volatile void *at, u32 size, u64 value);
void memory_buffer(struct thread *t, volatile void *at, u32 size, u64 value);
void memory_apply(struct thread *t);
void memory_unapply(struct thread *t);
void memory_drain_one(struct thread *t);
void memory_nmi(u32 thread);
u32 memory_pause_over(u32 thread);

/* threads.c */
void threads_reset(void);
void threads_start(u32 thread, void (*body)(void));
void threads_run(u32 thread); /* until its next step begins */
void threads_yield(void);     /* called by a thread: returns to the search */
void threads_clear_dead(const struct thread *t);

/* print.c: prints one line of a counterexample; `number` counts from 1 */
void print_step(u32 number, struct choice choice, const struct step *step);

#endif
