/* SPDX-License-Identifier: MIT */
/* Looks files up in the archive, and reads them. */
#include "rom_archive.h"

#include "common/lib/mem.h"
#include "common/lib/path.h"
#include "rom_disk.h"

static const struct rom_archive *archive(void)
{
	return (const struct rom_archive *)(uintptr_t)ROM_ARCHIVE_BASE;
}

u32 rom_archive_cpus(void)
{
	return archive()->magic == ROM_ARCHIVE_MAGIC ? archive()->cpu_count : 0;
}

static struct rom_file describe(const struct rom_archive_file *entry)
{
	bool is_in_rom = entry->offset < ROM_ARCHIVE_DISK;

	return (struct rom_file){
		.data = is_in_rom ? (const u8 *)archive() + entry->offset
				  : NULL,
		.offset = entry->offset,
		.len = entry->len,
	};
}

bool rom_archive_read(const struct rom_file *file, void *to)
{
	if (file->data == NULL) {
		return rom_disk_read(file->offset - ROM_ARCHIVE_DISK, to,
				     file->len);
	}
	memcpy(to, file->data, file->len);
	return true;
}

bool rom_archive_find(const char *path, struct rom_file *file,
		      const char **found)
{
	char wanted[PATH_ROOM];
	char folder[PATH_ROOM];
	char name[PATH_ROOM];

	path_resolve(wanted, path);
	path_resolve(folder, ".");
	*found = "not found";
	for (u32 i = 0; i < archive()->file_count; i++) {
		const struct rom_archive_file *entry = &archive()->files[i];

		path_resolve(name, entry->path);
		if (path_is_same(name, wanted)) {
			*file = describe(entry);
			return true;
		}
		if (path_is_inside(name, wanted)) {
			*found = "a folder";
		}
	}
	if (!path_is_same(wanted, folder) && !path_is_inside(wanted, folder)) {
		*found = "a path outside \\lethe\\, the only folder that the "
			 "ROM has";
	}
	return false;
}
