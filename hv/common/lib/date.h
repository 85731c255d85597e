/* SPDX-License-Identifier: MIT */
/* Seconds since 1970 and the Gregorian calendar. */
#ifndef HV_COMMON_LIB_DATE_H
#define HV_COMMON_LIB_DATE_H

#include "base/types.h"

#define DATE_YEAR_FIRST 1970
#define DATE_YEAR_LAST  9999

struct date {
	u32 year;  /* DATE_YEAR_FIRST to DATE_YEAR_LAST */
	u32 month; /* 1 to 12 */
	u32 day;   /* 1 to 31 */
	u32 hour;  /* 0 to 23 */
	u32 minute;
	u32 second;  /* 0 to 59 */
	u32 weekday; /* 1 is Sunday, as in a CMOS clock; not read */
};

/* False: there is no such day or time; *seconds is unchanged. */
bool date_to_seconds(const struct date *date, u64 *seconds);

/* Of a time after DATE_YEAR_LAST, the last second of that year. */
struct date date_from_seconds(u64 seconds);

#endif
