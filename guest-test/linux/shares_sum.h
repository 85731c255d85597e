/* SPDX-License-Identifier: MIT */
/* The operations of a group, added up: all, those around the median, and the
 * slowest. It uses nothing of Linux. */
#ifndef GUEST_TEST_LINUX_SHARES_SUM_H
#define GUEST_TEST_LINUX_SHARES_SUM_H

#include "linux/shares.h"

struct shares_sum {
	size_t operations;
	uint64_t least; /* ticks of the shortest */
	uint64_t most;
	struct shares_operation all;
};

/* Sorts the operations by their ticks. */
void shares_sum_sort(struct shares_operation *operations, size_t count);

/* Adds up those from `first` to the one before `end`; at least one. */
struct shares_sum shares_sum_of(const struct shares_operation *operations,
				size_t first, size_t end);

/* Groups of sorted operations. */
struct shares_sum_group {
	const char *name;
	size_t first;
	size_t end;
};

#define SHARES_SUM_GROUPS 3

/* All, the tenth around the median, and the slowest hundredth; each group has
 * at least one operation. `count`: at least one. */
void shares_sum_groups(size_t count,
		       struct shares_sum_group groups[SHARES_SUM_GROUPS]);

/* Lethe splits a line of a guest after 200 characters. */
#define SHARES_SUM_LINE 150

enum shares_sum_row {
	SHARES_SUM_COUNTS, /* operations= ticks= least= most= queued= … */
	SHARES_SUM_WAITS,  /* ticks of the waits for the address space's lock */
	SHARES_SUM_OWN,    /* all other ticks */
	SHARES_SUM_ROWS,
};

/* Writes the words of a row; all but least and most are sums. */
void shares_sum_print(char line[SHARES_SUM_LINE], const struct shares_sum *sum,
		      enum shares_sum_row row);

#endif
