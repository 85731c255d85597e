/* SPDX-License-Identifier: MIT */
/*
 * The registers of a Motorola MC146818A ("Register Description"), with the
 * century where PCs have it. A guest's clock runs with the TSC, and the date is
 * computed when a register is read: no update is ever in progress.
 */
#include "core/emulate/cmos.h"

#include "base/bits.h"
#include "common/lib/date.h"

enum {
	SECOND = 0x00,
	MINUTE = 0x02,
	HOUR = 0x04,
	WEEKDAY = 0x06,
	DAY = 0x07,
	MONTH = 0x08,
	YEAR = 0x09,
	REG_B = 0x0b,
	REG_D = 0x0d,
};

#define A_DIVIDER_RATE 0x26 /* 32,768 Hz, and the rate that a PC has */
#define B_24_HOURS     BIT(1)
#define B_BINARY       BIT(2)
#define D_VALID        0x80
#define HOUR_PM        BIT(7) /* with 12 hours */

#define INDEX_MASK 0x7fu /* bit 7 of port 0x70 is for NMIs */

#define SECONDS_2000 946684800ull /* 2000-01-01 */

bool cmos_is_date(u8 index)
{
	return index == SECOND || index == MINUTE || index == HOUR ||
	       (index >= WEEKDAY && index <= YEAR) || index == REG_B ||
	       index == REG_D || index == CMOS_CENTURY;
}

/* ---- the machine's registers ---- */

/* A register's number; above 99 if it is none. */
static u32 number(u8 value, bool binary)
{
	if (binary) {
		return value;
	}
	return (value & 0xf) > 9 ? ~0u : (value >> 4) * 10u + (value & 0xfu);
}

static u32 hour_of(u8 value, u8 control)
{
	bool binary = (control & B_BINARY) != 0;
	u32 hour;

	if ((control & B_24_HOURS) != 0) {
		return number(value, binary);
	}
	hour = number((u8)(value & ~HOUR_PM), binary);
	if (hour < 1 || hour > 12) {
		return ~0u;
	}
	return hour % 12 + ((value & HOUR_PM) != 0 ? 12 : 0);
}

static u32 year_of(u32 year, u32 century)
{
	if (year > 99) {
		return ~0u;
	}
	if (century >= 19 && century <= 21) {
		return century * 100 + year;
	}
	return year < 70 ? 2000 + year : 1900 + year;
}

bool cmos_decode(const u8 registers[CMOS_REGISTERS], u64 *seconds)
{
	u8 control = registers[REG_B];
	bool binary = (control & B_BINARY) != 0;
	struct date date = {
		.year = year_of(number(registers[YEAR], binary),
				number(registers[CMOS_CENTURY], binary)),
		.month = number(registers[MONTH], binary),
		.day = number(registers[DAY], binary),
		.hour = hour_of(registers[HOUR], control),
		.minute = number(registers[MINUTE], binary),
		.second = number(registers[SECOND], binary),
	};

	return date_to_seconds(&date, seconds);
}

/* ---- a guest's registers ---- */

static u8 bcd(u32 value)
{
	return (u8)((value / 10 % 10) << 4 | value % 10);
}

static u8 read_register(u8 index, const struct cmos_clock *clock, u64 now,
			u64 tsc_hz)
{
	u64 passed = (now - clock->tsc) / tsc_hz;
	struct date date = date_from_seconds(
		(clock->valid ? clock->seconds : SECONDS_2000) + passed);

	switch (index) {
	case SECOND:
		return bcd(date.second);
	case MINUTE:
		return bcd(date.minute);
	case HOUR:
		return bcd(date.hour);
	case WEEKDAY:
		return bcd(date.weekday);
	case DAY:
		return bcd(date.day);
	case MONTH:
		return bcd(date.month);
	case YEAR:
		return bcd(date.year % 100);
	case CMOS_CENTURY:
		return bcd(date.year / 100);
	case CMOS_A:
		return A_DIVIDER_RATE;
	case REG_B:
		return (u8)B_24_HOURS;
	case REG_D:
		return clock->valid ? D_VALID : 0;
	default:
		return 0;
	}
}

u8 cmos_read(const struct cmos *cmos, u16 offset,
	     const struct cmos_clock *clock, u64 now, u64 tsc_hz)
{
	u8 index = __atomic_load_n(&cmos->index, __ATOMIC_RELAXED);

	return offset == 0
		       ? index
		       : read_register(index & INDEX_MASK, clock, now, tsc_hz);
}

void cmos_write(struct cmos *cmos, u16 offset, u8 value)
{
	if (offset == 0) {
		__atomic_store_n(&cmos->index, value, __ATOMIC_RELAXED);
	}
}
