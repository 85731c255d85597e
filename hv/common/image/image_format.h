/* SPDX-License-Identifier: MIT */
/* What a kind of image has to say. */
#ifndef HV_COMMON_IMAGE_IMAGE_FORMAT_H
#define HV_COMMON_IMAGE_IMAGE_FORMAT_H

#include "common/image/image_plan.h"

struct image_format {
	/* Is a file of this kind, as its signature says? */
	bool (*probe)(const void *image, size_t len);
	/*
	 * Fills in the whole plan but for the ACPI page and the map; keeps to
	 * the checks of image_plan(), which came before.
	 */
	enum err (*plan)(struct image_plan *plan,
			 const struct image_input *input);
	/* Makes all pages but the one of the ACPI tables. */
	void (*write)(const struct image_plan *plan,
		      const struct image_input *input, u8 *pages);
};

#endif
