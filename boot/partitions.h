/* SPDX-License-Identifier: MIT */
/* Everything a partition needs before boot services end. */
#ifndef BOOT_PARTITIONS_H
#define BOOT_PARTITIONS_H

#include <efi.h>

#include "handoff.h"

/*
 * For every partition of handoff->config: reads its files, checks that they can
 * be booted, allocates and zeroes its memory. Fills handoff->partition. Prints
 * the reason before it returns an error.
 */
EFI_STATUS partitions_load(struct handoff *handoff);

#endif
