/* SPDX-License-Identifier: MIT */
/* Prints a counterexample, one line for each step. */
#include <stdio.h>

#include "explorer/explore_state.h"

static void print_place(const volatile void *at)
{
	const char *byte = (const char *)at;

	for (u32 i = 0; i < region_count; i++) {
		const struct region *r = &regions[i];

		if (byte >= r->at && byte < r->at + r->len) {
			printf(" %s+0x%zx", r->name, (size_t)(byte - r->at));
			return;
		}
	}
	printf(" %p", (const void *)byte);
}

void print_step(u32 number, struct choice choice, const struct step *step)
{
	static const char *const kinds[] = {
		[CHOICE_RUN] = NULL,
		[CHOICE_DRAIN] = "store becomes visible:",
		[CHOICE_NMI] = "NMI arrives",
	};
	const char *kind = kinds[choice.kind];

	printf("#  %3u cpu%u %s", number, choice.thread,
	       kind != NULL ? kind : step->what);
	if (step->at != NULL) {
		print_place(step->at);
		printf(" = 0x%llx", (unsigned long long)step->value);
	} else if (choice.alternative != 0) {
		printf(" [%u]", choice.alternative);
	}
	printf("\n");
}
