/* SPDX-License-Identifier: MIT */
/* Where the interrupts of the serial ports arrive, by good and bad MADTs. */
#include "common/platform/acpi_line.h"

#include <string.h>

#include "support/check.h"

#define BASE   0xe0000ull
#define HEADER 44u

static u8 madt[256];
static u32 used;

static bool read_madt(void *ctx, u64 hpa, void *to, size_t len)
{
	CHECK(ctx == madt);
	if (hpa < BASE || hpa - BASE > used || len > used - (hpa - BASE)) {
		return false;
	}
	memcpy(to, madt + (hpa - BASE), len);
	return true;
}

static const struct acpi_memory memory = {read_madt, madt};
static struct handoff_line lines[HANDOFF_LINES];

static void begin(void)
{
	memset(madt, 0, sizeof(madt));
	used = HEADER;
}

static void put(u64 value, u32 width)
{
	for (u32 i = 0; i < width; i++) {
		madt[used++] = (u8)(value >> (8 * i));
	}
}

static void io_apic(u64 hpa, u64 gsi)
{
	put(1, 1);
	put(12, 1);
	put(7, 2); /* its ID; reserved */
	put(hpa, 4);
	put(gsi, 4);
}

static void override(u8 bus, u8 irq, u64 gsi, u64 flags)
{
	put(2, 1);
	put(10, 1);
	put(bus, 1);
	put(irq, 1);
	put(gsi, 4);
	put(flags, 2);
}

static void read_lines(void)
{
	struct acpi_tables tables = {.madt = {BASE, used}};

	memset(lines, 0xa5, sizeof(lines));
	acpi_lines(&memory, &tables, lines);
}

static void check_line(u32 number, u32 hpa, u32 pin, bool low, bool level)
{
	CHECK_EQ(lines[number].io_apic, hpa);
	CHECK_EQ(lines[number].pin, pin);
	CHECK_EQ(lines[number].active_low, low);
	CHECK_EQ(lines[number].level, level);
}

/* Without an override an ISA IRQ is the GSI of its number. */
static void t_isa_irqs_are_gsis(void)
{
	begin();
	io_apic(0xfec00000, 0);
	override(0, 0, 2, 0);
	override(0, 9, 9, 0xd);
	read_lines();
	check_line(0, 0xfec00000, 4, false, false);
	check_line(1, 0xfec00000, 3, false, false);
}

static void t_overrides_count_wherever_they_are(void)
{
	begin();
	override(0, 4, 20, 0xf); /* low, level */
	io_apic(0xfec00000, 0);
	override(0, 3, 19, 0x7); /* low, edge */
	override(1, 3, 21, 0xf); /* another bus */
	read_lines();
	check_line(0, 0xfec00000, 20, true, true);
	check_line(1, 0xfec00000, 19, true, false);
	begin();
	io_apic(0xfec00000, 0);
	override(0, 4, 4, 0x5); /* high, edge */
	override(0, 3, 3, 0xd); /* high, level */
	read_lines();
	check_line(0, 0xfec00000, 4, false, false);
	check_line(1, 0xfec00000, 3, false, true);
}

static void t_the_nearest_io_apic_below_has_it(void)
{
	begin();
	io_apic(0xfec02000, 48);
	io_apic(0xfec01000, 24);
	io_apic(0xfec00000, 0);
	override(0, 4, 47, 0);
	override(0, 3, 23, 0);
	read_lines();
	check_line(0, 0xfec01000, 23, false, false);
	check_line(1, 0xfec00000, 23, false, false);
}

static void check_none(void)
{
	read_lines();
	for (u32 i = 0; i < HANDOFF_LINES; i++) {
		check_line(i, HANDOFF_LINE_NONE, 0, false, false);
	}
}

static void t_without_an_io_apic_there_is_none(void)
{
	begin();
	check_none();
	io_apic(0xfec00000, 5); /* begins above both */
	check_none();
	begin();
	io_apic(0, 0);
	io_apic(0xfec00004, 0); /* no address of one */
	check_none();
	begin();
	io_apic(0xfec00000, 0);
	override(0, 4, 240, 0); /* more inputs than one can have */
	override(0, 3, 0xffffffff, 0);
	check_none();
}

static void t_a_malformed_madt_has_none(void)
{
	static const struct {
		u32 at; /* in the MADT */
		u8 len;
	} rows[] = {
		{HEADER, 0},      {HEADER, 1},       {HEADER, 11},
		{HEADER + 12, 9}, {HEADER + 12, 11}, {HEADER + 12, 255},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		begin();
		io_apic(0xfec00000, 0);
		override(0, 4, 4, 0);
		madt[rows[i].at + 1] = rows[i].len;
		check_none();
	}
}

static void t_without_a_madt_nothing_is_known(void)
{
	struct acpi_tables tables = {0};

	memset(lines, 0xa5, sizeof(lines));
	acpi_lines(&memory, &tables, lines);
	check_line(0, 0, 0, false, false);
	check_line(1, 0, 0, false, false);
}

static const struct test tests[] = {
	{"isa_irqs_are_gsis", t_isa_irqs_are_gsis},
	{"overrides_count_wherever_they_are",
	 t_overrides_count_wherever_they_are},
	{"the_nearest_io_apic_below_has_it",
	 t_the_nearest_io_apic_below_has_it},
	{"without_an_io_apic_there_is_none",
	 t_without_an_io_apic_there_is_none},
	{"a_malformed_madt_has_none", t_a_malformed_madt_has_none},
	{"without_a_madt_nothing_is_known", t_without_a_madt_nothing_is_known},
};

const struct suite suite_acpi_line = SUITE("acpi_line", tests);
