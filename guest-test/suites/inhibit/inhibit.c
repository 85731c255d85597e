/* SPDX-License-Identifier: MIT */
/*
 * Which calls wait for an inhibited VP, which do not, and who can end the
 * inhibit: TLFS v6.0b, "Restrictions on TLB Flushes". The experiment is
 * experiment/inhibited.h.
 */
#include "call/registers.h"
#include "experiment/inhibited.h"
#include "experiment/reader.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/page.h"
#include "kernel/smp.h"

#define LIST_RANGES 400
#define SETTLE_US   300

/* One caller, in one of the forms of the call. */
static void one_caller(const void *arg)
{
	const struct flush_call *form = arg;
	struct flush_call *call;
	struct vpset target = vpset_one(SCENE_TARGET);

	if (!flush_call_can_name(form->code, &target) && form->flags == 0) {
		tap_skip("VP index above 63");
		return;
	}
	scene_begin();
	call = &scene_callers[SCENE_CALLER]->call;
	call->code = form->code;
	call->flags = form->flags;
	scene_swap();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	scene_still_sleeps(SCENE_CALLER);
	tap_equal("flushes while inhibited", scene_flushes(), 0);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	tap_equal("flushes", scene_flushes(), 1);
	scene_end();
}

/* A long list, also with a rep start index other than 0. */
static void long_list(const void *arg)
{
	static u64 ranges[LIST_RANGES];
	struct flush_call *call;

	(void)arg;
	for (u32 i = 0; i < LIST_RANGES; i++) {
		ranges[i] =
			flush_call_range(PAGE_WINDOW + 2 * i * PAGE_SIZE, 0);
	}
	for (u32 start = 0; start <= LIST_RANGES / 2; start += 100) {
		scene_begin();
		call = &scene_callers[SCENE_CALLER]->call;
		ranges[start] = flush_call_range(PAGE_WINDOW, 0);
		call->ranges = ranges;
		call->count = LIST_RANGES;
		call->start = start;
		scene_swap();
		scene_call(SCENE_CALLER);
		scene_sleeps(SCENE_CALLER);
		registers_release(SCENE_TARGET);
		scene_returns(SCENE_CALLER);
		tap_equal("flushes", scene_flushes(), 1);
		scene_end();
	}
}

static void many_callers(const void *arg)
{
	u32 last = smp_count() - 1;

	(void)arg;
	scene_begin();
	scene_swap();
	for (u32 n = SCENE_CALLER; n <= last; n++) {
		scene_call(n);
	}
	for (u32 n = SCENE_CALLER; n <= last; n++) {
		scene_sleeps(n);
	}
	scene_still_sleeps(SCENE_CALLER);
	scene_still_sleeps(last);
	tap_equal("flushes while inhibited", scene_flushes(), 0);
	registers_release(SCENE_TARGET);
	for (u32 n = SCENE_CALLER; n <= last; n++) {
		scene_returns(n);
	}
	/* one flush may execute several requests */
	tap_at_least("flushes", scene_flushes(), 1);
	tap_at_most("flushes", scene_flushes(), last - SCENE_CALLER + 1);
	scene_end();
}

static void inhibit_job(void *arg)
{
	registers_inhibit(*(u32 *)arg);
}

/* VPs 1 and 3 are inhibited, by VP 0 and by VP 3; cleared one by one. */
static void many_inhibitors(const void *arg)
{
	static u32 third = 3;
	struct vpset both = vpset_one(SCENE_TARGET);

	(void)arg;
	vpset_add(&both, third);
	scene_begin();
	scene_callers[SCENE_CALLER]->call = scene_list_call(&both);
	smp_run(third, inhibit_job, &third);
	smp_wait(third);
	scene_swap();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	registers_release(SCENE_TARGET);
	shared_wait(shared_ticks(SETTLE_US));
	scene_sleeps(SCENE_CALLER);
	scene_still_sleeps(SCENE_CALLER);
	tap_equal("flushes while inhibited", scene_flushes(), 0);
	registers_release(third);
	scene_returns(SCENE_CALLER);
	tap_equal("flushes", scene_flushes(), 1);
	scene_end();
}

/* The caller is inhibited itself: it waits only for other VPs. */
static void caller_inhibited(const void *arg)
{
	struct vpset own = vpset_one(SCENE_CALLER);

	(void)arg;
	scene_begin();
	registers_release(SCENE_TARGET);
	registers_inhibit(SCENE_CALLER);
	vpset_add(&scene_callers[SCENE_CALLER]->call.vps, SCENE_CALLER);
	scene_swap();
	scene_call(SCENE_CALLER);
	scene_returns(SCENE_CALLER);
	tap_equal("flushes", scene_flushes(), 1);
	/* a call of another VP does wait for it */
	scene_callers[3]->call = scene_list_call(&own);
	scene_call(3);
	scene_sleeps(3);
	scene_still_sleeps(3);
	registers_release(SCENE_CALLER);
	scene_returns(3);
	scene_end();
}

/* Sets that do not name VP 1, or no VP that exists: no caller sleeps. */
static void not_a_target(const void *arg)
{
	struct flush_call *call;
	const struct vpset sets[] = {{{0}}, vpset_one(0), vpset_one(2)};

	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(sets); i++) {
		scene_begin();
		call = &scene_callers[SCENE_CALLER]->call;
		call->code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX;
		call->vps = sets[i];
		scene_call(SCENE_CALLER);
		scene_returns(SCENE_CALLER);
		tap_equal("flushes of VP 1", scene_flushes(), 0);
		registers_release(SCENE_TARGET);
		scene_end();
	}
}

static void release_job(void *arg)
{
	(void)arg;
	registers_release(SCENE_TARGET);
}

/* The last VP ends it, which is neither inhibitor nor target nor caller. */
static void cleared_by_another(const void *arg)
{
	u32 last = smp_count() - 1;

	(void)arg;
	scene_begin();
	scene_swap();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	smp_run(last, release_job, NULL);
	smp_wait(last);
	scene_returns(SCENE_CALLER);
	tap_equal("flushes", scene_flushes(), 1);
	scene_end();
}

/* The inhibited VP itself ends it. */
static void cleared_by_the_target(const void *arg)
{
	struct scene_caller *c;

	(void)arg;
	scene_begin();
	c = scene_callers[SCENE_CALLER];
	reader_of(SCENE_TARGET)->stop = 1;
	smp_wait(SCENE_TARGET);
	scene_swap();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	smp_run(SCENE_TARGET, release_job, NULL);
	scene_returns(SCENE_CALLER);
	smp_wait(SCENE_TARGET);
	tap_equal("calls", c->begun, 1);
	reader_of(SCENE_TARGET)->stop = 0;
	smp_run(SCENE_TARGET, reader_run, NULL);
	scene_end();
}

/* A suspended VP sleeps: the other VP of its CPU gets all the time. */
static void time_to_others(const void *arg)
{
	u32 other = SCENE_CALLER + smp_cpus();
	u64 made[2];
	u64 time = 20 * shared_slice();

	(void)arg;
	if (smp_cpus() <= SCENE_CALLER || smp_count() <= other) {
		tap_skip("too few VPs or CPUs");
		return;
	}
	scene_begin();
	shared_spin(other);
	made[0] = smp_vps[other]->spins;
	shared_wait(time);
	made[0] = smp_vps[other]->spins - made[0];
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	made[1] = smp_vps[other]->spins;
	shared_wait(time);
	made[1] = smp_vps[other]->spins - made[1];
	scene_still_sleeps(SCENE_CALLER);
	shared_stop(other, other);
	tap_at_least("progress beside a suspended VP × 100", made[1] * 100,
		     made[0] * 95);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	scene_end();
}

/* Longer than `suspend-warn`: the console says so, and the runner looks. */
static void long_suspension(const void *arg)
{
	(void)arg;
	scene_begin();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	shared_wait(shared_ticks(1200000));
	tap_equal("returns", scene_callers[SCENE_CALLER]->returns, 0);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	scene_end();
}

#define HEADING "TLFS: Restrictions on TLB Flushes"
#define NEEDS   (NEED_HV | NEED_REGISTERS | NEED_TEST_CALL)
#define FORM(_name, _needs, ...)                                               \
	{                                                                      \
		"one_caller_" _name, HEADING, one_caller,                      \
			&(const struct flush_call){__VA_ARGS__}, 3,            \
			NEEDS | _needs                                         \
	}

/* clang-format off */
static const struct check checks[] = {
	FORM("list", 0, .code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST),
	FORM("list_ex", NEED_EX, .code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX),
	FORM("space", 0, .code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE),
	FORM("space_ex", NEED_EX,
	     .code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX),
	FORM("all", 0, .code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
	     .flags = HV_FLUSH_ALL_PROCESSORS),
	{"long_list", HEADING, long_list, NULL, 3, NEEDS},
	{"many_callers", HEADING, many_callers, NULL, 4, NEEDS},
	{"many_inhibitors", HEADING, many_inhibitors, NULL, 4, NEEDS},
	{"caller_inhibited", HEADING, caller_inhibited, NULL, 4, NEEDS},
	{"not_a_target", HEADING, not_a_target, NULL, 3, NEEDS | NEED_EX},
	{"cleared_by_another", HEADING, cleared_by_another, NULL, 4, NEEDS},
	{"cleared_by_the_target", HEADING, cleared_by_the_target, NULL, 3,
	 NEEDS},
	{"time_to_others", HEADING, time_to_others, NULL, 3,
	 NEEDS | NEED_SHARED},
	{"long_suspension", HEADING, long_suspension, NULL, 3, NEEDS},
};
/* clang-format on */

SUITE("inhibit", 170, checks);
