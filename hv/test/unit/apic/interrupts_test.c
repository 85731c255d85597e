/* SPDX-License-Identifier: MIT */
/* The virtual APIC's interrupts, priorities and errors. */

#include "base/bits.h"
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/apic/timer.h"
#include "core/state/apic.h"
#include "support/check.h"
#include "support/fake.h"
#include "x86/apic.h"
#include "x86/msr.h"

#include <string.h>

#define NOW 1000ull

#define ESR_SEND_ILLEGAL    0x20
#define ESR_RECEIVE_ILLEGAL 0x40

static struct vapic v;
static struct vapic_ipi ipi;

static u64 rd(u32 msr)
{
	u64 value = 0xdead;

	CHECK_EQ(vapic_read(&v, msr, NOW, &value), VAPIC_OK);
	return value;
}

static void wr(u32 msr, u64 value)
{
	CHECK_EQ(vapic_write(&v, msr, value, NOW, &ipi), VAPIC_OK);
}

/* ESR as a handler reads it: write, then read. */
static u64 latched_esr(void)
{
	wr(MSR_IA32_X2APIC_ESR, 0);
	return rd(MSR_IA32_X2APIC_ESR);
}

static void start(void)
{
	vapic_reset(&v, 5, false);
	wr(MSR_IA32_X2APIC_SIVR, 0x1ff);
}

static void take(u8 vector)
{
	vapic_post(&v, vector);
	CHECK_EQ(vapic_deliverable(&v), vector);
	vapic_accept(&v, vector);
}

/*
 * Checks that the eight registers of ISR, TMR or IRR hold this vector alone, or
 * none.
 */
static void check_set(u32 first, u32 vector)
{
	for (u32 word = 0; word < 8; word++) {
		CHECK_EQ(rd(first + word),
			 vector / 32 == word ? BIT(vector % 32) : 0);
	}
}

#define NONE 0xffffu

static void t_vector_moves_from_irr_to_isr_to_nothing(void)
{
	start();
	for (u32 vector = 16; vector < 256; vector++) {
		CHECK(!vapic_has_irr(&v));
		vapic_post(&v, (u8)vector);
		CHECK(vapic_has_irr(&v));
		check_set(MSR_IA32_X2APIC_IRR0, vector);
		check_set(MSR_IA32_X2APIC_ISR0, NONE);
		CHECK_EQ(vapic_deliverable(&v), vector);
		vapic_accept(&v, (u8)vector);
		check_set(MSR_IA32_X2APIC_IRR0, NONE);
		check_set(MSR_IA32_X2APIC_ISR0, vector);
		CHECK_EQ(rd(MSR_IA32_X2APIC_PPR), vector & 0xf0);
		wr(MSR_IA32_X2APIC_EOI, 0);
		check_set(MSR_IA32_X2APIC_ISR0, NONE);
		CHECK_EQ(rd(MSR_IA32_X2APIC_PPR), 0);
	}
	CHECK_EQ(latched_esr(), 0);
}

static void t_eoi_ends_the_highest_in_service(void)
{
	start();
	take(0x31);
	take(0x52);
	take(0xe0);
	CHECK_EQ(rd(MSR_IA32_X2APIC_PPR), 0xe0);
	wr(MSR_IA32_X2APIC_EOI, 0);
	CHECK_EQ(rd(MSR_IA32_X2APIC_PPR), 0x50);
	wr(MSR_IA32_X2APIC_EOI, 0);
	CHECK_EQ(rd(MSR_IA32_X2APIC_PPR), 0x30);
	wr(MSR_IA32_X2APIC_EOI, 0);
	CHECK_EQ(rd(MSR_IA32_X2APIC_PPR), 0);
	wr(MSR_IA32_X2APIC_EOI, 0);
	CHECK_EQ(vapic_deliverable(&v), -1);
}

static void t_priority_follows_the_sdm(void)
{
	/* clang-format off */
	static const struct {
		u8 tpr, in_service, pending;
		u8 ppr;
		int deliverable;
	} rows[] = {
		{0x00, 0x00, 0x10, 0x00, 0x10},
		{0x0f, 0x00, 0x10, 0x0f, 0x10},
		{0x10, 0x00, 0x1f, 0x10, -1},
		{0x1f, 0x00, 0x20, 0x1f, 0x20},
		{0x20, 0x35, 0x3f, 0x30, -1},
		{0x2f, 0x35, 0x40, 0x30, 0x40},
		{0x35, 0x31, 0x3f, 0x35, -1},
		{0x40, 0x31, 0x4f, 0x40, -1},
		{0x40, 0x31, 0x50, 0x40, 0x50},
		{0xff, 0x00, 0xff, 0xff, -1},
		{0xef, 0x00, 0xf0, 0xef, 0xf0},
	};
	/* clang-format on */

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		start();
		if (rows[i].in_service != 0) {
			take(rows[i].in_service);
		}
		wr(MSR_IA32_X2APIC_TPR, rows[i].tpr);
		vapic_post(&v, rows[i].pending);
		CHECK_EQ(rd(MSR_IA32_X2APIC_PPR), rows[i].ppr);
		CHECK_EQ(vapic_deliverable(&v), rows[i].deliverable);
		CHECK(vapic_has_irr(&v));
	}
}

static void t_highest_pending_comes_first(void)
{
	start();
	vapic_post(&v, 0x40);
	vapic_post(&v, 0xc1);
	vapic_post(&v, 0x7f);
	vapic_post(&v, 0xc1);
	CHECK_EQ(vapic_deliverable(&v), 0xc1);
	vapic_accept(&v, 0xc1);
	CHECK_EQ(vapic_deliverable(&v), -1);
	wr(MSR_IA32_X2APIC_EOI, 0);
	CHECK_EQ(vapic_deliverable(&v), 0x7f);
}

static void t_accept_of_a_vector_not_pending_panics(void)
{
	start();
	CHECK_PANIC(vapic_accept(&v, 0x30), "assertion");
}

static void t_cr8_is_the_class_of_tpr(void)
{
	start();
	wr(MSR_IA32_X2APIC_TPR, 0x5a);
	CHECK_EQ(vapic_cr8(&v), 5);
	vapic_set_cr8(&v, 0xc);
	CHECK_EQ(rd(MSR_IA32_X2APIC_TPR), 0xc0);
	CHECK_EQ(vapic_cr8(&v), 0xc);
}

static void t_trigger_mode_is_kept_in_tmr(void)
{
	start();
	vapic_post_level(&v, 0x61);
	CHECK_EQ(rd(MSR_IA32_X2APIC_TMR0 + 3), BIT(1));
	vapic_accept(&v, 0x61);
	wr(MSR_IA32_X2APIC_EOI, 0);
	CHECK_EQ(rd(MSR_IA32_X2APIC_TMR0 + 3), BIT(1));
	vapic_post(&v, 0x61);
	CHECK_EQ(rd(MSR_IA32_X2APIC_TMR0 + 3), 0);
}

static void t_disabled_apic_takes_nothing_and_holds_the_rest(void)
{
	start();
	vapic_post(&v, 0x40);
	wr(MSR_IA32_X2APIC_SIVR, 0xff);
	CHECK(!vapic_is_enabled(&v));
	vapic_post(&v, 0x50);
	vapic_post(&v, 3);
	wr(MSR_IA32_X2APIC_SELF_IPI, 0x60);
	CHECK_EQ(rd(MSR_IA32_X2APIC_IRR0 + 2), BIT(0));
	CHECK_EQ(rd(MSR_IA32_X2APIC_IRR0 + 3), 0);
	CHECK_EQ(latched_esr(), 0);
	CHECK_EQ(vapic_deliverable(&v), 0x40);
	wr(MSR_IA32_X2APIC_SIVR, 0x1ff);
	CHECK(vapic_is_enabled(&v));
	vapic_post(&v, 0x50);
	CHECK_EQ(vapic_deliverable(&v), 0x50);
}

static void t_disabled_apic_still_sends(void)
{
	vapic_reset(&v, 0, true);
	wr(MSR_IA32_X2APIC_ICR, 0x100000040);
	CHECK(ipi.send);
	CHECK_EQ(ipi.dest, 1);
}

static void t_software_disable_masks_every_lvt(void)
{
	start();
	for (u32 i = 0; i < VAPIC_LVT_COUNT; i++) {
		wr(MSR_IA32_X2APIC_LVT_TIMER + i, 0x40);
		CHECK_EQ(rd(MSR_IA32_X2APIC_LVT_TIMER + i), 0x40);
	}
	wr(MSR_IA32_X2APIC_SIVR, 0xff);
	for (u32 i = 0; i < VAPIC_LVT_COUNT; i++) {
		CHECK_EQ(rd(MSR_IA32_X2APIC_LVT_TIMER + i), 0x10040);
		wr(MSR_IA32_X2APIC_LVT_TIMER + i, 0x41);
		CHECK_EQ(rd(MSR_IA32_X2APIC_LVT_TIMER + i), 0x10041);
	}
	wr(MSR_IA32_X2APIC_SIVR, 0x1ff);
	for (u32 i = 0; i < VAPIC_LVT_COUNT; i++) {
		CHECK_EQ(rd(MSR_IA32_X2APIC_LVT_TIMER + i), 0x10041);
	}
}

static void t_received_illegal_vector_is_an_error(void)
{
	start();
	for (u32 vector = 0; vector < 16; vector++) {
		vapic_post(&v, (u8)vector);
		CHECK(!vapic_has_irr(&v));
		CHECK_EQ(rd(MSR_IA32_X2APIC_ESR), 0);
		CHECK_EQ(latched_esr(), ESR_RECEIVE_ILLEGAL);
		CHECK_EQ(latched_esr(), 0);
	}
	CHECK_EQ(vapic_deliverable(&v), -1);
}

static void t_sent_illegal_vector_is_an_error_and_not_sent(void)
{
	start();
	for (u64 vector = 0; vector < 256; vector++) {
		for (u64 mode = 0; mode < 8; mode++) {
			bool bad = vector < 16 && mode <= VAPIC_MODE_LOWEST;

			wr(MSR_IA32_X2APIC_ICR, mode << 8 | vector);
			CHECK_EQ(ipi.send, !bad);
			CHECK_EQ(latched_esr(), bad ? ESR_SEND_ILLEGAL : 0);
			CHECK_EQ(rd(MSR_IA32_X2APIC_ICR), mode << 8 | vector);
		}
	}
}

static void t_self_ipi_arrives_or_is_an_error(void)
{
	start();
	wr(MSR_IA32_X2APIC_SELF_IPI, 0xfe);
	CHECK(!ipi.send);
	CHECK_EQ(vapic_deliverable(&v), 0xfe);
	CHECK_EQ(rd(MSR_IA32_X2APIC_ICR), 0);
	CHECK_EQ(latched_esr(), 0);
	start();
	wr(MSR_IA32_X2APIC_SELF_IPI, 0x0f);
	CHECK(!vapic_has_irr(&v));
	CHECK_EQ(latched_esr(), ESR_SEND_ILLEGAL | ESR_RECEIVE_ILLEGAL);
}

static void t_errors_collect_until_esr_is_written(void)
{
	start();
	vapic_post(&v, 1);
	CHECK_EQ(latched_esr(), ESR_RECEIVE_ILLEGAL);
	wr(MSR_IA32_X2APIC_ICR, 0x02);
	CHECK_EQ(rd(MSR_IA32_X2APIC_ESR), ESR_RECEIVE_ILLEGAL);
	vapic_post(&v, 1);
	CHECK_EQ(latched_esr(), ESR_SEND_ILLEGAL | ESR_RECEIVE_ILLEGAL);
	CHECK_EQ(latched_esr(), 0);
}

static void t_error_interrupt_comes_once_for_each_esr_write(void)
{
	start();
	wr(MSR_IA32_X2APIC_LVT_ERROR, 0xe1);
	vapic_post(&v, 1);
	CHECK_EQ(vapic_deliverable(&v), 0xe1);
	vapic_accept(&v, 0xe1);
	wr(MSR_IA32_X2APIC_EOI, 0);
	wr(MSR_IA32_X2APIC_ICR, 0x02);
	CHECK(!vapic_has_irr(&v));
	CHECK_EQ(latched_esr(), ESR_SEND_ILLEGAL | ESR_RECEIVE_ILLEGAL);
	vapic_post(&v, 1);
	CHECK_EQ(vapic_deliverable(&v), 0xe1);
}

static void t_masked_error_is_only_logged(void)
{
	start();
	wr(MSR_IA32_X2APIC_LVT_ERROR, 0x100e1);
	vapic_post(&v, 1);
	CHECK(!vapic_has_irr(&v));
	wr(MSR_IA32_X2APIC_LVT_ERROR, 0xe1);
	CHECK(!vapic_has_irr(&v));
	vapic_post(&v, 1);
	CHECK_EQ(vapic_deliverable(&v), 0xe1);
	CHECK_EQ(latched_esr(), ESR_RECEIVE_ILLEGAL);
}

static void t_illegal_error_vector_ends_in_esr(void)
{
	start();
	wr(MSR_IA32_X2APIC_LVT_ERROR, 0x05);
	CHECK_EQ(latched_esr(), 0);
	wr(MSR_IA32_X2APIC_ICR, 0x02);
	CHECK(!vapic_has_irr(&v));
	CHECK_EQ(latched_esr(), ESR_SEND_ILLEGAL | ESR_RECEIVE_ILLEGAL);
}

static void t_icr_is_decoded_field_by_field(void)
{
	start();
	wr(MSR_IA32_X2APIC_ICR, 0x89abcdef000cc5f1);
	CHECK(ipi.send);
	CHECK(ipi.assert);
	CHECK(ipi.level);
	CHECK(!ipi.logical);
	CHECK_EQ(ipi.vector, 0xf1);
	CHECK_EQ(ipi.mode, VAPIC_MODE_INIT);
	CHECK_EQ(ipi.shorthand, VAPIC_TO_OTHERS);
	CHECK_EQ(ipi.dest, 0x89abcdef);
	CHECK_EQ(rd(MSR_IA32_X2APIC_ICR), 0x89abcdef000cc5f1);
	wr(MSR_IA32_X2APIC_ICR, 0x40840);
	CHECK(ipi.send);
	CHECK(!ipi.assert);
	CHECK(!ipi.level);
	CHECK(ipi.logical);
	CHECK_EQ(ipi.vector, 0x40);
	CHECK_EQ(ipi.mode, VAPIC_MODE_FIXED);
	CHECK_EQ(ipi.shorthand, VAPIC_TO_SELF);
	CHECK_EQ(ipi.dest, 0);
	wr(MSR_IA32_X2APIC_TPR, 0);
	CHECK(!ipi.send);
}

static void t_init_is_reset_but_keeps_the_identity(void)
{
	struct vapic fresh;

	vapic_reset(&fresh, 0x123, true);
	vapic_reset(&v, 0x123, true);
	wr(MSR_IA32_X2APIC_SIVR, 0x155);
	wr(MSR_IA32_X2APIC_LVT_TIMER, 0x400ef);
	wr(MSR_IA32_TSC_DEADLINE, NOW + 5);
	wr(MSR_IA32_X2APIC_DIV_CONF, 0xb);
	wr(MSR_IA32_X2APIC_LVT_ERROR, 0xfe);
	wr(MSR_IA32_X2APIC_TPR, 0x33);
	take(0x70);
	vapic_post_level(&v, 0x80);
	vapic_post(&v, 2);
	vapic_init_signal(&v);
	/* vapic_reset() has cleared the padding as well.
	 * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	CHECK(memcmp(&v, &fresh, sizeof(v)) == 0);
	CHECK_EQ(vapic_deliverable(&v), -1);
	CHECK_EQ(vapic_timer_deadline(&v), ~0ull);
	CHECK_EQ(rd(MSR_IA32_TSC_DEADLINE), 0);
	CHECK_EQ(rd(MSR_IA32_X2APIC_APICID), 0x123);
	CHECK_EQ(rd(MSR_IA32_APIC_BASE), 0xfee00d00);
}

/* clang-format off */
static const struct test tests[] = {
	{"vector_moves_from_irr_to_isr_to_nothing", t_vector_moves_from_irr_to_isr_to_nothing},
	{"eoi_ends_the_highest_in_service", t_eoi_ends_the_highest_in_service},
	{"priority_follows_the_sdm", t_priority_follows_the_sdm},
	{"highest_pending_comes_first", t_highest_pending_comes_first},
	{"accept_of_a_vector_not_pending_panics", t_accept_of_a_vector_not_pending_panics},
	{"cr8_is_the_class_of_tpr", t_cr8_is_the_class_of_tpr},
	{"trigger_mode_is_kept_in_tmr", t_trigger_mode_is_kept_in_tmr},
	{"disabled_apic_takes_nothing_and_holds_the_rest", t_disabled_apic_takes_nothing_and_holds_the_rest},
	{"disabled_apic_still_sends", t_disabled_apic_still_sends},
	{"software_disable_masks_every_lvt", t_software_disable_masks_every_lvt},
	{"received_illegal_vector_is_an_error", t_received_illegal_vector_is_an_error},
	{"sent_illegal_vector_is_an_error_and_not_sent", t_sent_illegal_vector_is_an_error_and_not_sent},
	{"self_ipi_arrives_or_is_an_error", t_self_ipi_arrives_or_is_an_error},
	{"errors_collect_until_esr_is_written", t_errors_collect_until_esr_is_written},
	{"error_interrupt_comes_once_for_each_esr_write", t_error_interrupt_comes_once_for_each_esr_write},
	{"masked_error_is_only_logged", t_masked_error_is_only_logged},
	{"illegal_error_vector_ends_in_esr", t_illegal_error_vector_ends_in_esr},
	{"icr_is_decoded_field_by_field", t_icr_is_decoded_field_by_field},
	{"init_is_reset_but_keeps_the_identity", t_init_is_reset_but_keeps_the_identity},
};
/* clang-format on */

const struct suite suite_vapic = SUITE("vapic", tests);
