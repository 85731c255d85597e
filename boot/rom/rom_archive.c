/* SPDX-License-Identifier: MIT */
/* Looks files up in the ROM's archive, in place. */
#include "rom_archive.h"

static const struct rom_archive *archive(void)
{
	return (const struct rom_archive *)(uintptr_t)ROM_ARCHIVE_BASE;
}

static bool is_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

u32 rom_archive_cpus(void)
{
	return archive()->magic == ROM_ARCHIVE_MAGIC ? archive()->cpu_count : 0;
}

bool rom_archive_find(const char *path, struct rom_file *file)
{
	for (u32 i = 0; i < archive()->file_count; i++) {
		const struct rom_archive_file *entry = &archive()->files[i];

		if (is_equal(entry->path, path)) {
			file->data = (const u8 *)archive() + entry->offset;
			file->len = entry->len;
			return true;
		}
	}
	return false;
}
