/* SPDX-License-Identifier: MIT */
/*
 * Runs the threads of a scenario in every order that x86 allows. A thread is
 * one CPU, and others may run at each of its accesses to tracked memory. Its
 * stores wait in a FIFO buffer; its loads look there first; locked instructions
 * and full fences empty the buffer (SDM 3A, "Memory Ordering"). The search
 * remembers states, so that it ends, and is exhaustive for the scenario.
 */
#ifndef HV_TEST_EXPLORER_EXPLORE_H
#define HV_TEST_EXPLORER_EXPLORE_H

#include "base/types.h"

#define EXPLORE_THREADS_MAX 3

/* Where a CPU is: decides what an NMI does */
enum explore_place {
	PLACE_ROOT,   /* the NMI handler sets kicked to 1 */
	PLACE_WINDOW, /* it does so and leaves the window */
	PLACE_GUEST,  /* a VM exit; kicked stays as it is */
};

struct explore_scenario {
	const char *name;
	u32 threads;
	void (*setup)(void); /* resets and tracks all objects */
	void (*thread[EXPLORE_THREADS_MAX])(void);
	void (*finished)(void); /* last checks, after all threads */
};

/*
 * True if no order of steps breaks the scenario. Otherwise the steps of one
 * that does are printed as comment lines. `states` receives the number of
 * states.
 */
bool explore(const struct explore_scenario *scenario, u64 *states);

/*
 * In setup: declares memory whose accesses are steps and whose content belongs
 * to the state.
 */
void explore_track(const char *name, void *at, size_t len);

/* In setup: names the word that the NMI handler of `thread` sets to 1. */
void explore_kicked_word(u32 thread, u64 *kicked);

/* ---- called by threads ---- */

u32 explore_self(void);
void explore_place(enum explore_place place);

/*
 * True if an NMI has ended the entry window, or guest mode, that this CPU was
 * in.
 */
bool explore_aborted(void);

/*
 * A step waits until `enabled` returns a mask that is not 0, and returns the
 * number of one of its bits. The search tries every bit. With NULL the step
 * returns 0 without waiting. EXPLORE_OPTIONAL(bit) marks a step that may never
 * happen: a thread may wait there for ever.
 */
#define EXPLORE_OPTIONAL(bit) ((u32)BIT((bit) + 16))
u32 explore_step(const char *what, u32 (*enabled)(u32 thread));

/* Sends an NMI to the CPU of `thread`. It arrives at any time from now on. */
void explore_send_nmi(u32 thread);

/* explore_aborted() of another thread; for `enabled` functions. */
bool explore_aborted_of(u32 thread);

/* Ends the search: this order of steps breaks the scenario. */
void explore_fail(const char *fmt, ...) __noreturn __printf(1, 2);

/* PAUSE in a loop: waits until the word that was loaded last has changed. */
void explore_pause(void);

/* MFENCE: makes all earlier stores of the thread visible. */
void explore_drain(void);

#endif
