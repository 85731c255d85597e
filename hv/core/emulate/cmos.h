/* SPDX-License-Identifier: MIT */
/*
 * The CMOS clock at ports 0x70 and 0x71: the registers of an MC146818, which
 * show the machine's date and cannot be written, and how those of the machine
 * are read.
 */
#ifndef HV_CORE_EMULATE_CMOS_H
#define HV_CORE_EMULATE_CMOS_H

#include "core/state/cmos.h"

/* Registers of the machine that cmos_decode() needs: 0 to this one */
#define CMOS_CENTURY   0x32
#define CMOS_REGISTERS (CMOS_CENTURY + 1)

/* Register A, and its bit "update in progress" */
#define CMOS_A     0x0a
#define CMOS_A_UIP 0x80

/* Registers whose values make a date */
bool cmos_is_date(u8 index);

/*
 * The date in the registers of a clock, BCD or binary, 12 or 24 hours, in
 * seconds since 1970. A century register with a value other than 19 to 21 is
 * none: years below 70 are then of 2000. False: these are no valid date.
 */
bool cmos_decode(const u8 registers[CMOS_REGISTERS], u64 *seconds);

/*
 * IN of one byte, from port 0x70 (`offset` 0: the index) or 0x71, at TSC `now`
 * of a TSC of `tsc_hz`. Without a valid clock the date begins with 2000-01-01,
 * and register D says that it is not valid. Any CPU.
 */
u8 cmos_read(const struct cmos *cmos, u16 offset,
	     const struct cmos_clock *clock, u64 now, u64 tsc_hz);

/* OUT of one byte: the index; registers do not change. Any CPU. */
void cmos_write(struct cmos *cmos, u16 offset, u8 value);

#endif
