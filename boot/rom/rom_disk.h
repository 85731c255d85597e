/* SPDX-License-Identifier: MIT */
/*
 * Reads the part of the archive that does not fit into the ROM: it is on the
 * master of the first ATA channel, from the first sector on.
 */
#ifndef BOOT_ROM_ROM_DISK_H
#define BOOT_ROM_ROM_DISK_H

#include "base/types.h"

#define ROM_DISK_SECTOR 512u

/*
 * Reads `len` bytes, rounded up to whole sectors, from byte `offset` of the
 * disk, a multiple of a sector. False: the disk is not there or refuses.
 */
bool rom_disk_read(u32 offset, void *to, u32 len) __must_check;

#endif
