/* SPDX-License-Identifier: MIT */
/* Threads and checks of the scenarios with inhibits (see inhibits.h). */
#include "explorer/inhibits.h"

#include "core/flush/inhibit.h"
#include "explorer/cpus.h"

#define TARGET (&vps[1])

void inhibits_two(void)
{
	cpus_setup(2);
}

void inhibits_three(void)
{
	cpus_setup(3);
}

static void set(void)
{
	TARGET->shared.inhibit =
		INHIBIT_FLAG | BIT(FIELD_SHIFT(INHIBIT_OWNERS));
	TARGET->partition->inhibit_count = 1;
}

void inhibits_two_set(void)
{
	cpus_setup(2);
	set();
}

void inhibits_three_set(void)
{
	cpus_setup(3);
	set();
}

static void flush_once(enum flush_kind kind)
{
	if (!cpus_flush(kind, BIT(1))) {
		cpus_sleep();
	}
}

void inhibits_flush(void)
{
	flush_once(FLUSH_FULL);
}

void inhibits_flush_list(void)
{
	flush_once(FLUSH_RANGES);
}

/* A walk of page tables would come between the two looks for work. */
void inhibits_translate(void)
{
	bool before;

	inhibit_enter(TARGET);
	before = due_is_posted(TARGET);
	explore_step("walk", NULL);
	if (!before && due_is_posted(TARGET)) {
		explore_fail("a flush of VP 1 goes on while it is inhibited");
	}
	inhibit_leave(TARGET);
}

void inhibits_call(void)
{
	while (!cpus_flush(FLUSH_FULL, BIT(1))) {
		cpus_sleep();
	}
	if (!ghost.inhibit_over) {
		explore_fail("CPU %u passed the inhibit", explore_self());
	}
}

void inhibits_clear(void)
{
	explore_step("0x0051", NULL);
	ghost.inhibit_over = true;
	inhibit_clear(TARGET);
}

void inhibits_check_end(void)
{
	cpus_check_idle();
	if (TARGET->partition->suspended.words[0] != 0 ||
	    TARGET->shared.inhibit != 0 ||
	    TARGET->partition->inhibit_count != 0) {
		explore_fail("suspended=0x%llx inhibit=0x%llx count=%u",
			     (unsigned long long)
				     TARGET->partition->suspended.words[0],
			     (unsigned long long)TARGET->shared.inhibit,
			     (u32)TARGET->partition->inhibit_count);
	}
}
