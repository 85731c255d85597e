/* SPDX-License-Identifier: MIT */
/*
 * The console's last output, in memory that a reset may keep. A loader gives it
 * the same place at every boot (handoff.crash_log) and leaves its content as it
 * is; hv/core/crash/crash_log.c writes and checks it.
 */
#ifndef CRASH_LOG_H
#define CRASH_LOG_H

#include "base/types.h"

#define CRASH_LOG_MAGIC    0x474f4c4554484c31ull
#define CRASH_LOG_TEXT_LEN 16384u /* a power of two */

struct crash_log {
	u64 magic;  /* 0 only where memory is as it was at power-on */
	u32 boots;  /* since the memory lost its content */
	u32 panics; /* which ended the last boots, one after the other */
	u64 put;    /* bytes that were written; the last of them are in text */
	u64 sum;    /* of text: each byte times its place, counted from 1 */
	u64 check;  /* of the fields above */
	u8 text[CRASH_LOG_TEXT_LEN]; /* a ring: byte n is at n % its length */
};

#define CRASH_LOG_LEN (5 * 4096ull)

_Static_assert(sizeof(struct crash_log) <= CRASH_LOG_LEN, "whole pages");

#endif
