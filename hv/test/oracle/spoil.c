/* SPDX-License-Identifier: MIT */
/*
 * Draws a call (see draw.h): a good one, then its faults and the place of its
 * block.
 */
#include "oracle/draw.h"

#define PAGE_WORDS 512
#define FAST_WORDS 14

/* The block begins the page, lies in it, or ends with it. */
static u64 draw_place(struct draw *d, u32 words)
{
	u32 free = PAGE_WORDS - words;
	u32 at = 0;

	switch (draw_below(d, 4)) {
	case 1:
		at = draw_below(d, free + 1);
		break;
	case 2:
		at = free;
		break;
	case 3: /* sometimes it ends a word after the page */
		at = free + draw_below(d, 2);
		break;
	default:
		break;
	}
	return at * 8;
}

static u64 draw_bad_gpa(struct draw *d, const struct oracle_machine *m, u64 gpa)
{
	switch (draw_below(d, 6)) {
	case 0:
		return gpa + 1 + draw_below(d, 7);
	case 1:
		return gpa ^ 1ull << draw_below(d, 64);
	case 2:
		return m->memory - 8 * (u64)draw_below(d, 70);
	case 3:
		return (gpa & PAGE_MASK) + 8 * (u64)draw_below(d, 512);
	case 4:
		return 0 - 8 * (u64)draw_below(d, 512);
	default:
		return draw_word(d);
	}
}

static void spoil_control(struct draw *d, struct drawn *out)
{
	static const u8 shifts[] = {17, 32, 48};

	if (draw_one_in(d, 2)) {
		/* variable header, count or start: one more or less */
		u32 shift = shifts[draw_below(d, 3)];

		out->control += (draw_one_in(d, 2) ? 1ull : ~0ull) << shift;
	} else {
		out->control ^= 1ull << draw_below(d, 64);
	}
}

static void spoil(struct draw *d, const struct oracle_machine *m,
		  struct drawn *out)
{
	u32 at;

	switch (draw_below(d, 8)) {
	case 0:
	case 1:
		spoil_control(d, out);
		break;
	case 2:
		out->word[0] = draw_bad_gpa(d, m, out->word[0]);
		break;
	case 3:
		out->word[1] = draw_bad_gpa(d, m, out->word[1]);
		break;
	case 4:
		out->control ^= HV_CONTROL_FAST;
		break;
	default: /* a fault in the header shows more than one in an element */
		at = draw_below(d, out->words < 8 ? out->words : 8);
		if (draw_one_in(d, 3)) {
			out->block[at] = draw_below(d, 3);
		} else {
			out->block[at] ^= 1ull << draw_below(d, 64);
		}
		break;
	}
}

/*
 * Keeps output, and the input of a tame caller, inside the areas that the
 * caller provides.
 */
static void keep_inside(const struct draw *d, const struct oracle_machine *m,
			struct drawn *out)
{
	u64 area = 2 * PAGE_SIZE;

	if (out->word[1] < m->memory && out->word[1] - d->output >= area) {
		out->word[1] = d->output + out->word[1] % area;
	}
	if (d->is_tame && out->word[0] < m->memory &&
	    out->word[0] - d->input >= area) {
		out->word[0] = d->input + out->word[0] % area;
	}
}

static void place(const struct draw *d, struct drawn *out)
{
	u64 end = d->input + 2 * PAGE_SIZE;

	if ((out->control & HV_CONTROL_FAST) != 0) {
		for (u32 i = 0; i < FAST_WORDS; i++) {
			u64 word = i < out->words ? out->block[i] : 0;

			if (i < 2) {
				out->word[i] = word;
			} else {
				out->call.xmm[i - 2] = word;
			}
		}
		out->words = 0;
		return;
	}
	/* the block lies where the call expects it, if that is in our area */
	out->at = out->word[0] & ~7ull;
	if (out->at < d->input || out->at >= end) {
		out->words = 0;
	} else if (out->words > (end - out->at) / 8) {
		out->words = (u32)((end - out->at) / 8);
	}
}

static u64 dirty(struct draw *d, u64 half)
{
	u64 upper = draw_one_in(d, 2) ? 0xdeadbeef : draw_below(d, 0x80000000);

	return upper << 32 | (half & 0xffffffff);
}

static void fill_registers(struct draw *d, struct drawn *out)
{
	struct oracle_call *c = &out->call;

	if (c->is_64bit) {
		c->rcx = out->control;
		c->rdx = out->word[0];
		c->r8 = out->word[1];
		return;
	}
	c->rdx = dirty(d, out->control >> 32);
	c->rax = dirty(d, out->control);
	c->rbx = dirty(d, out->word[0] >> 32);
	c->rcx = dirty(d, out->word[0]);
	c->rdi = dirty(d, out->word[1] >> 32);
	c->rsi = dirty(d, out->word[1]);
}

/*
 * One drawn number is the seed of all faults, so that few bytes of a fuzzer
 * give any fault.
 */
static u64 from_seed(void *seed, u64 limit)
{
	u64 *x = seed;

	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return limit == 0 ? *x : (*x >> 16) % limit;
}

void draw_call(struct draw *d, const struct oracle_machine *m,
	       struct drawn *out)
{
	u32 faults =
		draw_below(d, 8); /* 0 to 3: none; 4: one; 5 to 7: 1 to 3 */
	u64 seed = draw_below(d, 0xffffff) + 1ull;
	struct draw spoils = *d;

	spoils.below = from_seed;
	spoils.ctx = &seed;
	for (u32 i = 0; i < ARRAY_SIZE(out->call.xmm); i++) {
		out->call.xmm[i] = 0;
	}
	draw_good(d, m, out);
	out->word[0] = d->input + draw_place(d, out->words);
	out->word[1] = d->output + 8 * (u64)draw_below(d, 64);
	if (faults < 4) {
		faults = 0;
	} else {
		faults = faults == 4 ? 1 : faults - 4;
	}
	while (faults > 0) {
		spoil(&spoils, m, out);
		faults--;
	}
	if ((out->control & HV_CONTROL_FAST) == 0) {
		keep_inside(d, m, out);
	}
	place(d, out);
	fill_registers(d, out);
}
