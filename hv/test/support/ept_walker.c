/* SPDX-License-Identifier: MIT */
/* SDM 3C, "EPT Translation Mechanism" and "EPT Misconfigurations". */
#include "support/ept_walker.h"

#include "base/bits.h"
#include "support/check.h"

#define RIGHTS  GENMASK(2, 0)
#define TYPE    GENMASK(5, 3)
#define LARGE   BIT(7)
#define ADDRESS GENMASK(51, 12)

static u64 entry_of(u64 table, u64 gpa, unsigned level)
{
	const u64 *entries = (const u64 *)(uintptr_t)table;

	return entries[(gpa >> (12 + 9 * level)) & 511];
}

static struct ept_walk leaf(u64 entry, u64 gpa, unsigned level, u32 rights)
{
	u64 offset_mask = BIT(12 + 9 * level) - 1;

	/* reserved below the page's address */
	CHECK_EQ(entry & ADDRESS & offset_mask & PAGE_MASK, 0);
	return (struct ept_walk){
		.mapped = true,
		.hpa = (entry & ADDRESS) | (gpa & offset_mask),
		.rights = rights,
		.type = (u32)FIELD_GET(TYPE, entry),
		.large = level != 0,
	};
}

struct ept_walk ept_walk(const struct ept *ept, u64 gpa)
{
	u64 table = ept->eptp & ADDRESS;
	u32 rights = 7;

	CHECK_EQ((ept->eptp >> 3) & 7, 3);
	for (unsigned level = 4; level-- > 0;) {
		u64 entry = entry_of(table, gpa, level);
		bool is_leaf = level == 0 || (entry & LARGE);

		if ((entry & RIGHTS) == 0) {
			CHECK_EQ(entry, 0);
			break;
		}
		/* misconfigured: writable, not readable */
		CHECK((entry & 3) != 2);
		CHECK(level < 2 || !is_leaf);
		rights &= (u32)(entry & RIGHTS);
		if (is_leaf) {
			return leaf(entry, gpa, level, rights);
		}
		CHECK_EQ(entry & GENMASK(7, 3), 0);
		table = entry & ADDRESS;
	}
	return (struct ept_walk){.mapped = false};
}
