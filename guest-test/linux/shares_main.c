/* SPDX-License-Identifier: MIT */
/*
 * The sharing out on the build host, for tools/test/test_shares.py. It reads
 * lines of a trace, and `begin THREAD TICKS` and `end THREAD TICKS` of the
 * operations, and prints the groups.
 */
#include "linux/shares_sum.h"

#include <inttypes.h>
#include <stdio.h>

#define EVENTS_MAX     10000
#define OPERATIONS_MAX 1000

static struct lock_event events[EVENTS_MAX];
static struct shares_operation operations[OPERATIONS_MAX];

static size_t read_operation(const char *line, struct lock_event *found)
{
	char word[6];

	*found = (struct lock_event){0};
	if (sscanf(line, "%5s %" SCNu32 " %" SCNu64, word, &found->thread,
		   &found->ticks) != 3) {
		return 0;
	}
	found->kind = word[0] == 'b' ? LOCK_EVENT_BEGIN : LOCK_EVENT_END;
	return 1;
}

static void print_group(const struct shares_sum_group *group)
{
	struct shares_sum sum =
		shares_sum_of(operations, group->first, group->end);
	char line[SHARES_SUM_LINE];

	for (enum shares_sum_row row = 0; row < SHARES_SUM_ROWS; row++) {
		shares_sum_print(line, &sum, row);
		printf("%s %s\n", group->name, line);
	}
}

int main(void)
{
	struct shares_sum_group groups[SHARES_SUM_GROUPS];
	char line[512];
	size_t count = 0;

	while (fgets(line, sizeof(line), stdin) != NULL &&
	       count + LOCK_EVENTS_OF_LINE <= EVENTS_MAX) {
		size_t found = read_operation(line, &events[count]);

		count += found ? found : lock_events_read(line, &events[count]);
	}
	count = shares_find(events, count, operations, OPERATIONS_MAX);
	if (count == 0) {
		puts("none");
		return 1;
	}
	shares_sum_sort(operations, count);
	shares_sum_groups(count, groups);
	for (size_t i = 0; i < SHARES_SUM_GROUPS; i++) {
		print_group(&groups[i]);
	}
	return 0;
}
