/* SPDX-License-Identifier: MIT */
/*
 * The experiment of the inhibit suite. VP 1 is the target: it reads a window
 * page without leaving guest mode. Other VPs call a flush of it while it is
 * inhibited; they must sleep until it is not, and then make the call once.
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
	volatile u32 returns; /* times that it came behind the VMCALL */
	volatile u64 returned_at;
	struct hypercall_result result;
	u64 exits; /* scene_sleeps(): its VM exits when it slept */
};

/* By VP number; scene_begin() fills each call with a list flush of VP 1. */
extern struct scene_caller *scene_callers[];

/* Resets callers; VP 1 reads the old memory. Then VP 1 is inhibited. */
void scene_begin(void);

/* VP 0 swaps the page under the reader. No flush: the callers' do that. */
void scene_swap(void);

/* VP n makes its call; scene_sleeps() waits until it is suspended. */
void scene_call(u32 n);
void scene_sleeps(u32 n);

/* A while later: VP n has not come back and executed nothing at all. */
void scene_still_sleeps(u32 n);

/* VP n comes back: once, with SUCCESS, all registers as they were. */
void scene_returns(u32 n);

/* Flushes that VP 1 has executed since scene_begin(). */
u64 scene_flushes(void);

/* VP 1 stops: nothing stale was read. Nobody is inhibited any more. */
void scene_end(void);

/* The call codes to use for VP 1's index; a call of one list element. */
struct flush_call scene_list_call(const struct vpset *vps);

#endif
