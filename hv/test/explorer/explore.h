/* SPDX-License-Identifier: MIT */
/*
 * Runs the threads of a scenario in every order that x86 allows. A thread is
 * one CPU; it can be interrupted at each access to tracked memory. Its stores
 * wait in a FIFO buffer, loads look there first, locked instructions and full
 * fences empty it (SDM 3A, "Memory Ordering"). The search remembers states, so
 * it ends; it is exhaustive for the scenario.
 */
#ifndef HV_TEST_EXPLORER_EXPLORE_H
#define HV_TEST_EXPLORER_EXPLORE_H

#include "base/types.h"

#define EXPLORE_THREADS_MAX 3

/* Where a CPU is, for an NMI that arrives */
enum explore_place {
	PLACE_ROOT,   /* handler: kicked = 1 */
	PLACE_WINDOW, /* the same, and the window is left: explore_aborted() */
	PLACE_GUEST,  /* VM exit: explore_aborted(), kicked stays */
};

struct explore_scenario {
	const char *name;
	u32 threads;
	void (*setup)(void); /* all objects fresh; tracks them */
	void (*thread[EXPLORE_THREADS_MAX])(void);
	void (*finished)(void); /* all threads returned: last checks */
};

/*
 * True if no order of steps breaks the scenario. Else the steps that do are
 * printed as comment lines. `states` receives how many states there were.
 */
bool explore(const struct explore_scenario *scenario, u64 *states);

/* In setup: memory whose accesses are steps and whose content is state. */
void explore_track(const char *name, void *at, size_t len);

/* In setup: the word that thread's NMI handler sets to 1. */
void explore_kicked_word(u32 thread, u64 *kicked);

/* ---- called by threads ---- */

u32 explore_self(void);
void explore_place(enum explore_place place);

/* True once an NMI has ended the window or the stretch of guest mode. */
bool explore_aborted(void);

/*
 * A step: waits until `enabled` returns a mask that is not 0, then returns the
 * number of one of its bits; every one of them is tried. NULL: bit 0 at once.
 * What nobody can rely on is marked: a thread may wait for ever in front of an
 * optional step.
 */
#define EXPLORE_OPTIONAL(bit) ((u32)BIT((bit) + 16))
u32 explore_step(const char *what, u32 (*enabled)(u32 thread));

/* An NMI for the CPU of `thread`: it comes at any time from now on. */
void explore_send_nmi(u32 thread);

/* What another thread's CPU is in; for `enabled` functions. */
bool explore_aborted_of(u32 thread);

/* The scenario is broken: this order of steps is a counterexample. */
void explore_fail(const char *fmt, ...) __noreturn __printf(1, 2);

/* PAUSE in a loop: goes on when the word that was loaded last has changed. */
void explore_pause(void);

/* All earlier stores of the thread become visible: MFENCE. */
void explore_drain(void);

#endif
