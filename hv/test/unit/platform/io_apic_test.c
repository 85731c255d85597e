/* SPDX-License-Identifier: MIT */
/* The redirection entry of a serial port, and why there may be none. */
#include "common/platform/io_apic.h"

#include "support/check.h"

#define VERSION 0x00170011u /* of Bochs: 24 entries */

static const struct handoff_line com1 = {.io_apic = 0xfec00000, .pin = 4};

static void t_entry_is_an_nmi_of_the_cpu(void)
{
	struct handoff_line line = com1;
	struct io_apic_entry entry;

	CHECK(io_apic_plan_nmi(&line, VERSION, 0, &entry) == NULL);
	CHECK_EQ(entry.at, 0x18);
	CHECK_EQ(entry.low, 0x400);
	CHECK_EQ(entry.high, 0);
	line.pin = 23;
	line.active_low = 1;
	CHECK(io_apic_plan_nmi(&line, VERSION, 254, &entry) == NULL);
	CHECK_EQ(entry.at, 0x3e);
	CHECK_EQ(entry.low, 0x2400);
	CHECK_EQ(entry.high, 0xfe000000);
}

static void check_refused(const struct handoff_line *line, u32 version,
			  u32 apic_id, const char *reason)
{
	struct io_apic_entry entry = {1, 2, 3};
	const char *found = io_apic_plan_nmi(line, version, apic_id, &entry);

	CHECK_STR(found != NULL ? found : "", reason);
	CHECK(entry.at == 1 && entry.low == 2 && entry.high == 3);
}

static void t_what_cannot_be_is_refused(void)
{
	struct handoff_line line = com1;

	check_refused(&line, 0xffffffff, 0, "no-io-apic"); /* nobody answers */
	check_refused(&line, 0, 0, "no-io-apic");
	check_refused(&line, VERSION, 255, "apic-id"); /* all CPUs */
	check_refused(&line, VERSION, 0x100, "apic-id");
	check_refused(&line, 0x00030011, 0, "no-such-pin");
	line.level = 1;
	check_refused(&line, VERSION, 0, "level-triggered");
	line = (struct handoff_line){.io_apic = HANDOFF_LINE_NONE};
	check_refused(&line, VERSION, 0, "no-io-apic");
}

static void t_versions(void)
{
	static const struct {
		u32 value;
		bool is_one;
	} rows[] = {
		{0x00170011, true}, /* 82093AA, Bochs */
		{0x00170020, true}, /* ICH, QEMU */
		{0x00778020, true}, /* 120 entries, a pin assertion register */
		{0x0017002f, true},  {0x00170030, false}, {0x0017000f, false},
		{0x01170011, false}, {0x00170111, false}, {0xffffffff, false},
		{0, false},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_EQ(io_apic_is_version(rows[i].value), rows[i].is_one);
	}
}

static void t_without_a_madt_it_is_where_it_always_was(void)
{
	struct handoff_line none = {.io_apic = HANDOFF_LINE_NONE};
	struct handoff_line unknown = {0};
	struct handoff_line line = io_apic_line(&unknown, 0);

	CHECK_EQ(line.io_apic, 0xfec00000);
	CHECK_EQ(line.pin, 4);
	line = io_apic_line(&unknown, 1);
	CHECK_EQ(line.io_apic, 0xfec00000);
	CHECK_EQ(line.pin, 3);
	line = io_apic_line(&none, 0);
	CHECK_EQ(line.io_apic, HANDOFF_LINE_NONE);
	line = io_apic_line(&com1, 1);
	CHECK_EQ(line.pin, 4);
}

static const struct test tests[] = {
	{"entry_is_an_nmi_of_the_cpu", t_entry_is_an_nmi_of_the_cpu},
	{"what_cannot_be_is_refused", t_what_cannot_be_is_refused},
	{"versions", t_versions},
	{"without_a_madt_it_is_where_it_always_was",
	 t_without_a_madt_it_is_where_it_always_was},
};

const struct suite suite_io_apic = SUITE("io_apic", tests);
