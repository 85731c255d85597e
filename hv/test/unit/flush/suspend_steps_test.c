/* SPDX-License-Identifier: MIT */
/*
 * A caller meets an inhibited target, and at each step until it sleeps, another
 * CPU clears the inhibit or sets it again. The caller must go on, once; if it
 * sleeps, it must be woken. The hook makes a whole call on the other CPU.
 */
#include "core/flush/suspend.h"
#include "core/lifecycle/stop.h"

#include <string.h>

#include "core/console/log.h"
#include "core/cpu/run_word.h"
#include "core/flush/inhibit.h"
#include "core/port/step.h"
#include "core/run/sched.h"
#include "core/run/service.h"
#include "core/trace/stats.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"

#define LIST   CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST)
#define CALLER 0
#define TARGET 1

static struct partition *p;
static struct vp *caller;
static struct vp *target;
static u64 registers[GPR_COUNT];

static enum step act_at; /* the hook acts once, at this step */
static void (*act)(void);
static u32 steps[STEP_COUNT]; /* how often each was passed by the caller */
static bool is_acting;

static void on_step(u32 step)
{
	if (is_acting) {
		return; /* the other CPU's own steps */
	}
	steps[step]++;
	if (act != NULL && step == act_at) {
		void (*once)(void) = act;

		act = NULL;
		is_acting = true;
		once();
		is_acting = false;
	}
}

static void set_inhibit(void)
{
	inhibit_enter(target);
	inhibit_keep(target, p);
}

static void clear_inhibit(void)
{
	inhibit_clear(target);
}

/* Clears the inhibit and sets it again at once. */
static void clear_and_set(void)
{
	clear_inhibit();
	set_inhibit();
}

static void setup(void)
{
	static const u64 list[] = {0, 0, BIT(TARGET), 0x5000, 0x6000};

	fake_reset();
	fake_vmcs_reset();
	p = call_partition(3, 1);
	caller = p->vps[CALLER];
	target = p->vps[TARGET];
	call_put(p, CALL_GPA, list, ARRAY_SIZE(list));
	for (u32 i = 0; i < GPR_COUNT; i++) {
		caller->own.gpr[i] = 0x1000 + i;
	}
	caller->own.gpr[GPR_RCX] = LIST | CALL_COUNT(2);
	caller->own.gpr[GPR_RDX] = CALL_GPA;
	memcpy(registers, caller->own.gpr, sizeof(registers));
	memset(steps, 0, sizeof(steps));
	act = NULL;
	fake.on_step = on_step;
	set_inhibit();
}

static void check_nothing_done(void)
{
	CHECK_EQ(memcmp(registers, caller->own.gpr, sizeof(registers)), 0);
	CHECK(!call_has_work(target));
	CHECK_EQ(fake.invvpid_count, 0);
}

/*
 * Does what the loop of hv/vmx/loop.c does around the call. True if the CPU
 * would halt.
 */
static bool goes_to_sleep(void)
{
	struct cpu *cpu = caller->cpu;
	bool halts;

	for (u32 i = 0; i < 10; i++) {
		/* the report of long suspensions is due at once */
		if (caller->own.due && sched_next(cpu) == caller) {
			service_vp(caller);
		}
		if (caller->own.state == VP_RUNNABLE) {
			return false;
		}
		if (sched_next(cpu) == NULL) {
			halts = run_idle_begin(cpu);
			if (halts) {
				return true;
			}
		}
	}
	return false;
}

static enum hc_outcome call_it(void)
{
	static const struct hc_caller mode = {.is_64bit = true,
					      .is_protected = true};

	return hypercall(caller, &mode);
}

/* Each suspension ended with the call being made again, counted once. */
static void check_counts(void)
{
	u64 slot = stats_slot_of_call(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST);
	u64 suspended = stats_ends(caller, slot, stats_end_of(STATS_SUSPENDED));

	CHECK(suspended != 0);
	CHECK_EQ(stats_reissues(caller), suspended);
}

static void check_completes(void)
{
	CHECK_EQ(caller->own.state, VP_RUNNABLE);
	check_counts();
	CHECK(caller->own.waits_for == NULL);
	CHECK_EQ(p->suspended.words[0], 0);
	check_nothing_done();
	CHECK_EQ(call_it(), HC_DONE);
	CHECK_EQ(caller->own.gpr[GPR_RAX], FIELD_PREP(HV_RESULT_REPS, 2));
	CHECK_EQ(target->shared.queue.count, 2);
}

static const enum step on_the_way[] = {STEP_FLUSH_ENDED, STEP_STATE_WRITTEN,
				       STEP_BIT_SET, STEP_LOOKED, STEP_IDLE};

/* Cleared at each step: the caller does not go on sleeping. */
static void t_cleared_at_each_step(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(on_the_way); i++) {
		setup();
		act_at = on_the_way[i];
		act = clear_inhibit;
		CHECK_EQ(call_it(), HC_REPEAT);
		CHECK(!goes_to_sleep());
		CHECK_EQ(steps[act_at], 1);
		check_completes();
	}
}

/*
 * Cleared and set again at each step: the caller may look again, and then
 * sleeps.
 */
static void t_cleared_and_set_at_each_step(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(on_the_way); i++) {
		setup();
		act_at = on_the_way[i];
		act = clear_and_set;
		CHECK_EQ(call_it(), HC_REPEAT);
		if (!goes_to_sleep()) {
			CHECK_EQ(call_it(), HC_REPEAT);
			CHECK(goes_to_sleep());
		}
		CHECK(act == NULL);
		check_nothing_done();
		CHECK_EQ(caller->own.state, VP_SUSPENDED);
		CHECK_EQ(p->suspended.words[0], caller->bank_bit);
		/* it is halted: an NMI has to come */
		fake.kick_count = 0;
		clear_inhibit();
		CHECK_EQ(fake_kicks_of(caller->cpu->number), 1);
		run_idle_end(caller->cpu);
		CHECK(!goes_to_sleep());
		check_completes();
	}
}

/* ---- calls that begin between clearing and waking ---- */

static void call_meanwhile(void)
{
	CHECK_EQ(call_it(), HC_DONE);
	CHECK_EQ(target->shared.queue.count, 2);
}

/* The word is 0 already: an inhibit that is being ended suspends nobody. */
static void t_called_while_it_ends(void)
{
	static const enum step ends[] = {STEP_WORD_CLEARED, STEP_COUNT_DOWN};

	for (u32 i = 0; i < ARRAY_SIZE(ends); i++) {
		setup();
		act_at = ends[i];
		act = call_meanwhile;
		clear_inhibit();
		CHECK(act == NULL);
		CHECK_EQ(caller->own.state, VP_RUNNABLE);
		CHECK_EQ(p->suspended.words[0], 0);
	}
}

static void set_and_call(void)
{
	set_inhibit();
	CHECK_EQ(call_it(), HC_REPEAT);
	CHECK_EQ(caller->own.state, VP_SUSPENDED);
}

/*
 * A new inhibit begins in between: the end of the old one may wake the caller,
 * but the caller must not pass the new one.
 */
static void t_set_again_while_it_ends(void)
{
	static const enum step ends[] = {STEP_WORD_CLEARED, STEP_COUNT_DOWN};

	for (u32 i = 0; i < ARRAY_SIZE(ends); i++) {
		setup();
		act_at = ends[i];
		act = set_and_call;
		clear_inhibit();
		CHECK(act == NULL);
		CHECK_EQ(p->inhibit_count, 1);
		if (!goes_to_sleep()) {
			CHECK_EQ(call_it(), HC_REPEAT);
			CHECK(goes_to_sleep());
		}
		check_nothing_done();
		clear_inhibit();
		run_idle_end(caller->cpu);
		CHECK(!goes_to_sleep());
		check_completes();
	}
}

/* ---- who is reported as dead ---- */

static u32 reports(void)
{
	const char *at = fake.uart;
	u32 count = 0;

	log_flush();
	while ((at = strstr(at, "nobody is left")) != NULL) {
		at++;
		count++;
	}
	return count;
}

/*
 * All VPs of `p` sleep: one is suspended, the others are halted without a
 * timer.
 */
static void all_asleep(void)
{
	setup();
	fake_config(p)->suspend_warn_ms = 1000;
	for (u32 i = 0; i < p->vp_count; i++) {
		if (p->vps[i] != caller) {
			p->vps[i]->own.state = VP_HALTED;
			p->vps[i]->own.deadline = ~0ull;
		}
	}
}

static void t_dead_is_reported_once(void)
{
	all_asleep();
	CHECK_EQ(call_it(), HC_REPEAT);
	CHECK_EQ(reports(), 1);
	suspend_report_deadlock(p);
	CHECK_EQ(reports(), 1);
	/* a timer, an event or a running VP may end it */
	all_asleep();
	p->vps[2]->own.deadline = 1000;
	CHECK_EQ(call_it(), HC_REPEAT);
	p->vps[2]->own.deadline = ~0ull;
	p->vps[2]->shared.events = VP_EVENT_IRQ;
	suspend_report_deadlock(p);
	p->vps[2]->shared.events = 0;
	p->vps[2]->own.state = VP_RUNNABLE;
	suspend_report_deadlock(p);
	CHECK_EQ(reports(), 0);
	/* its CPU has taken the WAKE, and not yet changed the state */
	p->vps[2]->own.state = VP_HALTED;
	clear_inhibit();
	caller->shared.events = 0;
	suspend_report_deadlock(p);
	CHECK_EQ(reports(), 0);
}

/* Another partition may end it as long as it runs. */
static void t_controlled_is_not_dead(void)
{
	struct partition *other;

	all_asleep();
	other = call_partition(1, 1);
	fake_config(other)->controls = BIT(p->number);
	CHECK_EQ(call_it(), HC_REPEAT);
	CHECK_EQ(reports(), 0);
	/* the other partition's end leaves the inhibit that `p` set itself */
	partition_stop(other, 0, "test");
	service_vp(other->vps[0]);
	CHECK_EQ(p->inhibit_count, 1);
	CHECK_EQ(reports(), 1);
}

static const struct test tests[] = {
	{"cleared-at-each-step", t_cleared_at_each_step},
	{"cleared-and-set-at-each-step", t_cleared_and_set_at_each_step},
	{"called-while-it-ends", t_called_while_it_ends},
	{"set-again-while-it-ends", t_set_again_while_it_ends},
	{"dead-is-reported-once", t_dead_is_reported_once},
	{"controlled-is-not-dead", t_controlled_is_not_dead},
};

const struct suite suite_suspend_steps = SUITE("suspend_steps", tests);
