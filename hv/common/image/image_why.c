/* SPDX-License-Identifier: MIT */
/* Sentences with the number or range that was found at their end. */
#include "common/image/image_why.h"

#include "common/lib/text.h"

static struct text start(struct image_plan *plan, const char *words)
{
	struct text t = text_start(plan->why, sizeof(plan->why));

	text_put(&t, words);
	return t;
}

enum err image_why(struct image_plan *plan, const char *words)
{
	(void)start(plan, words);
	return ERR_INVALID;
}

enum err image_why_number(struct image_plan *plan, const char *words,
			  u64 number)
{
	struct text t = start(plan, words);

	text_put(&t, " ");
	text_hex(&t, number);
	return ERR_INVALID;
}

enum err image_why_range(struct image_plan *plan, const char *words, u64 base,
			 u64 len)
{
	struct text t = start(plan, words);

	text_put(&t, " ");
	text_hex(&t, base);
	text_put(&t, " to ");
	text_hex(&t, base + len);
	return ERR_INVALID;
}
