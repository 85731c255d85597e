/* SPDX-License-Identifier: MIT */
/* A GVA range of a list call, cut to the canonical pages that it names. */
#ifndef HV_CORE_FLUSH_RANGE_H
#define HV_CORE_FLUSH_RANGE_H

#include "base/types.h"
#include "tlfs/hypercall.h"

struct flush_range {
	u64 base;  /* first canonical page's address */
	u64 pages; /* 0 to 4096, of the extended format 0 to 2^29 */
};

/*
 * TLFS "HvCallFlushVirtualAddressList": page in 63:12, additional pages in
 * 11:0. Pages in the non-canonical hole are left out ("Invalid GVAs … are
 * ignored"); a range that wraps ends at the top. 48-bit linear addresses. Not
 * inlined: the loop over ranges of one page stays short.
 */
struct flush_range flush_range_cut_slow(u64 raw_range)
	__attribute__((noinline));

/* The same of the extended format; large pages may be up to 2^29 pages. */
struct flush_range flush_range_cut_extended(u64 raw_range);

/* One page in the lower half or at the top: what nearly all ranges are. */
static inline struct flush_range flush_range_cut(u64 raw_range)
{
	u64 sign = (u64)((s64)raw_range >> 47);

	if (LIKELY((sign + 1) <= 1 && !(raw_range & HV_GVA_RANGE_EXTRA))) {
		return (struct flush_range){raw_range, 1};
	}
	return flush_range_cut_slow(raw_range);
}

/*
 * True if each of the ranges is one canonical page, so that its value is the
 * page's address: what nearly all lists are. The lower half moves to the upper
 * half of 48 bits, and the high half wraps to the lower.
 */
static inline bool flush_range_are_pages(const u64 *raw_ranges, u32 count)
{
	u64 bits = 0;

	for (u32 i = 0; i < count; i++) {
		bits |= raw_ranges[i] + BIT(47);
	}
	return (bits & ~GENMASK(47, PAGE_SHIFT)) == 0;
}

/*
 * The same list in the simple format, into `simple`. False if a range names a
 * large page, which is more than is ever flushed page by page. Large pages that
 * are all in the non-canonical hole name none; their element becomes one
 * without pages.
 */
bool flush_range_from_extended(const u64 *raw_ranges, u32 count, u64 *simple);

#endif
