/* SPDX-License-Identifier: MIT */
/*
 * Which pages of a range are canonical. INVVPID with a non-canonical address
 * fails (CVE-2025-38351 in KVM), so this file lets none through.
 */
#include "core/flush/range.h"

#define HOLE_FIRST 0x0000800000000000ull
#define HIGH_FIRST 0xffff800000000000ull

static u64 at_most(u64 value, u64 limit)
{
	return value < limit ? value : limit;
}

static struct flush_range cut(struct flush_range range)
{
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

struct flush_range flush_range_cut_slow(u64 raw_range)
{
	return cut((struct flush_range){
		.base = raw_range & PAGE_MASK,
		.pages = (raw_range & HV_GVA_RANGE_EXTRA) + 1,
	});
}

static u64 large_size(u64 raw)
{
	return raw & HV_GVA_RANGE_EX_1G ? GIB : 2 * MIB;
}

/*
 * A large page goes whole, so the range begins where the page that holds its
 * address does.
 */
struct flush_range flush_range_cut_extended(u64 raw_range)
{
	u64 size = large_size(raw_range);
	u64 count = (raw_range & HV_GVA_RANGE_EX_EXTRA) + 1;

	if (!(raw_range & HV_GVA_RANGE_EX_LARGE)) {
		return flush_range_cut(raw_range);
	}
	return cut((struct flush_range){
		.base = raw_range & HV_GVA_RANGE_EX_BASE & ~(size - 1),
		.pages = count * (size >> PAGE_SHIFT),
	});
}

/*
 * Both edges of the hole are multiples of 1 GiB, so reserved bits 20:13 and an
 * address that is not a multiple of its page's size make no difference.
 */
static bool large_is_in_hole(u64 raw)
{
	u64 base = raw & HV_GVA_RANGE_EX_BASE;
	u64 len = ((raw & HV_GVA_RANGE_EX_EXTRA) + 1) * large_size(raw);

	return base >= HOLE_FIRST && base < HIGH_FIRST &&
	       len <= HIGH_FIRST - base;
}

bool flush_range_from_extended(const u64 *raw_ranges, u32 count, u64 *simple)
{
	for (u32 i = 0; i < count; i++) {
		simple[i] = raw_ranges[i];
		if (!(raw_ranges[i] & HV_GVA_RANGE_EX_LARGE)) {
			continue; /* bit 11 is 0: the simple format */
		}
		if (!large_is_in_hole(raw_ranges[i])) {
			return false;
		}
		simple[i] = HOLE_FIRST;
	}
	return true;
}
