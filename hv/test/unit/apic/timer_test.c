/* SPDX-License-Identifier: MIT */
/* The virtual APIC's timer: modes, counts, wakes. */

#include "base/bits.h"
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/apic/timer.h"
#include "core/state/apic.h"
#include "support/check.h"
#include "x86/apic.h"
#include "x86/msr.h"

#define VECTOR 0xec
#define NEVER  (~0ull)

#define DIVIDE_BY_1  0xb
#define DIVIDE_BY_2  0x0
#define DIVIDE_BY_16 0x3

static struct vapic v;
static struct vapic_ipi ipi;
static u64 now;

static u64 rd(u32 msr)
{
	u64 value = 0xdead;

	CHECK_EQ(vapic_read(&v, msr, now, &value), VAPIC_OK);
	return value;
}

static void wr(u32 msr, u64 value)
{
	CHECK_EQ(vapic_write(&v, msr, value, now, &ipi), VAPIC_OK);
}

static void start(u64 mode, u32 divide)
{
	now = 1000000;
	vapic_reset(&v, 0, true);
	wr(MSR_IA32_X2APIC_SIVR, 0x1ff);
	wr(MSR_IA32_X2APIC_LVT_TIMER, mode | VECTOR);
	wr(MSR_IA32_X2APIC_DIV_CONF, divide);
}

static void expire_at(u64 tsc)
{
	now = tsc;
	vapic_timer_expire(&v, now);
}

/* True if the timer's interrupt is pending; takes it. */
static bool interrupted(void)
{
	if (vapic_deliverable(&v) != VECTOR) {
		return false;
	}
	vapic_accept(&v, VECTOR);
	wr(MSR_IA32_X2APIC_EOI, 0);
	return true;
}

static void t_one_shot_counts_down_and_fires_once(void)
{
	start(APIC_LVT_ONESHOT, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 500);
	CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 500);
	CHECK_EQ(vapic_timer_deadline(&v), 1000500);
	expire_at(1000499);
	CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 1);
	CHECK(!interrupted());
	expire_at(1000500);
	CHECK(interrupted());
	CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 0);
	CHECK_EQ(rd(MSR_IA32_X2APIC_INIT_COUNT), 500);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	expire_at(1002000);
	CHECK(!interrupted());
}

static void t_divide_codes_are_those_of_the_sdm(void)
{
	static const struct {
		u32 code;
		u32 ticks;
	} codes[] = {
		{0x0, 2},  {0x1, 4},  {0x2, 8},   {0x3, 16},
		{0x8, 32}, {0x9, 64}, {0xa, 128}, {0xb, 1},
	};

	for (u32 i = 0; i < ARRAY_SIZE(codes); i++) {
		start(APIC_LVT_ONESHOT, codes[i].code);
		wr(MSR_IA32_X2APIC_INIT_COUNT, 0xffffffff);
		CHECK_EQ(vapic_timer_deadline(&v),
			 1000000 + 0xffffffffull * codes[i].ticks);
		CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 0xffffffff);
		now += 3ull * codes[i].ticks;
		CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 0xfffffffc);
	}
}

/*
 * A model of the counter that is clocked tick by tick, as the figure in the SDM
 * shows it.
 */
struct model {
	u32 initial;
	u32 ticks; /* per count */
	u32 phase;
	u32 count;
	u32 fired;
	bool periodic;
};

static void model_tick(struct model *m)
{
	if (m->count == 0 || ++m->phase < m->ticks) {
		return;
	}
	m->phase = 0;
	if (--m->count == 0) {
		m->fired++;
		m->count = m->periodic ? m->initial : 0;
	}
}

static void compare_with_model(bool periodic, u32 initial, u32 shift)
{
	static const u32 codes[] = {0xb, 0x0, 0x1, 0x2, 0x3, 0x8, 0x9, 0xa};
	struct model m = {
		.initial = initial,
		.ticks = 1u << shift,
		.count = initial,
		.periodic = periodic,
	};
	u32 fired = 0;

	start(periodic ? APIC_LVT_PERIODIC : APIC_LVT_ONESHOT, codes[shift]);
	wr(MSR_IA32_X2APIC_INIT_COUNT, initial);
	for (u32 i = 0; i < 300; i++) {
		CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), m.count);
		fired += interrupted() ? 1 : 0;
		CHECK_EQ(fired, m.fired);
		now++;
		model_tick(&m);
	}
}

static void t_counts_agree_with_a_clocked_model(void)
{
	for (u32 shift = 0; shift < 8; shift++) {
		for (u32 initial = 0; initial < 20; initial++) {
			compare_with_model(false, initial, shift);
			compare_with_model(true, initial, shift);
		}
	}
}

static void t_periodic_stays_on_its_grid(void)
{
	start(APIC_LVT_PERIODIC, DIVIDE_BY_2);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 50);
	for (u64 i = 1; i <= 1000; i++) {
		CHECK_EQ(vapic_timer_deadline(&v), 1000000 + 100 * i);
		expire_at(1000000 + 100 * i + i % 100); /* noticed late */
		CHECK(interrupted());
	}
	expire_at(1000000 + 100 * 5000 + 99);
	CHECK(interrupted());
	CHECK(!interrupted());
	CHECK_EQ(vapic_timer_deadline(&v), 1000000 + 100 * 5001);
	CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 1);
}

static void t_tiny_period_is_caught_up_in_one_step(void)
{
	start(APIC_LVT_PERIODIC, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 1);
	expire_at(BIT(62) + 12345); /* a loop over the periods would not end */
	CHECK(interrupted());
	CHECK_EQ(vapic_timer_deadline(&v), now + 1);
}

static void t_pending_vector_needs_no_wake(void)
{
	start(APIC_LVT_PERIODIC, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 1);
	expire_at(now + 10);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	vapic_accept(&v, VECTOR);
	CHECK_EQ(vapic_timer_deadline(&v), now + 1);
	expire_at(now + 1);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	CHECK_EQ(vapic_deliverable(&v), -1);
	wr(MSR_IA32_X2APIC_EOI, 0);
	CHECK_EQ(vapic_deliverable(&v), VECTOR);
}

static void t_initial_count_0_stops(void)
{
	static const u64 modes[] = {APIC_LVT_ONESHOT, APIC_LVT_PERIODIC};

	for (u32 i = 0; i < ARRAY_SIZE(modes); i++) {
		start(modes[i], DIVIDE_BY_1);
		wr(MSR_IA32_X2APIC_INIT_COUNT, 500);
		wr(MSR_IA32_X2APIC_INIT_COUNT, 0);
		CHECK_EQ(vapic_timer_deadline(&v), NEVER);
		CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 0);
		expire_at(now + 1000);
		CHECK(!interrupted());
	}
}

static void t_initial_count_restarts(void)
{
	start(APIC_LVT_ONESHOT, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 500);
	now += 400;
	wr(MSR_IA32_X2APIC_INIT_COUNT, 300);
	CHECK_EQ(vapic_timer_deadline(&v), 1000700);
}

static void t_masked_timer_runs_unheard(void)
{
	start(APIC_LVT_ONESHOT | APIC_LVT_MASKED, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 500);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	now += 100;
	CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 400);
	wr(MSR_IA32_X2APIC_LVT_TIMER, APIC_LVT_ONESHOT | VECTOR);
	CHECK_EQ(vapic_timer_deadline(&v), 1000500);
	wr(MSR_IA32_X2APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR);
	now = 1000600;
	CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 0);
	wr(MSR_IA32_X2APIC_LVT_TIMER, VECTOR);
	CHECK(!interrupted());
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
}

static void t_expiry_before_the_mask_is_heard(void)
{
	start(APIC_LVT_ONESHOT, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 500);
	now += 500;
	wr(MSR_IA32_X2APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR);
	CHECK(interrupted());
}

static void t_new_divide_keeps_the_count(void)
{
	start(APIC_LVT_PERIODIC, DIVIDE_BY_2);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 100);
	now += 81;
	wr(MSR_IA32_X2APIC_DIV_CONF, DIVIDE_BY_2);
	CHECK_EQ(vapic_timer_deadline(&v), 1000200);
	wr(MSR_IA32_X2APIC_DIV_CONF, DIVIDE_BY_16);
	CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 60);
	CHECK_EQ(vapic_timer_deadline(&v), now + 60 * 16);
	expire_at(now + 60 * 16);
	CHECK(interrupted());
	CHECK_EQ(vapic_timer_deadline(&v), now + 100 * 16);
}

static void t_tsc_deadline_fires_once_and_reads_0(void)
{
	start(APIC_LVT_DEADLINE, DIVIDE_BY_16);
	CHECK_EQ(rd(MSR_IA32_TSC_DEADLINE), 0);
	wr(MSR_IA32_TSC_DEADLINE, 1000333);
	CHECK_EQ(rd(MSR_IA32_TSC_DEADLINE), 1000333);
	CHECK_EQ(rd(MSR_IA32_X2APIC_CURRENT_COUNT), 0);
	CHECK_EQ(vapic_timer_deadline(&v), 1000333);
	expire_at(1000332);
	CHECK(!interrupted());
	expire_at(1000333);
	CHECK(interrupted());
	CHECK_EQ(rd(MSR_IA32_TSC_DEADLINE), 0);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	wr(MSR_IA32_TSC_DEADLINE, 1); /* a deadline long past fires at once */
	CHECK(vapic_timer_deadline(&v) <= now);
	expire_at(now);
	CHECK(interrupted());
}

static void t_tsc_deadline_0_disarms(void)
{
	start(APIC_LVT_DEADLINE, DIVIDE_BY_1);
	wr(MSR_IA32_TSC_DEADLINE, 1000333);
	wr(MSR_IA32_TSC_DEADLINE, 0);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	expire_at(1000400);
	CHECK(!interrupted());
}

static void t_registers_of_the_other_mode_are_ignored(void)
{
	start(APIC_LVT_DEADLINE, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 500);
	CHECK_EQ(rd(MSR_IA32_X2APIC_INIT_COUNT), 0);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	start(APIC_LVT_PERIODIC, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 500);
	wr(MSR_IA32_TSC_DEADLINE, 1000100);
	CHECK_EQ(rd(MSR_IA32_TSC_DEADLINE), 0);
	CHECK_EQ(vapic_timer_deadline(&v), 1000500);
}

static void arm(u64 mode)
{
	if (mode == APIC_LVT_DEADLINE) {
		wr(MSR_IA32_TSC_DEADLINE, now + 500);
	} else {
		wr(MSR_IA32_X2APIC_INIT_COUNT, 500);
	}
	CHECK_EQ(vapic_timer_deadline(&v), now + 500);
}

static const u64 modes[] = {APIC_LVT_ONESHOT, APIC_LVT_PERIODIC,
			    APIC_LVT_DEADLINE};

static void change_mode(u64 from, u64 to)
{
	bool runs_on = from == to ||
		       (from != APIC_LVT_DEADLINE && to != APIC_LVT_DEADLINE);

	start(from, DIVIDE_BY_1);
	arm(from);
	wr(MSR_IA32_X2APIC_LVT_TIMER, to | VECTOR);
	CHECK_EQ(vapic_timer_deadline(&v), runs_on ? now + 500 : NEVER);
	expire_at(now + 500);
	CHECK_EQ(interrupted(), runs_on);
	CHECK_EQ(vapic_timer_deadline(&v),
		 runs_on && to == APIC_LVT_PERIODIC ? now + 500 : NEVER);
}

static void t_change_to_or_from_deadline_mode_disarms(void)
{
	for (u32 from = 0; from < ARRAY_SIZE(modes); from++) {
		for (u32 to = 0; to < ARRAY_SIZE(modes); to++) {
			change_mode(modes[from], modes[to]);
			if (modes[to] == APIC_LVT_PERIODIC) {
				continue;
			}
			/* back again: the old deadline does not come back */
			wr(MSR_IA32_X2APIC_LVT_TIMER, modes[from] | VECTOR);
			expire_at(now + 250);
			CHECK(!interrupted());
		}
	}
}

/* A timer that has expired does not begin again by a change to periodic. */
static void t_expired_timer_stays_so_in_periodic_mode(void)
{
	start(APIC_LVT_ONESHOT, DIVIDE_BY_1);
	arm(APIC_LVT_ONESHOT);
	expire_at(now + 500);
	CHECK(interrupted());
	wr(MSR_IA32_X2APIC_LVT_TIMER, APIC_LVT_PERIODIC | VECTOR);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
}

static void t_illegal_vector_is_an_error_and_wakes_for_it_only(void)
{
	start(APIC_LVT_PERIODIC, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_LVT_TIMER, APIC_LVT_PERIODIC | 0x0f);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 10);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	wr(MSR_IA32_X2APIC_LVT_ERROR, 0xe1);
	CHECK_EQ(vapic_timer_deadline(&v), now + 10);
	expire_at(now + 10);
	CHECK_EQ(vapic_deliverable(&v), 0xe1);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	wr(MSR_IA32_X2APIC_ESR, 0);
	CHECK_EQ(rd(MSR_IA32_X2APIC_ESR), 0x40);
	CHECK_EQ(vapic_timer_deadline(&v), now + 10);
}

static void t_software_disable_silences_the_timer(void)
{
	start(APIC_LVT_PERIODIC, DIVIDE_BY_1);
	wr(MSR_IA32_X2APIC_INIT_COUNT, 10);
	wr(MSR_IA32_X2APIC_SIVR, 0xff);
	CHECK_EQ(vapic_timer_deadline(&v), NEVER);
	expire_at(now + 100);
	CHECK(!vapic_has_irr(&v));
}

/* clang-format off */
static const struct test tests[] = {
	{"one_shot_counts_down_and_fires_once", t_one_shot_counts_down_and_fires_once},
	{"divide_codes_are_those_of_the_sdm", t_divide_codes_are_those_of_the_sdm},
	{"counts_agree_with_a_clocked_model", t_counts_agree_with_a_clocked_model},
	{"periodic_stays_on_its_grid", t_periodic_stays_on_its_grid},
	{"tiny_period_is_caught_up_in_one_step", t_tiny_period_is_caught_up_in_one_step},
	{"pending_vector_needs_no_wake", t_pending_vector_needs_no_wake},
	{"initial_count_0_stops", t_initial_count_0_stops},
	{"initial_count_restarts", t_initial_count_restarts},
	{"masked_timer_runs_unheard", t_masked_timer_runs_unheard},
	{"expiry_before_the_mask_is_heard", t_expiry_before_the_mask_is_heard},
	{"new_divide_keeps_the_count", t_new_divide_keeps_the_count},
	{"tsc_deadline_fires_once_and_reads_0", t_tsc_deadline_fires_once_and_reads_0},
	{"tsc_deadline_0_disarms", t_tsc_deadline_0_disarms},
	{"registers_of_the_other_mode_are_ignored", t_registers_of_the_other_mode_are_ignored},
	{"change_to_or_from_deadline_mode_disarms", t_change_to_or_from_deadline_mode_disarms},
	{"expired_timer_stays_so_in_periodic_mode", t_expired_timer_stays_so_in_periodic_mode},
	{"illegal_vector_is_an_error_and_wakes_for_it_only", t_illegal_vector_is_an_error_and_wakes_for_it_only},
	{"software_disable_silences_the_timer", t_software_disable_silences_the_timer},
};
/* clang-format on */

const struct suite suite_vapic_timer = SUITE("vapic_timer", tests);
