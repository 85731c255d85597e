/* SPDX-License-Identifier: MIT */
/*
 * The scenarios. Runs them and prints TAP. The exit status is 1 if one breaks.
 */
#include <stdio.h>
#include <string.h>

#include "core/events/post.h"
#include "core/state/vp.h"
#include "explorer/cpus.h"
#include "explorer/inhibits.h"

#define BOTH 3 /* target set: VPs 0 and 1 */

/* ---- a caller, and a VP that enters, runs and exits ---- */

static void target_of(u32 pages)
{
	for (;;) {
		if (cpus_enter() && cpus_guest(pages) == EXIT_VERIFIED) {
			return;
		}
	}
}

static void target_one_page(void)
{
	target_of(1);
}

static void target_two_pages(void)
{
	target_of(2);
}

static void caller_full(void)
{
	cpus_remap(0, FLUSH_FULL, BIT(1));
}

static void caller_non_global(void)
{
	cpus_remap(0, FLUSH_NON_GLOBAL, BIT(1));
}

static void caller_list(void)
{
	cpus_remap(0, FLUSH_RANGES, BIT(1));
}

static void caller_two_lists(void)
{
	cpus_remap(0, FLUSH_RANGES, BIT(1));
	cpus_remap(1, FLUSH_RANGES, BIT(1));
}

static void second_caller_list(void)
{
	cpus_remap(1, FLUSH_RANGES, BIT(1));
}

static void two_cpus(void)
{
	cpus_setup(2);
	ghost.exits_left[1] = 2;
}

static void three_cpus(void)
{
	cpus_setup(3);
}

/* ---- two VPs that flush each other ---- */

static void flush_each_other(enum flush_kind kind)
{
	u32 self = explore_self();

	for (;;) {
		if (!cpus_enter()) {
			continue;
		}
		switch (cpus_guest(2)) {
		case EXIT_OWN_WILL:
			cpus_remap(self, kind, BOTH);
			break;
		case EXIT_VERIFIED:
			return;
		case EXIT_NMI:
			break;
		}
	}
}

static void each_other_full(void)
{
	flush_each_other(FLUSH_FULL);
}

static void each_other_list(void)
{
	flush_each_other(FLUSH_RANGES);
}

static void both_call_once(void)
{
	cpus_setup(2);
	ghost.exits_left[0] = 1;
	ghost.exits_left[1] = 1;
	ghost.must_exit = true;
}

/* ---- events ---- */

static void poster(void)
{
	vp_post(&vps[1], VP_EVENT_NMI);
}

static void flush_then_post(void)
{
	cpus_remap(0, FLUSH_FULL, BIT(1));
	vp_post(&vps[1], VP_EVENT_NMI);
}

/* Runs until it has seen the event; may halt before that. */
static void event_taker(void)
{
	while (!ghost.event_seen[1]) {
		if (cpus_enter() && cpus_guest(1) == EXIT_OWN_WILL) {
			cpus_idle();
		}
	}
}

static void halter(void)
{
	cpus_idle();
}

static void halting_target(void)
{
	for (;;) {
		if (!cpus_enter()) {
			continue;
		}
		switch (cpus_guest(1)) {
		case EXIT_OWN_WILL:
			cpus_idle();
			break;
		case EXIT_VERIFIED:
			return;
		case EXIT_NMI:
			break;
		}
	}
}

static void one_halt(void)
{
	cpus_setup(2);
	ghost.exits_left[1] = 1;
}

static void two_posters(void)
{
	cpus_setup(3);
	ghost.exits_left[1] = 1;
}

/* clang-format off */
static const struct explore_scenario scenarios[] = {
	{ "flush-vs-entry", 2, two_cpus, { caller_full, target_one_page }, cpus_check_idle },
	{ "flush-non-global-vs-entry", 2, two_cpus, { caller_non_global, target_one_page }, cpus_check_idle },
	{ "flush-list-vs-entry", 2, two_cpus, { caller_list, target_one_page }, cpus_check_idle },
	{ "two-lists-vs-entry", 2, two_cpus, { caller_two_lists, target_two_pages }, cpus_check_idle },
	{ "flush-vs-flush", 2, both_call_once, { each_other_full, each_other_full }, cpus_check_idle },
	{ "flush-list-vs-flush-list", 2, both_call_once, { each_other_list, each_other_list }, cpus_check_idle },
	{ "flush-vs-halt", 2, one_halt, { flush_then_post, halting_target }, cpus_check_idle },
	{ "event-vs-entry-and-halt", 2, one_halt, { poster, event_taker }, cpus_check_idle },
	{ "event-vs-idle", 2, one_halt, { poster, halter }, cpus_check_idle },
	{ "two-events-vs-entry-and-halt", 3, two_posters, { poster, event_taker, poster }, cpus_check_idle },
	{ "two-callers-vs-entry", 3, three_cpus, { caller_full, target_two_pages, second_caller_list }, cpus_check_idle },
	{ "inhibit-vs-flush", 2, inhibits_two, { inhibits_flush, inhibits_translate }, cpus_check_idle },
	{ "inhibit-vs-flush-list", 2, inhibits_two, { inhibits_flush_list, inhibits_translate }, cpus_check_idle },
	{ "two-inhibits-vs-flush", 3, inhibits_three, { inhibits_flush, inhibits_translate, inhibits_translate }, cpus_check_idle },
	{ "suspend-vs-clear", 2, inhibits_two_set, { inhibits_call, inhibits_clear }, inhibits_check_end },
	{ "two-suspends-vs-clear", 3, inhibits_three_set, { inhibits_call, inhibits_clear, inhibits_call }, inhibits_check_end },
};
/* clang-format on */

int main(int argc, char **argv)
{
	bool ok = true;
	u32 number = 0;

	for (u32 i = 0; i < ARRAY_SIZE(scenarios); i++) {
		const struct explore_scenario *s = &scenarios[i];
		u64 states;
		bool passed;

		if (argc > 1 && strcmp(argv[1], s->name) != 0) {
			continue;
		}
		passed = explore(s, &states);
		printf("%s %u - explore/%s # %llu states\n",
		       passed ? "ok" : "not ok", ++number, s->name,
		       (unsigned long long)states);
		fflush(stdout);
		ok = ok && passed;
	}
	printf("1..%u\n", number);
	return ok ? 0 : 1;
}
