/* SPDX-License-Identifier: MIT */
/* Writes the parts of a plan into guest memory, one after the other. */
#include "common/image/image_write.h"

#include "core/port/port.h"

enum err image_write(const struct image_plan *plan, struct partition *p,
		     const void *image, const void *initrd)
{
	struct image_part part;

	for (u32 i = 0; image_part(plan, image, initrd, i, &part); i++) {
		enum err err = ERR_OK;

		if (part.len != 0) {
			err = port_write_guest(p, part.to, part.from, part.len);
		}
		if (err != ERR_OK) {
			return err;
		}
	}
	return ERR_OK;
}
