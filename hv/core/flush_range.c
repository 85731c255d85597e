/* SPDX-License-Identifier: MIT */
/*
 * Which pages of a range are canonical. INVVPID with a non-canonical address
 * fails (CVE-2025-38351 is what that costs elsewhere), so none gets past here.
 */
#include "core/flush_range.h"

#define HOLE_FIRST 0x0000800000000000ull
#define HIGH_FIRST 0xffff800000000000ull

static u64 at_most(u64 value, u64 limit)
{
	return value < limit ? value : limit;
}

struct flush_range flush_range_cut_slow(u64 raw_range)
{
	struct flush_range range = {
		.base = raw_range & PAGE_MASK,
		.pages = (raw_range & HV_GVA_RANGE_EXTRA) + 1,
	};

	if (range.base < HOLE_FIRST) {
		range.pages = at_most(range.pages,
				      (HOLE_FIRST - range.base) >> PAGE_SHIFT);
		return range;
	}
	if (range.base < HIGH_FIRST) {
		u64 hidden = (HIGH_FIRST - range.base) >> PAGE_SHIFT;

		range.pages -= at_most(range.pages, hidden);
		range.base = HIGH_FIRST;
		return range;
	}
	range.pages = at_most(range.pages, (0 - range.base) >> PAGE_SHIFT);
	return range;
}
