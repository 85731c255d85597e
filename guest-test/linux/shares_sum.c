/* SPDX-License-Identifier: MIT */
/* Adds up the operations of a group, and writes the sums as words. */
#include "linux/shares_sum.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const words[SHARES_PARTS] = {
	[SHARES_HOLDER_FLUSHES] = "holder_flushes",
	[SHARES_HOLDER_OUT] = "holder_out",
	[SHARES_HOLDER_LULL] = "holder_lull",
	[SHARES_HOLDER_RUNS] = "holder_runs",
	[SHARES_LOCK_FREE] = "lock_free",
	[SHARES_FLUSH] = "flush",
	[SHARES_OUT] = "out",
	[SHARES_OTHER] = "other_lock",
	[SHARES_LULL_OWN] = "lull",
	[SHARES_ANSWER] = "answer",
	[SHARES_SPLIT] = "split",
	[SHARES_REST] = "rest",
};

static int compare(const void *left, const void *right)
{
	uint64_t a = ((const struct shares_operation *)left)->ticks;
	uint64_t b = ((const struct shares_operation *)right)->ticks;

	return (a > b) - (a < b);
}

void shares_sum_sort(struct shares_operation *operations, size_t count)
{
	qsort(operations, count, sizeof(*operations), compare);
}

void shares_sum_groups(size_t count,
		       struct shares_sum_group groups[SHARES_SUM_GROUPS])
{
	size_t half = count / 20; /* a twentieth on either side */
	size_t middle = count / 2;
	size_t slowest = count < 100 ? 1 : count / 100;

	groups[0] = (struct shares_sum_group){"all", 0, count};
	groups[1] = (struct shares_sum_group){"middle", middle - half,
					      middle + (half ? half : 1)};
	groups[2] =
		(struct shares_sum_group){"slowest", count - slowest, count};
}

struct shares_sum shares_sum_of(const struct shares_operation *operations,
				size_t first, size_t end)
{
	struct shares_sum sum = {.operations = end - first,
				 .least = operations[first].ticks,
				 .most = operations[end - 1].ticks};

	for (size_t i = first; i < end; i++) {
		const struct shares_operation *one = &operations[i];

		sum.all.ticks += one->ticks;
		for (int part = 0; part < SHARES_PARTS; part++) {
			sum.all.parts[part] += one->parts[part];
		}
		sum.all.queued += one->queued;
		sum.all.timeouts += one->timeouts;
		sum.all.wakes += one->wakes;
		sum.all.passed += one->passed;
	}
	return sum;
}

/* The parts from `first` to the one before `end`. */
static void print_parts(char line[SHARES_SUM_LINE],
			const struct shares_sum *sum, int first, int end)
{
	int at = 0;

	for (int part = first; part < end; part++) {
		at += snprintf(line + at, SHARES_SUM_LINE - (size_t)at,
			       "%s%s=%" PRIu64, at ? " " : "", words[part],
			       sum->all.parts[part]);
	}
}

void shares_sum_print(char line[SHARES_SUM_LINE], const struct shares_sum *sum,
		      enum shares_sum_row row)
{
	const struct shares_operation *all = &sum->all;

	switch (row) {
	case SHARES_SUM_COUNTS:
		snprintf(line, SHARES_SUM_LINE,
			 "operations=%zu ticks=%" PRIu64 " least=%" PRIu64
			 " most=%" PRIu64
			 " queued=%u timeouts=%u wakes=%u passed=%u",
			 sum->operations, all->ticks, sum->least, sum->most,
			 all->queued, all->timeouts, all->wakes, all->passed);
		break;
	case SHARES_SUM_WAITS:
		print_parts(line, sum, 0, SHARES_LOCK_FREE + 1);
		break;
	case SHARES_SUM_OWN:
		print_parts(line, sum, SHARES_LOCK_FREE + 1, SHARES_PARTS);
		break;
	case SHARES_SUM_ROWS:
		break;
	}
}
