/* SPDX-License-Identifier: MIT */
/* Refuses an image: each puts a sentence into plan->why. */
#ifndef HV_COMMON_IMAGE_IMAGE_WHY_H
#define HV_COMMON_IMAGE_IMAGE_WHY_H

#include "common/image/image_plan.h"

/* They return ERR_INVALID. A range is [base, base + len). */
enum err image_why(struct image_plan *plan, const char *words);
enum err image_why_number(struct image_plan *plan, const char *words,
			  u64 number);
enum err image_why_range(struct image_plan *plan, const char *words, u64 base,
			 u64 len);

#endif
