/* SPDX-License-Identifier: MIT */
/*
 * The x2APIC registers against a table made from the SDM: SDM 3A, "Local APIC
 * Register Address Map Supported by x2APIC", the register figures and "Local
 * APIC State After Power-Up or Reset". Numbers are written out here on
 * purpose: the table must not share a mistake with the code's headers.
 */

#include "base/bits.h"
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/state/apic.h"
#include "support/check.h"
#include "support/fake.h"

#include <string.h>

#define NOW 1000ull

#define SVR      0x80f
#define APICBASE 0x1b
#define DEADLINE 0x6e0

enum { R = 1, W = 2, RW = 3 };

/* clang-format off */
static const struct row {
	u32 msr;
	int access;
	u64 settable; /* any other bit raises #GP */
	u64 stored;   /* what an enabled APIC reads back of these */
	u64 reset;    /* at power-on and after INIT, with ID 0x25 */
} rows[] = {
	/* ID, version, TPR, PPR, EOI, LDR, SVR */
	{0x802, R,  0,                  0,                  0x25},
	{0x803, R,  0,                  0,                  0x50014},
	{0x808, RW, 0xff,               0xff,               0},
	{0x80a, R,  0,                  0,                  0},
	{0x80b, W,  0,                  0,                  0},
	{0x80d, R,  0,                  0,                  0x20020},
	{0x80f, RW, 0x1ff,              0x1ff,              0xff},
	/* ISR, TMR, IRR */
	{0x810, R, 0, 0, 0}, {0x811, R, 0, 0, 0}, {0x812, R, 0, 0, 0},
	{0x813, R, 0, 0, 0}, {0x814, R, 0, 0, 0}, {0x815, R, 0, 0, 0},
	{0x816, R, 0, 0, 0}, {0x817, R, 0, 0, 0}, {0x818, R, 0, 0, 0},
	{0x819, R, 0, 0, 0}, {0x81a, R, 0, 0, 0}, {0x81b, R, 0, 0, 0},
	{0x81c, R, 0, 0, 0}, {0x81d, R, 0, 0, 0}, {0x81e, R, 0, 0, 0},
	{0x81f, R, 0, 0, 0}, {0x820, R, 0, 0, 0}, {0x821, R, 0, 0, 0},
	{0x822, R, 0, 0, 0}, {0x823, R, 0, 0, 0}, {0x824, R, 0, 0, 0},
	{0x825, R, 0, 0, 0}, {0x826, R, 0, 0, 0}, {0x827, R, 0, 0, 0},
	/* ESR, ICR */
	{0x828, RW, 0,                  0,                  0},
	{0x830, RW, 0xffffffff000ccfff, 0xffffffff000ccfff, 0},
	/* LVT: timer, thermal, performance, LINT0, LINT1, error */
	{0x832, RW, 0x710ff,            0x700ff,            0x10000},
	{0x833, RW, 0x117ff,            0x107ff,            0x10000},
	{0x834, RW, 0x117ff,            0x107ff,            0x10000},
	{0x835, RW, 0x1f7ff,            0x1a7ff,            0x10000},
	{0x836, RW, 0x1f7ff,            0x1a7ff,            0x10000},
	{0x837, RW, 0x110ff,            0x100ff,            0x10000},
	/* timer: initial and current count, divide; self IPI */
	{0x838, RW, 0xffffffff,         0xffffffff,         0},
	{0x839, R,  0,                  0,                  0},
	{0x83e, RW, 0xb,                0xb,                0},
	{0x83f, W,  0xff,               0,                  0},
};
/* clang-format on */

static struct vapic v;
static struct vapic_ipi ipi;

static const struct row *row_of(u32 msr)
{
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].msr == msr) {
			return &rows[i];
		}
	}
	return NULL;
}

static enum vapic_result wr(u32 msr, u64 value)
{
	return vapic_write(&v, msr, value, NOW, &ipi);
}

static u64 rd(u32 msr)
{
	u64 value = 0xdead;

	CHECK_EQ(vapic_read(&v, msr, NOW, &value), VAPIC_OK);
	return value;
}

/* The write raises #GP, changes nothing and sends nothing. */
static void check_write_gp(u32 msr, u64 value)
{
	struct vapic before;

	memcpy(&before, &v, sizeof(v));
	ipi.send = true;
	CHECK_EQ(wr(msr, value), VAPIC_GP);
	CHECK(!ipi.send);
	/*
	 * The copy has the padding, too.
	 * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	CHECK(memcmp(&v, &before, sizeof(v)) == 0);
}

static void check_read_gp(u32 msr)
{
	u64 value = 0xdead;

	CHECK_EQ(vapic_read(&v, msr, NOW, &value), VAPIC_GP);
	CHECK_EQ(value, 0xdead);
}

static void check_reset_values(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].access & R) {
			CHECK_EQ(rd(rows[i].msr), rows[i].reset);
		}
	}
	CHECK_EQ(rd(DEADLINE), 0);
	CHECK_EQ(rd(APICBASE), 0xfee00c00);
}

static void t_reset_values_are_those_of_the_table(void)
{
	memset(&v, 0xa5, sizeof(v));
	vapic_reset(&v, 0x25, false);
	check_reset_values();
}

static void t_init_values_are_those_of_the_table(void)
{
	vapic_reset(&v, 0x25, false);
	CHECK_EQ(wr(SVR, 0x1ff), VAPIC_OK);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		/* both mode bits of the timer are reserved together */
		u64 but = rows[i].msr == 0x832 ? BIT(18) : 0;

		if (rows[i].access & W) {
			CHECK_EQ(wr(rows[i].msr, rows[i].settable & ~but),
				 VAPIC_OK);
		}
	}
	vapic_init_signal(&v);
	check_reset_values();
}

static void t_reads_are_allowed_where_the_table_says(void)
{
	vapic_reset(&v, 0x25, false);
	for (u32 msr = 0x800; msr < 0x900; msr++) {
		const struct row *row = row_of(msr);

		CHECK(vapic_owns(msr));
		if (row != NULL && (row->access & R)) {
			CHECK_EQ(rd(msr), row->reset);
		} else {
			check_read_gp(msr);
		}
	}
}

static void t_each_bit_is_settable_where_the_table_says(void)
{
	for (u32 msr = 0x800; msr < 0x900; msr++) {
		const struct row *row = row_of(msr);
		bool writable = row != NULL && (row->access & W);

		for (u32 bit = 0; bit < 64; bit++) {
			vapic_reset(&v, 0x25, false);
			CHECK_EQ(wr(SVR, 0x1ff), VAPIC_OK);
			if (!writable || !(row->settable & BIT(bit))) {
				check_write_gp(msr, BIT(bit));
				continue;
			}
			CHECK_EQ(wr(msr, BIT(bit)), VAPIC_OK);
			if (row->access & R) {
				CHECK_EQ(rd(msr), BIT(bit) & row->stored);
			}
		}
	}
}

static void t_zero_is_writable_where_the_table_says(void)
{
	vapic_reset(&v, 0x25, false);
	for (u32 msr = 0x800; msr < 0x900; msr++) {
		const struct row *row = row_of(msr);

		if (row != NULL && (row->access & W)) {
			CHECK_EQ(wr(msr, 0), VAPIC_OK);
		} else {
			check_write_gp(msr, 0);
		}
	}
}

static void t_reserved_timer_mode_is_gp(void)
{
	vapic_reset(&v, 0, true);
	CHECK_EQ(wr(0x832, 0x400ef), VAPIC_OK);
	check_write_gp(0x832, 0x600ef);
	check_write_gp(0x832, 0x700ef);
}

static void t_other_msrs_are_not_ours(void)
{
	static const u32 others[] = {0,     0x1a,  0x1c,       0x6df,
				     0x6e1, 0x7ff, 0x900,      0x40000070,
				     ~0u,   0xc00, 0x8000001b, 0x80000830};

	vapic_reset(&v, 0, true);
	CHECK(vapic_owns(APICBASE));
	CHECK(vapic_owns(DEADLINE));
	for (u32 i = 0; i < ARRAY_SIZE(others); i++) {
		CHECK(!vapic_owns(others[i]));
		check_read_gp(others[i]);
		check_write_gp(others[i], 0);
	}
}

/* SDM 3A, "Local APIC Status and Location" and "x2APIC States". */
static void t_apic_base_bits(void)
{
	const u64 base = 0xfee00c00;

	fake_reset();
	fake_cpuid_set(0x80000008, 0, 40 | 48 << 8, 0, 0, 0);
	vapic_reset(&v, 7, false);
	CHECK_EQ(rd(APICBASE), base);
	for (u32 bit = 0; bit < 64; bit++) {
		u64 other = base ^ BIT(bit);

		if (bit == 8 || (bit >= 12 && bit < 40)) {
			CHECK_EQ(wr(APICBASE, other), VAPIC_OK);
			CHECK_EQ(rd(APICBASE), other);
			CHECK_EQ(vapic_is_bsp(&v), bit == 8);
			CHECK_EQ(wr(APICBASE, base), VAPIC_OK);
		} else {
			check_write_gp(APICBASE, other);
		}
	}
	CHECK_EQ(wr(APICBASE, 0xc00), VAPIC_OK);
	check_write_gp(APICBASE, 0);
	vapic_reset(&v, 0, true);
	CHECK_EQ(rd(APICBASE), base | BIT(8));
	CHECK(vapic_is_bsp(&v));
}

static void t_ldr_comes_from_the_id(void)
{
	/* clang-format off */
	static const struct {
		u32 id;
		u64 ldr;
	} ids[] = {
		{0,     0x00000001}, {1,     0x00000002}, {15,  0x00008000},
		{16,    0x00010001}, {63,    0x00038000}, {255, 0x000f8000},
		{0x100, 0x00100001}, {0x5a3, 0x005a0008},
	};
	/* clang-format on */

	for (u32 i = 0; i < ARRAY_SIZE(ids); i++) {
		vapic_reset(&v, ids[i].id, false);
		CHECK_EQ(rd(0x802), ids[i].id);
		CHECK_EQ(rd(0x80d), ids[i].ldr);
	}
}

/* clang-format off */
static const struct test tests[] = {
	{"reset_values_are_those_of_the_table", t_reset_values_are_those_of_the_table},
	{"init_values_are_those_of_the_table", t_init_values_are_those_of_the_table},
	{"reads_are_allowed_where_the_table_says", t_reads_are_allowed_where_the_table_says},
	{"each_bit_is_settable_where_the_table_says", t_each_bit_is_settable_where_the_table_says},
	{"zero_is_writable_where_the_table_says", t_zero_is_writable_where_the_table_says},
	{"reserved_timer_mode_is_gp", t_reserved_timer_mode_is_gp},
	{"other_msrs_are_not_ours", t_other_msrs_are_not_ours},
	{"apic_base_bits", t_apic_base_bits},
	{"ldr_comes_from_the_id", t_ldr_comes_from_the_id},
};
/* clang-format on */

const struct suite suite_vapic_regs = SUITE("vapic_regs", tests);
