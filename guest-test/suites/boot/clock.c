/* SPDX-License-Identifier: MIT */
/* The CMOS clock: the date of the machine, read as a kernel reads it. */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/serial.h"

#define INDEX 0x70
#define DATA  0x71

enum { SECOND = 0, MINUTE = 2, HOUR = 4, DAY = 7, MONTH, YEAR, A, B, C, D };

#define CENTURY 0x32
#define B_BCD24 0x02
#define D_VALID 0x80

static u8 get(u8 index)
{
	cpu_out8(INDEX, index);
	return cpu_in8(DATA);
}

static void put_two(u8 bcd)
{
	serial_put((char)('0' + (bcd >> 4)));
	serial_put((char)('0' + (bcd & 0xf)));
}

/* Century and year, month, day, hour, minute, second */
static void date(const void *arg)
{
	static const struct {
		u8 index;
		char after;
	} parts[] = {{CENTURY, 0}, {YEAR, '-'},   {MONTH, '-'},  {DAY, ' '},
		     {HOUR, ':'},  {MINUTE, ':'}, {SECOND, '\n'}};

	(void)arg;
	tap_equal("register A: no update", get(A), 0x26);
	tap_equal("register B: BCD, 24 hours", get(B), B_BCD24);
	tap_equal("register D: valid", get(D), D_VALID);
	serial_puts("# clock ");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		put_two(get(parts[i].index));
		if (parts[i].after != 0) {
			serial_put(parts[i].after);
		}
	}
}

static void writes(const void *arg)
{
	(void)arg;
	for (u8 index = MONTH; index < 0x80; index++) {
		u8 before = get(index);

		cpu_out8(DATA, (u8)~before);
		if (cpu_in8(DATA) != before) {
			tap_equal("register that keeps its value", index, ~0u);
		}
	}
}

/* clang-format off */
static const struct check checks[] = {
	{"date", "MC146818A: Address Map", date, NULL, 1, NEED_LETHE},
	{"writes", "MC146818A: Address Map", writes, NULL, 1, NEED_LETHE},
};
/* clang-format on */

SUITE("clock", 427, checks);
