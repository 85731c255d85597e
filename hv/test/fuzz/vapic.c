/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any reads and writes of the virtual APIC's registers, with
 * interrupts and time between them. A second computation, from the registers
 * alone, must agree on what can be delivered. A #GP must change nothing.
 */

#include <string.h>

#include "base/bits.h"
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/apic/timer.h"
#include "core/state/apic.h"
#include "fuzz/fuzz.h"
#include "support/fake.h"
#include "x86/apic.h"
#include "x86/msr.h"

#define STEPS_MAX 64
#define MSR_FIRST 0x800u
#define MSR_TPR   0x808u
#define MSR_PPR   0x80au
#define MSR_ISR   0x810u
#define MSR_IRR   0x820u
#define MSR_ESR   0x828u
#define MSR_EOI   0x80bu

static struct vapic v;
static struct fuzz_bytes bytes;
static u64 now;

static u64 below(u64 limit)
{
	return fuzz_below(&bytes, limit);
}

static u64 reg(u32 msr)
{
	u64 value = ~0ull;

	FUZZ_EXPECT(vapic_read(&v, msr, now, &value) == VAPIC_OK);
	FUZZ_EXPECT(value >> 32 == 0);
	return value;
}

/* The highest bit that is set in eight registers; -1: none */
static int highest(u32 msr)
{
	int found = -1;

	for (u32 i = 0; i < 8; i++) {
		u32 bits = (u32)reg(msr + i);

		if (bits != 0) {
			found = (int)(32 * i) + 31 - __builtin_clz(bits);
		}
	}
	return found;
}

/* SDM 3A, "Task and Processor Priorities" and "Acceptance for Fixed" */
static void check_priorities(void)
{
	int isr = highest(MSR_ISR);
	int irr = highest(MSR_IRR);
	int tpr = (int)reg(MSR_TPR);
	int serviced = isr < 0 ? 0 : isr & 0xf0;
	int ppr = (tpr & 0xf0) >= serviced ? tpr : serviced;
	int want = irr >= 0 && (irr & 0xf0) > (ppr & 0xf0) ? irr : -1;

	FUZZ_EXPECT_EQ(reg(MSR_PPR), ppr);
	FUZZ_EXPECT_EQ(vapic_deliverable(&v), want);
	FUZZ_EXPECT_EQ(vapic_has_irr(&v), irr >= 0);
	FUZZ_EXPECT_EQ(vapic_cr8(&v), tpr >> 4);
	/* vectors below 16 are errors, never interrupts */
	FUZZ_EXPECT_EQ(reg(MSR_IRR) & 0xffff, 0);
	FUZZ_EXPECT_EQ(reg(MSR_ISR) & 0xffff, 0);
	FUZZ_EXPECT_EQ(reg(MSR_ESR) & ~0x60ull, 0);
}

/* Compares all bytes: `old` is a copy with the padding. */
static bool is_unchanged(const void *old)
{
	return memcmp((const void *)&v, old, sizeof(v)) == 0;
}

static u32 any_msr(void)
{
	switch (below(8)) {
	case 0:
		return MSR_IA32_TSC_DEADLINE;
	case 1:
		return MSR_IA32_APIC_BASE;
	case 2:
		return (u32)below(0x100000000);
	default:
		return MSR_FIRST + (u32)below(0x40);
	}
}

static u64 any_value(void)
{
	switch (below(4)) {
	case 0:
		return below(256);
	case 1:
		return below(1ull << 20);
	case 2:
		return now + below(100000);
	default:
		return below(0);
	}
}

static void write_any(void)
{
	u32 msr = any_msr();
	u64 value = any_value();
	int before = highest(MSR_ISR);
	struct vapic_ipi ipi;
	struct vapic old = v;

	memset(&ipi, 0xa5, sizeof(ipi));
	if (vapic_write(&v, msr, value, now, &ipi) == VAPIC_GP) {
		FUZZ_EXPECT(!ipi.send && is_unchanged(&old));
		return;
	}
	FUZZ_EXPECT(vapic_owns(msr));
	/* in these two modes ipi_send() gets no vector below 16 */
	FUZZ_EXPECT(!ipi.send || ipi.vector >= 16 ||
		    (ipi.mode != VAPIC_MODE_FIXED &&
		     ipi.mode != VAPIC_MODE_LOWEST));
	if (msr == MSR_EOI && before >= 0) {
		FUZZ_EXPECT(highest(MSR_ISR) < before);
	}
}

static void read_any(void)
{
	u32 msr = any_msr();
	struct vapic old = v;
	u64 value = 0x5a5a;

	if (vapic_read(&v, msr, now, &value) == VAPIC_GP) {
		FUZZ_EXPECT(value == 0x5a5a && is_unchanged(&old));
	} else {
		FUZZ_EXPECT(vapic_owns(msr));
	}
}

/* Accepts the vector as a VM entry does, and sometimes gives it back. */
static void deliver(void)
{
	int vector = vapic_deliverable(&v);
	struct vapic old = v;

	if (vector < 0) {
		return;
	}
	vapic_accept(&v, (u8)vector);
	FUZZ_EXPECT_EQ(highest(MSR_ISR), vector);
	FUZZ_EXPECT((reg(MSR_IRR + (u32)vector / 32) >> vector % 32 & 1) == 0);
	if (below(3) == 0) {
		vapic_unaccept(&v, (u8)vector);
		FUZZ_EXPECT(memcmp(&v.irr, &old.irr, sizeof(v.irr)) == 0);
		FUZZ_EXPECT(memcmp(&v.isr, &old.isr, sizeof(v.isr)) == 0);
	}
}

static void step(void)
{
	switch (below(8)) {
	case 0:
		vapic_post(&v, (u8)below(256));
		break;
	case 1:
		vapic_post_level(&v, (u8)below(256));
		break;
	case 2:
		deliver();
		break;
	case 3:
		now += below(1ull << 40);
		vapic_timer_expire(&v, now);
		FUZZ_EXPECT(vapic_timer_deadline(&v) > now);
		break;
	case 4:
		vapic_set_cr8(&v, (u8)below(16));
		break;
	case 5:
		read_any();
		break;
	default:
		write_any();
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fake_reset();
	bytes = (struct fuzz_bytes){data, len};
	now = 1000;
	memset(&v, 0, sizeof(v));
	vapic_reset(&v, 3, below(2) != 0);
	for (u32 i = 0; i < STEPS_MAX && bytes.len > 0; i++) {
		if (below(64) == 63) {
			vapic_init_signal(&v);
		}
		step();
		vapic_timer_expire(&v, now);
		check_priorities();
	}
	return 0;
}
