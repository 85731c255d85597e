/* SPDX-License-Identifier: MIT */
/* Seconds since 1970 and the calendar: known dates, and each day to 2899. */
#include "common/lib/date.h"

#include "support/check.h"

#define DAY 86400ull

struct row {
	u64 seconds;
	struct date date;
};

/* As `date -u -d @SECONDS` of the host says */
static const struct row rows[] = {
	{0, {1970, 1, 1, 0, 0, 0, 5}},
	{68169599, {1972, 2, 28, 23, 59, 59, 2}},
	{68169600, {1972, 2, 29, 0, 0, 0, 3}},
	{68256000, {1972, 3, 1, 0, 0, 0, 4}},
	{94694399, {1972, 12, 31, 23, 59, 59, 1}},
	{94694400, {1973, 1, 1, 0, 0, 0, 2}},
	{946684799, {1999, 12, 31, 23, 59, 59, 6}},
	{946684800, {2000, 1, 1, 0, 0, 0, 7}},
	{951782400, {2000, 2, 29, 0, 0, 0, 3}},
	{951868800, {2000, 3, 1, 0, 0, 0, 4}},
	{1700000000, {2023, 11, 14, 22, 13, 20, 3}},
	{1709164800, {2024, 2, 29, 0, 0, 0, 5}},
	{4107542399, {2100, 2, 28, 23, 59, 59, 1}},
	{4107542400, {2100, 3, 1, 0, 0, 0, 2}},
	{253402300799, {9999, 12, 31, 23, 59, 59, 6}},
};

static void check_date(const struct date *got, const struct date *want)
{
	CHECK_EQ(got->year, want->year);
	CHECK_EQ(got->month, want->month);
	CHECK_EQ(got->day, want->day);
	CHECK_EQ(got->hour, want->hour);
	CHECK_EQ(got->minute, want->minute);
	CHECK_EQ(got->second, want->second);
	CHECK_EQ(got->weekday, want->weekday);
}

static void t_known_dates(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct date date = date_from_seconds(rows[i].seconds);
		u64 seconds = 0;

		check_date(&date, &rows[i].date);
		CHECK(date_to_seconds(&rows[i].date, &seconds));
		CHECK_EQ(seconds, rows[i].seconds);
	}
}

/* The day after, in the calendar's own terms */
static void next_day(struct date *date)
{
	static const u8 days[] = {31, 28, 31, 30, 31, 30,
				  31, 31, 30, 31, 30, 31};
	bool leap = date->year % 400 == 0 ||
		    (date->year % 4 == 0 && date->year % 100 != 0);
	u32 last = date->month == 2 && leap ? 29 : days[date->month - 1];

	date->weekday = date->weekday % 7 + 1;
	date->day++;
	if (date->day > last) {
		date->day = 1;
		date->month++;
	}
	if (date->month > 12) {
		date->month = 1;
		date->year++;
	}
}

static void t_each_day(void)
{
	struct date want = {1970, 1, 1, 0, 0, 0, 5};

	for (u64 at = 0; want.year < 2900; at += DAY) {
		struct date date = date_from_seconds(at);
		u64 seconds = 0;

		check_date(&date, &want);
		CHECK(date_to_seconds(&date, &seconds));
		CHECK_EQ(seconds, at);
		next_day(&want);
	}
}

static void t_no_such_date(void)
{
	static const struct date dates[] = {
		{1969, 12, 31, 0, 0, 0, 0}, {10000, 1, 1, 0, 0, 0, 0},
		{~0u, 1, 1, 0, 0, 0, 0},    {2023, 0, 1, 0, 0, 0, 0},
		{2023, 13, 1, 0, 0, 0, 0},  {2023, 1, 0, 0, 0, 0, 0},
		{2023, 1, 32, 0, 0, 0, 0},  {2023, 2, 29, 0, 0, 0, 0},
		{2100, 2, 29, 0, 0, 0, 0},  {2023, 4, 31, 0, 0, 0, 0},
		{2023, 1, 1, 24, 0, 0, 0},  {2023, 1, 1, 0, 60, 0, 0},
		{2023, 1, 1, 0, 0, 60, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
		u64 seconds = 4711;

		check_eq(date_to_seconds(&dates[i], &seconds), false, "valid",
			 __FILE__, (int)i);
		CHECK_EQ(seconds, 4711);
	}
}

static void t_time_ends_with_9999(void)
{
	const struct date *last = &rows[ARRAY_SIZE(rows) - 1].date;
	struct date date = date_from_seconds(253402300800);

	check_date(&date, last);
	date = date_from_seconds(~0ull);
	check_date(&date, last);
}

static const struct test tests[] = {
	{"known_dates", t_known_dates},
	{"each_day", t_each_day},
	{"no_such_date", t_no_such_date},
	{"time_ends_with_9999", t_time_ends_with_9999},
};

const struct suite suite_date = SUITE("date", tests);
