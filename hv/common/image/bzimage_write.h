/* SPDX-License-Identifier: MIT */
/* Makes what a bzImage is told. */
#ifndef HV_COMMON_IMAGE_BZIMAGE_WRITE_H
#define HV_COMMON_IMAGE_BZIMAGE_WRITE_H

#include "common/image/image_format.h"

/* image_format.write; the pages are those of enum bzimage_page. */
void bzimage_write(const struct image_plan *plan,
		   const struct image_input *input, u8 *pages);

#endif
