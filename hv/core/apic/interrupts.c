/* SPDX-License-Identifier: MIT */
/*
 * The virtual APIC's interrupts: which vectors are pending or in service, which
 * one the VP's priority lets through; and errors. SDM 3A, "Interrupt, Task, and
 * Processor Priority" and "Error Handling".
 */

#include "core/apic/interrupts.h"

#include "base/bits.h"
#include "common/lib/mem.h"
#include "core/apic/state.h"
#include "core/port/port.h"
#include "x86/msr.h"

#define PRIORITY_CLASS GENMASK(7, 4) /* of a vector, TPR or PPR */

#define SVR_RESET 0xffu

static void set_bit(u64 bits[4], u8 vector)
{
	bits[vector / 64] |= BIT(vector % 64);
}

static void clear_bit(u64 bits[4], u8 vector)
{
	bits[vector / 64] &= ~BIT(vector % 64);
}

static bool has_bit(const u64 bits[4], u8 vector)
{
	return (bits[vector / 64] & BIT(vector % 64)) != 0;
}

/* The highest vector of the set, 0 if it is empty. */
static u32 highest(const u64 bits[4])
{
	for (u32 i = 4; i-- > 0;) {
		if (bits[i] != 0) {
			return 64 * i + 63 - (u32)__builtin_clzll(bits[i]);
		}
	}
	return 0;
}

void vapic_reset(struct vapic *v, u32 id, bool is_bsp)
{
	memset(v, 0, sizeof(*v));
	v->id = id;
	v->base = APIC_BASE_RESET | APIC_BASE_EN | APIC_BASE_EXTD |
		  (is_bsp ? APIC_BASE_BSP : 0);
	v->svr = SVR_RESET;
	for (u32 i = 0; i < VAPIC_LVT_COUNT; i++) {
		v->lvt[i] = APIC_LVT_MASKED;
	}
}

void vapic_init_signal(struct vapic *v)
{
	u64 base = v->base;

	vapic_reset(v, v->id, false);
	v->base = base;
}

bool vapic_is_bsp(const struct vapic *v)
{
	return (v->base & APIC_BASE_BSP) != 0;
}

bool vapic_is_enabled(const struct vapic *v)
{
	/* A hint for other CPUs; nothing is ordered by it */
	return (__atomic_load_n(&v->svr, __ATOMIC_RELAXED) &
		APIC_SIVR_ENABLE) != 0;
}

/* SDM 3A, "Local APIC State After It Has Been Software Disabled" */
void vapic_set_svr(struct vapic *v, u32 value)
{
	__atomic_store_n(&v->svr, value, __ATOMIC_RELAXED);
	if (vapic_is_enabled(v)) {
		return;
	}
	for (u32 i = 0; i < VAPIC_LVT_COUNT; i++) {
		v->lvt[i] |= APIC_LVT_MASKED;
	}
}

/* SDM 3A, "Trigger Mode Register (TMR)": set as the interrupt enters IRR. */
static void accept_into_irr(struct vapic *v, u8 vector, bool level)
{
	set_bit(v->irr, vector);
	if (level) {
		set_bit(v->tmr, vector);
	} else {
		clear_bit(v->tmr, vector);
	}
}

bool vapic_error_would_fire(const struct vapic *v)
{
	return !v->error_fired && !vapic_lvt_masked(v, VAPIC_LVT_ERROR);
}

void vapic_raise_error(struct vapic *v, u32 esr_bit)
{
	u8 vector = vapic_lvt_vector(v, VAPIC_LVT_ERROR);

	v->esr_pending |= esr_bit;
	if (!vapic_error_would_fire(v)) {
		return;
	}
	v->error_fired = true;
	if (vector < VAPIC_VECTOR_FIRST) {
		v->esr_pending |= VAPIC_ESR_RECEIVE_ILLEGAL;
		return;
	}
	accept_into_irr(v, vector, false);
}

/*
 * SDM 3A, "Error Handling": a write makes the errors since the last write
 * readable.
 */
void vapic_latch_esr(struct vapic *v)
{
	v->esr = v->esr_pending;
	v->esr_pending = 0;
	v->error_fired = false;
}

static void receive(struct vapic *v, u8 vector, bool level)
{
	if (!vapic_is_enabled(v)) {
		return;
	}
	if (vector < VAPIC_VECTOR_FIRST) {
		vapic_raise_error(v, VAPIC_ESR_RECEIVE_ILLEGAL);
		return;
	}
	accept_into_irr(v, vector, level);
}

void vapic_post(struct vapic *v, u8 vector)
{
	receive(v, vector, false);
}

void vapic_post_level(struct vapic *v, u8 vector)
{
	receive(v, vector, true);
}

/*
 * SDM 3A, "Task and Processor Priorities". Where both classes are equal the
 * sub-class is model specific: here it is that of TPR.
 */
u32 vapic_ppr(const struct vapic *v)
{
	u32 in_service = highest(v->isr) & PRIORITY_CLASS;

	return (v->tpr & PRIORITY_CLASS) >= in_service ? v->tpr : in_service;
}

int vapic_deliverable(const struct vapic *v)
{
	u32 vector = highest(v->irr);

	if ((vector & PRIORITY_CLASS) <= (vapic_ppr(v) & PRIORITY_CLASS)) {
		return -1;
	}
	return (int)vector;
}

bool vapic_has_irr(const struct vapic *v)
{
	return (v->irr[0] | v->irr[1] | v->irr[2] | v->irr[3]) != 0;
}

void vapic_accept(struct vapic *v, u8 vector)
{
	HV_ASSERT(has_bit(v->irr, vector));
	clear_bit(v->irr, vector);
	set_bit(v->isr, vector);
}

void vapic_unaccept(struct vapic *v, u8 vector)
{
	clear_bit(v->isr, vector);
	set_bit(v->irr, vector);
}

/*
 * There is no I/O APIC that would need the EOI of a level-triggered interrupt.
 * Its TMR bit stays until the vector is accepted again.
 */
void vapic_eoi(struct vapic *v)
{
	clear_bit(v->isr, (u8)highest(v->isr));
}

u8 vapic_cr8(const struct vapic *v)
{
	return (u8)FIELD_GET(PRIORITY_CLASS, v->tpr);
}

void vapic_set_cr8(struct vapic *v, u8 cr8)
{
	v->tpr = (u32)FIELD_PREP(PRIORITY_CLASS, cr8);
}
