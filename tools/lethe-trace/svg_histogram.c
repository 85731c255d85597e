/* SPDX-License-Identifier: MIT */
/*
 * A bar for each quarter of a power of two: the hypercalls whose ticks, from
 * the exit to the end of the handler, lie in it.
 */
#include <stdlib.h>

#include "link.h"
#include "output.h"
#include "say.h"
#include "svg.h"

#define BINS   252 /* of numbers of 64 bits */
#define LEFT   60
#define TOP    50
#define WIDTH  640
#define HEIGHT 240
#define BOTTOM 60
#define LABELS 8 /* about so many on the x axis */

#define COUNT_MIN 24 /* pixels of a bar that has its count above it */

typedef unsigned long long print_t;

static u32 bin_of(u64 value)
{
	u32 power;

	if (value < 4) {
		return (u32)value;
	}
	power = 63 - (u32)__builtin_clzll(value);
	return 4 * (power - 1) + (u32)(value >> (power - 2) & 3);
}

/* The least value of a bin. */
static u64 least_of(u32 bin)
{
	return bin < 4 ? bin : (4 + (u64)bin % 4) << (bin / 4 - 1);
}

static int compare(const void *left, const void *right)
{
	const u64 *a = left;
	const u64 *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* The ticks of all hypercalls whose end is known, sorted. */
static size_t collect(const struct output *o, u64 *ticks)
{
	size_t count = 0;

	for (size_t i = 0; i < o->m->count; i++) {
		const struct model_item *item = &o->m->items[i];

		if (link_is_hypercall(&item->r) && item->is_end_known &&
		    filter_has(o->filter, o->m, item)) {
			ticks[count] = link_ticks(item);
			count++;
		}
	}
	qsort(ticks, count, sizeof(*ticks), compare);
	return count;
}

/* The bar of a bin, as high as its part of the largest one. */
static void draw_bar(FILE *to, struct svg_box box, u32 bin, size_t calls)
{
	char text[96];

	snprintf(text, sizeof(text), "from %llu ticks: %zu calls",
		 (print_t)least_of(bin), calls);
	svg_box(to, box, SVG_ROOT, text);
	if (calls != 0 && box.width >= COUNT_MIN) {
		snprintf(text, sizeof(text), "%zu", calls);
		svg_text(to, box.x + box.width / 2, box.y - 5, "middle", text);
	}
}

static void draw_bars(FILE *to, const u64 *ticks, size_t count)
{
	static size_t bins[BINS];
	u32 low = bin_of(ticks[0]);
	int bars = (int)(bin_of(ticks[count - 1]) - low + 1);
	int width = WIDTH / bars;
	size_t most = 0;
	char text[32];

	for (u32 bin = 0; bin < BINS; bin++) {
		bins[bin] = 0;
	}
	for (size_t i = 0; i < count; i++) {
		size_t now = ++bins[bin_of(ticks[i])];

		most = now > most ? now : most;
	}
	for (int i = 0; i < bars; i++) {
		size_t calls = bins[low + (u32)i];
		int height = (int)((double)calls * HEIGHT / (double)most);
		int x = LEFT + i * WIDTH / bars;

		draw_bar(to,
			 (struct svg_box){x, TOP + HEIGHT - height,
					  width > 2 ? width - 1 : 1, height},
			 low + (u32)i, calls);
		if (i % (bars / LABELS + 1) == 0) {
			snprintf(text, sizeof(text), "%llu",
				 (print_t)least_of(low + (u32)i));
			svg_text(to, x, TOP + HEIGHT + 18, "start", text);
		}
	}
}

void svg_histogram_write(const struct output *o)
{
	u64 *ticks = say_room(NULL, o->m->count + 1, sizeof(*ticks));
	size_t count = collect(o, ticks);
	char text[160] = "no hypercall whose end is known";

	if (count != 0) {
		snprintf(text, sizeof(text),
			 "%zu hypercalls: least %llu, median %llu, most %llu "
			 "ticks",
			 count, (print_t)ticks[0], (print_t)ticks[count / 2],
			 (print_t)ticks[count - 1]);
	}
	svg_begin(o->to, LEFT + WIDTH + 20, TOP + HEIGHT + BOTTOM, text);
	svg_text(o->to, LEFT, 24, "start", text);
	if (count != 0) {
		draw_bars(o->to, ticks, count);
	}
	svg_line(o->to, (struct svg_box){LEFT, TOP + HEIGHT, WIDTH, 0},
		 SVG_DARK);
	svg_text(o->to, LEFT + WIDTH / 2, TOP + HEIGHT + 42, "middle",
		 "ticks from the exit to the end of its handler");
	svg_end(o->to);
	free(ticks);
}
