/* SPDX-License-Identifier: MIT */
/*
 * The last steps of the loader: end of boot services, jump to the hypervisor.
 */
#ifndef BOOT_LEAVE_H
#define BOOT_LEAVE_H

#include <efi.h>

#include "handoff.h"

/*
 * Allocates the memory that leave() needs; prints the reason before it returns
 * an error.
 */
EFI_STATUS leave_prepare(void);

/*
 * Ends boot services and jumps to `entry`, an address inside the image, as
 * include/handoff.h promises. Returns only if the firmware refuses to end
 * them; then nothing may be printed or freed any more.
 * Pre: leave_prepare() succeeded; *handoff is complete.
 */
EFI_STATUS leave(const struct handoff *handoff, u64 entry);

#endif
