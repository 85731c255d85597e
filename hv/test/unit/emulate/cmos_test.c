/* SPDX-License-Identifier: MIT */
/* The CMOS clock: what the machine's registers mean, what a guest reads. */
#include "core/emulate/cmos.h"

#include <string.h>

#include "core/state/machine.h"
#include "support/check.h"

#define HZ 1000000000ull

enum { SEC, MIN = 2, HOUR = 4, DAY = 7, MON, YEAR, REG_A, REG_B, REG_C, REG_D };

#define B24  0x02
#define BIN  0x04
#define NOON 0x80

static const struct {
	const char *name;
	u8 year, month, day, hour, minute, second, b, century;
	u64 seconds; /* 0: no date */
} machines[] = {
	/* clang-format off */
	{"BCD, 24 h", 0x23, 0x11, 0x14, 0x22, 0x13, 0x20, B24, 0x20, 1700000000},
	{"BCD, 12 h", 0x23, 0x11, 0x14, NOON | 0x10, 0x13, 0x20, 0, 0x20, 1700000000},
	{"binary, 24 h", 23, 11, 14, 22, 13, 20, B24 | BIN, 20, 1700000000},
	{"binary, 12 h", 23, 11, 14, NOON | 10, 13, 20, BIN, 20, 1700000000},
	{"midnight, 12 h", 0x00, 0x01, 0x01, 0x12, 0, 0, 0, 0x20, 946684800},
	{"noon, 12 h", 0x00, 0x01, 0x01, NOON | 0x12, 0, 0, 0, 0x20, 946728000},
	{"leap day", 0x24, 0x02, 0x29, 0x00, 0, 0, B24, 0x20, 1709164800},
	{"no century", 0x23, 0x11, 0x14, 0x22, 0x13, 0x20, B24, 0x00, 1700000000},
	{"century 0xff", 0x23, 0x11, 0x14, 0x22, 0x13, 0x20, B24, 0xff, 1700000000},
	{"1999", 0x99, 0x12, 0x31, 0x23, 0x59, 0x59, B24, 0x19, 946684799},
	{"1999, no century", 0x99, 0x12, 0x31, 0x23, 0x59, 0x59, B24, 0, 946684799},
	{"all ones", 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0},
	{"all zeros", 0, 0, 0, 0, 0, 0, 0, 0, 0},
	{"hour 0, 12 h", 0x23, 0x11, 0x14, 0x00, 0, 0, 0, 0x20, 0},
	{"hour 13, 12 h", 0x23, 0x11, 0x14, 0x13, 0, 0, 0, 0x20, 0},
	{"no BCD", 0x23, 0x1a, 0x14, 0x13, 0, 0, B24, 0x20, 0},
	{"year 100", 100, 11, 14, 13, 0, 0, B24 | BIN, 20, 0},
	{"no leap year", 0x23, 0x02, 0x29, 0x00, 0, 0, B24, 0x20, 0},
	/* clang-format on */
};

static void t_machines_clocks(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
		u8 r[CMOS_REGISTERS] = {0};
		u64 seconds = 4711;
		bool valid;

		r[SEC] = machines[i].second;
		r[MIN] = machines[i].minute;
		r[HOUR] = machines[i].hour;
		r[DAY] = machines[i].day;
		r[MON] = machines[i].month;
		r[YEAR] = machines[i].year;
		r[REG_B] = machines[i].b;
		r[CMOS_CENTURY] = machines[i].century;
		valid = cmos_decode(r, &seconds);
		check_eq(valid, machines[i].seconds != 0, machines[i].name,
			 __FILE__, __LINE__);
		check_eq(seconds, valid ? machines[i].seconds : 4711,
			 machines[i].name, __FILE__, __LINE__);
	}
}

static struct cmos cmos;
static struct cmos_clock clock_was;

static u8 get(u8 index, u64 now)
{
	cmos_write(&cmos, 0, index);
	return cmos_read(&cmos, 1, &clock_was, now, HZ);
}

/* All registers of a date, as they are read: two digits each. */
static void date_is(u64 now, u64 century_to_day, u32 time, u8 weekday)
{
	u64 day = (u64)get(CMOS_CENTURY, now) << 24 | get(YEAR, now) << 16 |
		  get(MON, now) << 8 | get(DAY, now);

	CHECK_EQ(day, century_to_day);
	CHECK_EQ(get(HOUR, now) << 16 | get(MIN, now) << 8 | get(SEC, now),
		 time);
	CHECK_EQ(get(6, now), weekday);
}

static void t_a_guests_clock_runs(void)
{
	clock_was = (struct cmos_clock){
		.valid = true, .seconds = 1709164799, .tsc = 5000};
	date_is(5000, 0x20240228, 0x235959, 4);
	date_is(5000 + HZ - 1, 0x20240228, 0x235959, 4);
	date_is(5000 + HZ, 0x20240229, 0x000000, 5);
	date_is(5000 + 86400 * HZ, 0x20240229, 0x235959, 5);
	date_is(5000 + 86401 * HZ, 0x20240301, 0x000000, 6);
	/* the end of the TSC's range, 584 years later */
	CHECK_EQ(get(CMOS_CENTURY, ~0ull), 0x26);
	clock_was.seconds = 4107542399; /* 2100 is no leap year */
	date_is(5000, 0x21000228, 0x235959, 1);
	date_is(5000 + HZ, 0x21000301, 0x000000, 2);
}

static void t_status_registers(void)
{
	clock_was = (struct cmos_clock){.valid = true};
	CHECK_EQ(get(REG_A, 0), 0x26); /* no update in progress */
	CHECK_EQ(get(REG_B, 0), 0x02); /* BCD, 24 hours */
	CHECK_EQ(get(REG_C, 0), 0);
	CHECK_EQ(get(REG_D, 0), 0x80);
	CHECK_EQ(get(0x0f, 0), 0);
	CHECK_EQ(get(0x7f, 0), 0);
}

static void t_without_a_clock(void)
{
	clock_was = (struct cmos_clock){.valid = false, .seconds = 1};
	date_is(3 * HZ, 0x20000101, 0x000003, 7);
	CHECK_EQ(get(REG_D, 0), 0);
}

static void t_registers_do_not_change(void)
{
	clock_was = (struct cmos_clock){.valid = true, .seconds = 946684800};
	for (u32 index = 0; index < 256; index++) {
		u8 before = get((u8)index, HZ);

		cmos_write(&cmos, 1, (u8)~before);
		CHECK_EQ(get((u8)index, HZ), before);
		CHECK_EQ(cmos_read(&cmos, 0, &clock_was, HZ, HZ), index);
		/* bit 7 of the index is for NMIs */
		CHECK_EQ(get((u8)(index ^ 0x80), HZ), before);
	}
}

static void t_what_of_the_machine_is_read(void)
{
	u32 count = 0;

	for (u32 i = 0; i < 256; i++) {
		count += cmos_is_date((u8)i);
	}
	CHECK_EQ(count, 10);
	CHECK(cmos_is_date(SEC) && cmos_is_date(CMOS_CENTURY));
	CHECK(!cmos_is_date(REG_A) && !cmos_is_date(REG_C));
}

static const struct test tests[] = {
	{"machines_clocks", t_machines_clocks},
	{"a_guests_clock_runs", t_a_guests_clock_runs},
	{"status_registers", t_status_registers},
	{"without_a_clock", t_without_a_clock},
	{"registers_do_not_change", t_registers_do_not_change},
	{"what_of_the_machine_is_read", t_what_of_the_machine_is_read},
};

const struct suite suite_cmos = SUITE("cmos", tests);
