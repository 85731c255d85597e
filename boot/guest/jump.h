/* SPDX-License-Identifier: MIT */
/* From boot services to a PVH kernel's first instruction. */
#ifndef BOOT_GUEST_JUMP_H
#define BOOT_GUEST_JUMP_H

#include <efi.h>

#include "common/image/pvh_plan.h"

/*
 * Allocates the memory that jump() needs and checks that the kernel's
 * destination is free. Prints the reason before it returns an error. `image`
 * and `cmdline` (plan->cmdline_len bytes) are those that the plan was made for.
 */
EFI_STATUS jump_prepare(const struct pvh_plan *plan, const u8 *image,
			const char *cmdline);

/* Returns only if the firmware refuses to end boot services. */
EFI_STATUS jump(const struct pvh_plan *plan);

#endif
