/* SPDX-License-Identifier: MIT */
/* Low to high: RAM, pages in the hole below 1 MiB, RAM, pages, the initrd. */
#include "common/image/image_place.h"

#include "common/image/image_why.h"

static bool overlaps(u64 a, u64 a_len, u64 b, u64 b_len)
{
	return a < b + b_len && b < a + a_len;
}

bool image_place_is_taken(const struct image_plan *plan, u64 base, u64 len)
{
	for (u32 i = 0; i < plan->segment_count; i++) {
		const struct image_segment *s = &plan->segments[i];

		if (overlaps(base, len, s->gpa, s->memsz)) {
			return true;
		}
	}
	for (u32 i = 0; i < plan->page_count; i++) {
		if (overlaps(base, len, plan->page_gpa[i], PAGE_SIZE)) {
			return true;
		}
	}
	return false;
}

void image_place_at(struct image_plan *plan, u64 gpa)
{
	plan->page_gpa[plan->page_count] = gpa;
	plan->page_count++;
}

enum err image_place_page(struct image_plan *plan, u64 from, u64 to,
			  const char *words, u64 *gpa)
{
	u64 page = from;

	while (page < to && image_place_is_taken(plan, page, PAGE_SIZE)) {
		page += PAGE_SIZE;
	}
	if (page == to) {
		page = plan->top - PAGE_SIZE;
		if (image_place_is_taken(plan, page, PAGE_SIZE)) {
			return image_why_number(plan, words, page);
		}
		plan->top = page;
	}
	image_place_at(plan, page);
	*gpa = page;
	return ERR_OK;
}

enum err image_place_initrd(struct image_plan *plan, u64 end)
{
	u64 base;

	if (plan->initrd_len > end - GUEST_MAP_HOLE_END) {
		return image_why_number(plan,
					"initrd: expected to fit above 1 MiB, "
					"found a length of",
					plan->initrd_len);
	}
	base = (end - plan->initrd_len) & PAGE_MASK;
	if (plan->initrd_len > 0 &&
	    image_place_is_taken(plan, base, end - base)) {
		return image_why_range(plan,
				       "initrd: expected no segment where it "
				       "goes, at the top of memory,",
				       base, plan->initrd_len);
	}
	plan->initrd = base;
	plan->top = base;
	return ERR_OK;
}
