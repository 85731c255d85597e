/* SPDX-License-Identifier: MIT */
/*
 * Days are counted from 1970-01-01. Leap years: each fourth one, but of the
 * full centuries each fourth one only.
 */
#include "common/lib/date.h"

#define DAY_SECONDS  86400u
#define HOUR_SECONDS 3600u
#define WEEKDAY_1970 4u /* 1970-01-01 was a Thursday; 0 is Sunday */

static bool is_leap(u32 year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static u32 days_of_year(u32 year)
{
	return is_leap(year) ? 366 : 365;
}

static u32 days_of_month(u32 year, u32 month)
{
	static const u8 days[] = {31, 28, 31, 30, 31, 30,
				  31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29u : days[month - 1];
}

/* Leap days from year 1 to the end of `year`. */
static u32 leap_days(u32 year)
{
	return year / 4 - year / 100 + year / 400;
}

/* Days from 1970-01-01 to January 1st of `year`. */
static u32 days_before(u32 year)
{
	return (year - DATE_YEAR_FIRST) * 365 + leap_days(year - 1) -
	       leap_days(DATE_YEAR_FIRST - 1);
}

static bool is_valid(const struct date *date)
{
	return date->year >= DATE_YEAR_FIRST && date->year <= DATE_YEAR_LAST &&
	       date->month >= 1 && date->month <= 12 && date->day >= 1 &&
	       date->day <= days_of_month(date->year, date->month) &&
	       date->hour < 24 && date->minute < 60 && date->second < 60;
}

bool date_to_seconds(const struct date *date, u64 *seconds)
{
	if (!is_valid(date)) {
		return false;
	}
	u32 days = days_before(date->year) + date->day - 1;

	for (u32 month = 1; month < date->month; month++) {
		days += days_of_month(date->year, month);
	}
	*seconds = (u64)days * DAY_SECONDS + date->hour * HOUR_SECONDS +
		   date->minute * 60 + date->second;
	return true;
}

/* The date of a day; its time is 0. */
static struct date from_days(u32 days)
{
	/* too early by the leap days that the years lack, at most by 17 */
	struct date date = {.year = DATE_YEAR_FIRST + days / 366,
			    .month = 1,
			    .weekday = (days + WEEKDAY_1970) % 7 + 1};

	days -= days_before(date.year);
	while (days >= days_of_year(date.year)) {
		days -= days_of_year(date.year);
		date.year++;
	}
	while (days >= days_of_month(date.year, date.month)) {
		days -= days_of_month(date.year, date.month);
		date.month++;
	}
	date.day = days + 1;
	return date;
}

struct date date_from_seconds(u64 seconds)
{
	u64 end = (u64)days_before(DATE_YEAR_LAST + 1) * DAY_SECONDS;
	u64 at = seconds < end ? seconds : end - 1;
	struct date date = from_days((u32)(at / DAY_SECONDS));
	u32 rest = (u32)(at % DAY_SECONDS);

	date.hour = rest / HOUR_SECONDS;
	date.minute = rest % HOUR_SECONDS / 60;
	date.second = rest % 60;
	return date;
}
