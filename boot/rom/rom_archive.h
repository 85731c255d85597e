/* SPDX-License-Identifier: MIT */
/*
 * What lethe.machine.rom puts in front of the loader in the ROM: the number of
 * CPUs of the machine and the files that lethe.conf names. The archive begins
 * at the ROM's first byte; its data is page aligned. What does not fit into the
 * ROM is on a disk, which continues it. The project's own build writes all of
 * it, so nothing but the magic is checked.
 */
#ifndef BOOT_ROM_ROM_ARCHIVE_H
#define BOOT_ROM_ROM_ARCHIVE_H

#include "base/types.h"
#include "config.h"

#define ROM_ARCHIVE_BASE  0xffe00000ull         /* 4 GiB - 2 MiB */
#define ROM_ARCHIVE_DISK  0x200000u             /* from here on: the disk */
#define ROM_ARCHIVE_MAGIC 0x4d4f52454854454cull /* "LETHEROM" */

struct rom_archive_file {
	char path[CONFIG_PATH_MAX];
	u32 offset; /* from ROM_ARCHIVE_BASE */
	u32 len;
};

struct rom_archive {
	u64 magic;
	u32 cpu_count; /* APIC IDs 0 to cpu_count - 1 */
	u32 file_count;
	struct rom_archive_file files[];
};

_Static_assert(sizeof(struct rom_archive_file) == 136, "lethe.machine.rom");
_Static_assert(sizeof(struct rom_archive) == 16, "lethe.machine.rom");

struct rom_file {
	const void *data; /* NULL: on the disk */
	u32 offset;
	u32 len;
};

/* Number of CPUs, 0 if there is no archive. */
u32 rom_archive_cpus(void);

/*
 * Finds the file that `path` means (common/lib/path.h); those of the archive
 * are in \lethe\. False: *found describes what is there instead.
 */
bool rom_archive_find(const char *path, struct rom_file *file,
		      const char **found) __must_check;

/*
 * Copies the file, to memory of its length rounded up to pages. False: the disk
 * cannot be read.
 */
bool rom_archive_read(const struct rom_file *file, void *to) __must_check;

#endif
