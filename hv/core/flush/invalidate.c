/* SPDX-License-Identifier: MIT */
/* Types of INVVPID, and which pages a range names. */
#include "core/flush/invalidate.h"

#include "core/flush/range.h"
#include "core/state/vp.h"

void invalidate_all(struct vp *vp)
{
	port_invvpid(machine.invvpid_context, vp, (gva_t){0});
}

/* Neither of these two is inlined: most flushes throw away everything. */
__attribute__((noinline)) void invalidate_non_global(struct vp *vp)
{
	if (machine.invvpid_retain_globals) {
		port_invvpid(INVVPID_SINGLE_RETAIN_GLOBALS, vp, (gva_t){0});
	} else {
		invalidate_all(vp);
	}
}

/*
 * Counts the pages of all ranges, canonical or not: a cheap upper bound that
 * decides nearly every call.
 */
static u64 count_raw_pages(const u64 *ranges, u32 count)
{
	u64 pages = 0;

	for (u32 i = 0; i < count; i++) {
		pages += (ranges[i] & HV_GVA_RANGE_EXTRA) + 1;
	}
	return pages;
}

static u64 count_pages(const u64 *ranges, u32 count)
{
	u64 pages = 0;

	for (u32 i = 0; i < count; i++) {
		pages += flush_range_cut(ranges[i]).pages;
	}
	return pages;
}

static bool fits_addresses(const u64 *ranges, u32 count)
{
	return count_raw_pages(ranges, count) <= INVALIDATE_PAGES_MAX ||
	       count_pages(ranges, count) <= INVALIDATE_PAGES_MAX;
}

static void invalidate_range(struct vp *vp, u64 raw_range)
{
	struct flush_range range = flush_range_cut(raw_range);

	for (u64 page = 0; page < range.pages; page++) {
		port_invvpid(INVVPID_ADDRESS, vp,
			     (gva_t){range.base + page * PAGE_SIZE});
	}
}

/* Not inlined: the loop over pages stays short. */
static __attribute__((noinline)) void
invalidate_any(struct vp *vp, const u64 *ranges, u32 count)
{
	if (!fits_addresses(ranges, count)) {
		invalidate_all(vp);
		return;
	}
	for (u32 i = 0; i < count; i++) {
		invalidate_range(vp, ranges[i]);
	}
}

__attribute__((noinline)) void invalidate_ranges(struct vp *vp,
						 const u64 *ranges, u32 count)
{
	if (UNLIKELY(!invalidate_is_exact(vp->partition))) {
		invalidate_all(vp);
		return;
	}
	if (UNLIKELY(count > INVALIDATE_PAGES_MAX ||
		     !flush_range_are_pages(ranges, count))) {
		invalidate_any(vp, ranges, count);
		return;
	}
	for (u32 i = 0; i < count; i++) {
		port_invvpid(INVVPID_ADDRESS, vp, (gva_t){ranges[i]});
	}
}
