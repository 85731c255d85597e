/* SPDX-License-Identifier: MIT */
/*
 * The experiment of the flush suite: readers spin on a few addresses, VP 0
 * swaps their translations and flushes. Before the call readers must still see
 * the old memory (else the flush is not proved); after it, no target may.
 */
#ifndef GUEST_TEST_EXPERIMENT_SWAP_H
#define GUEST_TEST_EXPERIMENT_SWAP_H

#include "call/flush.h"

struct swap {
	/* set by the check */
	bool is_large;   /* 2 MiB pages instead of 4 KiB */
	u32 pages;       /* swapped, from the start of the window */
	u32 reads;       /* addresses that a reader reads */
	u64 step;        /* their distance */
	u64 pte_flags;   /* PTE_G */
	bool caller_if0; /* the call is made with IF = 0 */

	/* kept by swap_round() */
	u64 frame[2];
	u64 rounds;   /* × readers of the set */
	u64 observed; /* of them: rounds with only old reads before the call */
};

/* Maps the first epoch and lets VPs 1 … n-1 read. */
void swap_begin(struct swap *s);

/*
 * One round: `call`, in which vps and ranges are set, flushes `targets`.
 * Unless these are all VPs, a flush of all VPs ends the round.
 */
void swap_round(struct swap *s, const struct flush_call *call,
		const struct vpset *targets);

/* Stops the readers, and compares what they have seen. */
void swap_end(struct swap *s);

#endif
