/* SPDX-License-Identifier: MIT */
/* From the firmware's world to a PVH kernel's first instruction. */
#ifndef BOOT_GUEST_JUMP_H
#define BOOT_GUEST_JUMP_H

#include <efi.h>

#include "common/image/pvh_plan.h"

/*
 * Takes the memory that it needs and looks whether the kernel's places are
 * free. Prints what is wrong before it returns an error. `image` and
 * `cmdline` (plan->cmdline_len bytes) are those of the plan.
 */
EFI_STATUS jump_prepare(const struct pvh_plan *plan, const u8 *image,
			const char *cmdline);

/* Returns only if the firmware refuses to end boot services. */
EFI_STATUS jump(const struct pvh_plan *plan);

#endif
