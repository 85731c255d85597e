/* SPDX-License-Identifier: MIT */
/*
 * The experiment of the inhibit suite. VP 1 is the target: it reads a window
 * page without leaving guest mode. Other VPs call for a flush of VP 1 while it
 * is inhibited: they must sleep until the inhibit ends, and then flush once.
 */
#ifndef GUEST_TEST_EXPERIMENT_INHIBITED_H
#define GUEST_TEST_EXPERIMENT_INHIBITED_H

#include "call/flush.h"

#define SCENE_TARGET 1
#define SCENE_CALLER 2 /* the first one */

struct scene_caller {
	struct flush_call call; /* set before scene_call() */
	bool if0;               /* the call is made with IF = 0 */

	volatile u32 begun;
	volatile u32 returns; /* times that the VMCALL returned */
	volatile u64 returned_at;
	struct hypercall_result result;
	u64 exits; /* its VM exits when scene_sleeps() saw it sleep */
};

/* By VP number; scene_begin() fills each call with a list flush of VP 1. */
extern struct scene_caller *scene_callers[];

/* Resets the callers, lets VP 1 read the old memory, inhibits VP 1. */
void scene_begin(void);

/* VP 0 swaps the page that VP 1 reads. It does not flush: the callers do. */
void scene_swap(void);

/* Lets VP n make its call; waits until it is suspended. */
void scene_call(u32 n);
void scene_sleeps(u32 n);

/* Expects after a while that VP n is suspended and has executed nothing. */
void scene_still_sleeps(u32 n);

/* Expects that VP n returns once, with SUCCESS and all registers kept. */
void scene_returns(u32 n);

/* Flushes that VP 1 has executed since scene_begin(). */
u64 scene_flushes(void);

/* Stops VP 1; expects no stale read, and no VP that is inhibited. */
void scene_end(void);

/* A call that flushes one page of `vps`, of the code that can name them. */
struct flush_call scene_list_call(const struct vpset *vps);

#endif
