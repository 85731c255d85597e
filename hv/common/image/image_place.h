/* SPDX-License-Identifier: MIT */
/* Finds room in a guest's RAM for what the image does not place itself. */
#ifndef HV_COMMON_IMAGE_IMAGE_PLACE_H
#define HV_COMMON_IMAGE_IMAGE_PLACE_H

#include "common/image/image_plan.h"

/* Is a byte of [base, base + len) in a segment or in a page of the plan? */
bool image_place_is_taken(const struct image_plan *plan, u64 base, u64 len);

/* Adds the page at `gpa` to the plan's pages. Pre: it is not taken. */
void image_place_at(struct image_plan *plan, u64 gpa);

/*
 * A page for part of the guest's information: the first free one of
 * [from, to), else the one below what lies at the top of memory; adds it to the
 * plan's pages. ERR_INVALID with `words` as the reason if both are taken.
 */
enum err image_place_page(struct image_plan *plan, u64 from, u64 to,
			  const char *words, u64 *gpa) __must_check;

/*
 * The initrd: page aligned, at the end of [1 MiB, end). ERR_INVALID with a
 * reason if it does not fit there.
 */
enum err image_place_initrd(struct image_plan *plan, u64 end) __must_check;

#endif
