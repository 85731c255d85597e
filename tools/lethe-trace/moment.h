/* SPDX-License-Identifier: MIT */
/* Ticks as times: exact, without floating point. */
#ifndef TOOLS_LETHE_TRACE_MOMENT_H
#define TOOLS_LETHE_TRACE_MOMENT_H

#include "about.h"

#define MOMENT_TEXT 32

/* The nanoseconds that so many ticks take, rounded down. */
u64 moment_ns(const struct about *about, u64 ticks);

/* From the start of the trace to `tsc`; negative before it. */
s64 moment_since_start(const struct about *about, u64 tsc);

/* The TSC that many nanoseconds after the start. */
u64 moment_tsc(const struct about *about, s64 ns);

/* "12.345678901", seconds; "12345678.901", microseconds */
const char *moment_seconds(char text[MOMENT_TEXT], s64 ns);
const char *moment_us(char text[MOMENT_TEXT], s64 ns);

#endif
