/* SPDX-License-Identifier: MIT */
/*
 * Which VPs get an IPI, and which event each gets. All CPUs are in root mode,
 * so that posts only change events, posted_irr and sipi_vector, and nobody is
 * kicked.
 */
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/events/ipi.h"

#include "base/bits.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "x86/msr.h"

#define VPS    40u /* two whole clusters and a half */
#define SELF   18u
#define VECTOR 0x71

#define ALL_VPS    (BIT(VPS) - 1)
#define OTHERS     (ALL_VPS & ~BIT(SELF))
#define EVERYWHERE 0xffffffffull

static struct partition *p;

static void start(void)
{
	struct vapic_ipi ipi;

	fake_reset();
	p = fake_partition(VPS, 3);
	for (u32 i = 0; i < VPS; i++) {
		vapic_reset(&p->vps[i]->own.vapic, i, i == 0);
		CHECK_EQ(vapic_write(&p->vps[i]->own.vapic,
				     MSR_IA32_X2APIC_SIVR, 0x1ff, 0, &ipi),
			 VAPIC_OK);
	}
}

/* The guest on VP SELF writes this to its ICR. */
static void write_icr(u64 value)
{
	struct vp *self = p->vps[SELF];
	struct vapic_ipi ipi;

	CHECK_EQ(vapic_write(&self->own.vapic, MSR_IA32_X2APIC_ICR, value, 0,
			     &ipi),
		 VAPIC_OK);
	ipi_send(self, &ipi);
	CHECK_EQ(fake.kick_count, 0);
}

/* Takes the posts of `vp`. Returns what it got, or 0. */
static u64 taken_events(struct vp *vp, u8 vector)
{
	u64 events = vp->shared.events;

	for (u32 i = 0; i < 4; i++) {
		bool here = (events & VP_EVENT_IRQ) && i == vector / 64;

		CHECK_EQ(vp->shared.posted_irr[i], here ? BIT(vector % 64) : 0);
		vp->shared.posted_irr[i] = 0;
	}
	if (events & VP_EVENT_SIPI) {
		CHECK_EQ(vp->shared.sipi_vector, vector);
	}
	vp->shared.events = 0;
	return events;
}

/* Checks that the VPs of `set`, and no others, got `event` and nothing else. */
static void check_got(u64 set, u64 event, u8 vector)
{
	u64 got = 0;

	for (u32 i = 0; i < VPS; i++) {
		u64 events = taken_events(p->vps[i], vector);

		if (events != 0) {
			CHECK_EQ(events, event);
			got |= BIT(i);
		}
	}
	CHECK_EQ(got, set);
}

static void t_physical_destination_is_one_vp(void)
{
	start();
	for (u64 id = 0; id < VPS; id++) {
		write_icr(id << 32 | VECTOR);
		check_got(BIT(id), VP_EVENT_IRQ, VECTOR);
	}
}

static void t_absent_ids_get_nothing(void)
{
	static const u64 ids[] = {VPS,     63,         64,        0x100,
				  0x10000, 0x80000000, 0xfffffffe};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(ids); i++) {
		write_icr(ids[i] << 32 | VECTOR);
		check_got(0, VP_EVENT_IRQ, VECTOR);
	}
}

static void t_broadcast_reaches_all(void)
{
	start();
	write_icr(EVERYWHERE << 32 | VECTOR);
	check_got(ALL_VPS, VP_EVENT_IRQ, VECTOR);
	write_icr(EVERYWHERE << 32 | 0x800 | VECTOR);
	check_got(ALL_VPS, VP_EVENT_IRQ, VECTOR);
}

static void t_logical_destination_is_a_cluster_and_a_mask(void)
{
	static const struct {
		u64 dest;
		u64 set;
	} rows[] = {
		{0x00000001, BIT(0)},
		{0x00008001, BIT(0) | BIT(15)},
		{0x00010001, BIT(16)},
		{0x0001ffff, 0xffff0000},
		{0x00018004, BIT(18) | BIT(31)},
		{0x000200ff, 0xff00000000},
		{0x0002ff00, 0},
		{0x0002ffff, 0xff00000000},
		{0x00010000, 0},
		{0x0003ffff, 0},
		{0xffff0001, 0},
		{0x1000ffff, 0}, /* cluster * 16 is past 16 bits */
		{0xfffffffe, 0},
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		write_icr(rows[i].dest << 32 | 0x800 | VECTOR);
		check_got(rows[i].set, VP_EVENT_IRQ, VECTOR);
	}
}

static void t_logical_destination_agrees_with_ldr(void)
{
	start();
	for (u32 i = 0; i < VPS; i++) {
		u64 ldr = 0;

		CHECK_EQ(vapic_read(&p->vps[i]->own.vapic, MSR_IA32_X2APIC_LDR,
				    0, &ldr),
			 VAPIC_OK);
		write_icr(ldr << 32 | 0x800 | VECTOR);
		check_got(BIT(i), VP_EVENT_IRQ, VECTOR);
	}
}

static void t_shorthands_ignore_the_destination(void)
{
	start();
	write_icr(0x300040000 | VECTOR);
	check_got(BIT(SELF), VP_EVENT_IRQ, VECTOR);
	write_icr(0x300080000 | VECTOR);
	check_got(ALL_VPS, VP_EVENT_IRQ, VECTOR);
	write_icr(0x3000c0000 | VECTOR);
	check_got(OTHERS, VP_EVENT_IRQ, VECTOR);
	write_icr(0x3000c0800 | VECTOR);
	check_got(OTHERS, VP_EVENT_IRQ, VECTOR);
}

/* SDM 3A, "Valid Combinations …": mode, shorthand and who gets what */
static void t_modes_and_shorthands_combine_as_the_sdm_says(void)
{
	static const u64 sets[4] = {BIT(5), BIT(SELF), ALL_VPS, OTHERS};
	static const struct {
		u64 event; /* 0: never delivered */
		bool valid[4];
	} modes[8] = {
		{VP_EVENT_IRQ, {true, true, true, true}},
		{0, {false, false, false, false}}, /* arbitration: below */
		{0, {false, false, false, false}},
		{0, {false, false, false, false}},
		{VP_EVENT_NMI, {true, false, false, true}},
		{VP_EVENT_INIT, {true, false, false, true}},
		{VP_EVENT_SIPI, {true, false, false, true}},
		{0, {false, false, false, false}},
	};

	start();
	for (u32 mode = 0; mode < 8; mode++) {
		for (u32 shorthand = 0; shorthand < 4; shorthand++) {
			if (mode == VAPIC_MODE_LOWEST) {
				continue;
			}
			write_icr(5ull << 32 | shorthand << 18 | mode << 8 |
				  0x4000 | VECTOR);
			check_got(modes[mode].valid[shorthand] ? sets[shorthand]
							       : 0,
				  modes[mode].event, VECTOR);
		}
	}
}

static void t_init_deassert_is_ignored(void)
{
	start();
	write_icr(0x20000c500); /* level, assert */
	check_got(BIT(2), VP_EVENT_INIT, 0);
	write_icr(0x200008500); /* level, de-assert */
	check_got(0, VP_EVENT_INIT, 0);
	write_icr(0x200000500); /* edge */
	check_got(BIT(2), VP_EVENT_INIT, 0);
	write_icr(0x200000699);
	check_got(BIT(2), VP_EVENT_SIPI, 0x99);
}

static void t_vector_of_nmi_and_sipi_may_be_low(void)
{
	start();
	write_icr(0x200000400);
	check_got(BIT(2), VP_EVENT_NMI, 0);
	write_icr(0x200000601);
	check_got(BIT(2), VP_EVENT_SIPI, 1);
}

static void t_illegal_vector_is_not_delivered(void)
{
	u64 esr = 0;
	struct vapic_ipi ipi;
	struct vapic *v;

	start();
	v = &p->vps[SELF]->own.vapic;
	write_icr(0xc0000 | 0x0f);
	check_got(0, 0, 0);
	CHECK_EQ(vapic_write(v, MSR_IA32_X2APIC_ESR, 0, 0, &ipi), VAPIC_OK);
	CHECK_EQ(vapic_read(v, MSR_IA32_X2APIC_ESR, 0, &esr), VAPIC_OK);
	CHECK_EQ(esr, 0x20);
}

static void set_enabled(u32 number, bool enabled)
{
	struct vapic_ipi ipi;

	CHECK_EQ(vapic_write(&p->vps[number]->own.vapic, MSR_IA32_X2APIC_SIVR,
			     enabled ? 0x1ff : 0xff, 0, &ipi),
		 VAPIC_OK);
}

static void t_lowest_priority_picks_one_that_takes_it(void)
{
	start();
	write_icr(EVERYWHERE << 32 | 0x100 | VECTOR);
	check_got(BIT(SELF), VP_EVENT_IRQ, VECTOR);
	write_icr(0xc0100 | VECTOR);
	check_got(BIT(0), VP_EVENT_IRQ, VECTOR);
	write_icr(0x0001ffe0ull << 32 | 0x900 | VECTOR);
	check_got(BIT(21), VP_EVENT_IRQ, VECTOR);
	set_enabled(21, false);
	write_icr(0x0001ffe0ull << 32 | 0x900 | VECTOR);
	check_got(BIT(22), VP_EVENT_IRQ, VECTOR);
	set_enabled(SELF, false);
	write_icr(EVERYWHERE << 32 | 0x100 | VECTOR);
	check_got(BIT(0), VP_EVENT_IRQ, VECTOR);
	write_icr(0x00010020ull << 32 | 0x900 | VECTOR);
	check_got(0, VP_EVENT_IRQ, VECTOR);
	write_icr(0x80100 | VECTOR);
	check_got(0, VP_EVENT_IRQ, VECTOR);
}

static void t_other_partitions_get_nothing(void)
{
	struct partition *other;

	start();
	other = fake_partition(4, 1);
	write_icr(EVERYWHERE << 32 | VECTOR);
	write_icr(0xc4500);
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(other->vps[i]->shared.events, 0);
	}
}

static void t_vp_in_guest_mode_is_kicked(void)
{
	struct vapic_ipi ipi = {
		.send = true, .vector = VECTOR, .assert = true, .dest = 3};

	start();
	fake_enter(p->vps[3]);
	ipi_send(p->vps[SELF], &ipi);
	CHECK_EQ(fake.kick_count, 1);
	CHECK_EQ(fake_kicks_of(3), 1);
	check_got(BIT(3), VP_EVENT_IRQ, VECTOR);
}

static void t_nothing_to_send_sends_nothing(void)
{
	struct vapic_ipi ipi = {.vector = VECTOR, .shorthand = VAPIC_TO_ALL};

	start();
	ipi_send(p->vps[SELF], &ipi);
	check_got(0, 0, 0);
}

/* clang-format off */
static const struct test tests[] = {
	{"physical_destination_is_one_vp", t_physical_destination_is_one_vp},
	{"absent_ids_get_nothing", t_absent_ids_get_nothing},
	{"broadcast_reaches_all", t_broadcast_reaches_all},
	{"logical_destination_is_a_cluster_and_a_mask", t_logical_destination_is_a_cluster_and_a_mask},
	{"logical_destination_agrees_with_ldr", t_logical_destination_agrees_with_ldr},
	{"shorthands_ignore_the_destination", t_shorthands_ignore_the_destination},
	{"modes_and_shorthands_combine_as_the_sdm_says", t_modes_and_shorthands_combine_as_the_sdm_says},
	{"init_deassert_is_ignored", t_init_deassert_is_ignored},
	{"vector_of_nmi_and_sipi_may_be_low", t_vector_of_nmi_and_sipi_may_be_low},
	{"illegal_vector_is_not_delivered", t_illegal_vector_is_not_delivered},
	{"lowest_priority_picks_one_that_takes_it", t_lowest_priority_picks_one_that_takes_it},
	{"other_partitions_get_nothing", t_other_partitions_get_nothing},
	{"vp_in_guest_mode_is_kicked", t_vp_in_guest_mode_is_kicked},
	{"nothing_to_send_sends_nothing", t_nothing_to_send_sends_nothing},
};
/* clang-format on */

const struct suite suite_ipi = SUITE("ipi", tests);
