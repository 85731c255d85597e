/* SPDX-License-Identifier: MIT */
/*
 * The virtual APIC's timer. Its clock is the TSC. In every mode a running
 * timer is one absolute deadline; the count is computed from it when asked.
 * SDM 3A, "APIC Timer" and "TSC-Deadline Mode".
 */
#include "core/apic/timer.h"

#include "base/bits.h"
#include "core/apic/interrupts.h"
#include "core/apic/state.h"

static bool in_mode(const struct vapic *v, u64 mode)
{
	return (v->lvt[VAPIC_LVT_TIMER] & VAPIC_LVT_TIMER_MODE) == mode;
}

/*
 * TSC ticks for one count, as a shift: codes 0 to 6 divide by 2, 4 … 128 and
 * code 7 divides by 1. SDM 3A, "Divide Configuration Register".
 */
static u32 divide_shift(u32 divide)
{
	u32 code = divide & (u32)VAPIC_DIVIDE_LOW;

	if ((divide & VAPIC_DIVIDE_HIGH) != 0) {
		code += 4;
	}
	return (code + 1) % 8;
}

/* TSC ticks for `count` counts: at most 2^39. */
static u64 ticks(const struct vapic *v, u32 count)
{
	return (u64)count << divide_shift(v->divide);
}

/*
 * The current-count register. Pre: what is due at `now` has expired. A count
 * that has begun still reads as a whole one.
 */
u32 vapic_timer_count(const struct vapic *v, u64 now)
{
	u64 left = v->timer_deadline - now;

	if (!v->timer_armed || in_mode(v, APIC_LVT_DEADLINE)) {
		return 0;
	}
	return (u32)((left + ticks(v, 1) - 1) >> divide_shift(v->divide));
}

/* IA32_TSC_DEADLINE reads 0 when disarmed, and in the other modes. */
u64 vapic_timer_tsc(const struct vapic *v)
{
	if (!v->timer_armed || !in_mode(v, APIC_LVT_DEADLINE)) {
		return 0;
	}
	return v->timer_deadline;
}

/*
 * A change to or from TSC-deadline mode disarms. Between one-shot and periodic
 * mode the timer runs on: docs/decisions/0003-virtual-apic-choices.md.
 */
void vapic_timer_set_lvt(struct vapic *v, u32 value)
{
	bool was_deadline = in_mode(v, APIC_LVT_DEADLINE);

	if (was_deadline !=
	    ((value & VAPIC_LVT_TIMER_MODE) == APIC_LVT_DEADLINE)) {
		v->timer_armed = false;
	}
	v->lvt[VAPIC_LVT_TIMER] = value;
}

/* Ignored in TSC-deadline mode; 0 stops the timer. */
void vapic_timer_set_count(struct vapic *v, u32 value, u64 now)
{
	if (in_mode(v, APIC_LVT_DEADLINE)) {
		return;
	}
	v->initial_count = value;
	v->timer_armed = value != 0;
	v->timer_deadline = now + ticks(v, value);
}

/*
 * A timer that runs keeps the counts it has left and goes on at the new rate.
 * Writing the old value again changes nothing, not even the count in progress.
 */
void vapic_timer_set_divide(struct vapic *v, u32 value, u64 now)
{
	u32 left = vapic_timer_count(v, now);

	if (v->divide == value) {
		return;
	}
	v->divide = value;
	if (!in_mode(v, APIC_LVT_DEADLINE)) {
		v->timer_deadline = now + ticks(v, left);
	}
}

/* Ignored in the other modes; 0 disarms. */
void vapic_timer_set_tsc(struct vapic *v, u64 value)
{
	if (!in_mode(v, APIC_LVT_DEADLINE)) {
		return;
	}
	v->timer_armed = value != 0;
	v->timer_deadline = value;
}

/*
 * Would an expiry raise a new interrupt? It merges with a vector that is
 * already in IRR. So a timer with a tiny period wakes the CPU twice for each
 * interrupt that the guest takes, and not at all while the guest takes none.
 */
static bool needs_wake(const struct vapic *v)
{
	u8 vector = vapic_lvt_vector(v, VAPIC_LVT_TIMER);

	if (!v->timer_armed || vapic_lvt_masked(v, VAPIC_LVT_TIMER)) {
		return false;
	}
	if (vector < VAPIC_VECTOR_FIRST) {
		return vapic_error_would_fire(v);
	}
	return (v->irr[vector / 64] & BIT(vector % 64)) == 0;
}

u64 vapic_timer_deadline(const struct vapic *v)
{
	return needs_wake(v) ? v->timer_deadline : ~0ull;
}

void vapic_timer_expire(struct vapic *v, u64 now)
{
	if (!v->timer_armed || now < v->timer_deadline) {
		return;
	}
	if (in_mode(v, APIC_LVT_PERIODIC)) {
		u64 period = ticks(v, v->initial_count);
		u64 missed = (now - v->timer_deadline) / period;

		v->timer_deadline += (missed + 1) * period;
	} else {
		v->timer_armed = false;
	}
	if (!vapic_lvt_masked(v, VAPIC_LVT_TIMER)) {
		vapic_post(v, vapic_lvt_vector(v, VAPIC_LVT_TIMER));
	}
}
