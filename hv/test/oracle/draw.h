/* SPDX-License-Identifier: MIT */
/*
 * Draws hypercalls from a source of numbers. Half of them are valid, so that
 * they get far; the others have one to three faults. The source is a random
 * number generator (test guest) or the bytes of a fuzzer.
 */
#ifndef HV_TEST_ORACLE_DRAW_H
#define HV_TEST_ORACLE_DRAW_H

#include "oracle/oracle.h"

struct draw {
	u64 (*below)(void *ctx, u64 limit); /* 0 … limit-1; limit 0: any u64 */
	void *ctx;

	/* where blocks may lie: two pages for input, two for output */
	u64 input;
	u64 output;
	/* ranges often name pages of this window */
	u64 window;
	u32 window_pages;
	u64 root;      /* AddressSpace of two thirds of the flushes */
	u8 ipi_vector; /* vector of about half of the IPIs */
	bool is_tame;  /* calls read blocks in `input` only */
};

struct drawn {
	struct oracle_call call; /* the caller sets vp_index, mode and CPL */
	/* the caller writes it to `at` before the call; 0 words: nothing */
	u64 at;
	u32 words;
	u64 block[ORACLE_WORDS];

	/* used only while the call is drawn */
	u64 control;
	u64 word[2];
};

void draw_call(struct draw *d, const struct oracle_machine *m,
	       struct drawn *out);

/* Draws a good call: control word and block. */
void draw_good(struct draw *d, const struct oracle_machine *m,
	       struct drawn *out);

static inline u64 draw_word(struct draw *d)
{
	return d->below(d->ctx, 0);
}

/* A number below `limit`, at most 2^32. */
static inline u32 draw_below(struct draw *d, u32 limit)
{
	return limit < 2 ? 0 : (u32)d->below(d->ctx, limit);
}

static inline bool draw_one_in(struct draw *d, u32 n)
{
	return draw_below(d, n) == n - 1;
}

#endif
