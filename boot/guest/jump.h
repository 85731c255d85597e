/* SPDX-License-Identifier: MIT */
/* From boot services to a PVH kernel's first instruction. */
#ifndef BOOT_GUEST_JUMP_H
#define BOOT_GUEST_JUMP_H

#include <efi.h>

#include "common/image/image_plan.h"

/*
 * Allocates the memory that jump() needs and checks that the kernel's
 * destination is free. Prints the reason before it returns an error. `input` is
 * what the plan was made of.
 */
EFI_STATUS jump_prepare(const struct image_plan *plan,
			const struct image_input *input);

/* Returns only if the firmware refuses to end boot services. */
EFI_STATUS jump(const struct image_plan *plan);

#endif
