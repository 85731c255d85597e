/* SPDX-License-Identifier: MIT */
/*
 * The experiment of the flush suite: readers spin on a few addresses, VP 0
 * swaps the translations under them and flushes. Before the call readers must
 * still see the old memory (else nothing would be proved), after it no reader
 * of the set may.
 */
#ifndef GUEST_TEST_EXPERIMENT_SWAP_H
#define GUEST_TEST_EXPERIMENT_SWAP_H

#include "call/flush.h"

struct swap {
	/* set by the check */
	bool is_large;   /* 2 MiB pages instead of 4 KiB */
	u32 pages;       /* that are swapped, from the window's start */
	u32 reads;       /* addresses that a reader reads */
	u64 step;        /* their distance */
	u64 pte_flags;   /* PTE_G */
	bool caller_if0; /* the call is made with IF = 0 */

	/* kept by swap_round() */
	u64 frame[2];
	u64 rounds;   /* × readers of the set */
	u64 observed; /* of them: saw only old memory until the call */
};

/* Maps the first epoch and lets VPs 1 … n-1 read. */
void swap_begin(struct swap *s);

/*
 * One round with a flush of `targets` by `call`, whose vps and ranges the
 * caller has set. Unless all VPs are targets, everybody is flushed at the end.
 */
void swap_round(struct swap *s, const struct flush_call *call,
		const struct vpset *targets);

/* Stops the readers and judges. */
void swap_end(struct swap *s);

#endif
