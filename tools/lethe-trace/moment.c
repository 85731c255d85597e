/* SPDX-License-Identifier: MIT */
/* Products of ticks and 10^9 need more than 64 bits. */
#include "moment.h"

#include <stdint.h>
#include <stdio.h>

#define NS 1000000000u

typedef unsigned __int128 wide;

static u64 scaled(u64 value, u64 factor, u64 divisor)
{
	wide result = (wide)value * factor / divisor;

	return result > INT64_MAX ? INT64_MAX : (u64)result;
}

u64 moment_ns(const struct about *about, u64 ticks)
{
	return scaled(ticks, NS, about->tsc_hz);
}

s64 moment_since_start(const struct about *about, u64 tsc)
{
	if (tsc < about->tsc_start) {
		return -(s64)moment_ns(about, about->tsc_start - tsc);
	}
	return (s64)moment_ns(about, tsc - about->tsc_start);
}

u64 moment_tsc(const struct about *about, s64 ns)
{
	u64 ticks = scaled((u64)(ns < 0 ? -ns : ns), about->tsc_hz, NS);

	return ns < 0 ? about->tsc_start - ticks : about->tsc_start + ticks;
}

static const char *fixed(char text[MOMENT_TEXT], s64 ns, u64 unit, int digits)
{
	u64 size = ns < 0 ? (u64)-ns : (u64)ns;

	snprintf(text, MOMENT_TEXT, "%s%llu.%0*llu", ns < 0 ? "-" : "",
		 (unsigned long long)(size / unit), digits,
		 (unsigned long long)(size % unit));
	return text;
}

const char *moment_seconds(char text[MOMENT_TEXT], s64 ns)
{
	return fixed(text, ns, NS, 9);
}

const char *moment_us(char text[MOMENT_TEXT], s64 ns)
{
	return fixed(text, ns, 1000, 3);
}
