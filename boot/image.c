/* SPDX-License-Identifier: MIT */
/* Decides how much memory the image needs and where each byte goes. */
#include "image.h"

#include "common/lib/mem.h"

#include "handoff.h"

#define LARGE_PAGE (2 * MIB)

/* Distance of a linear address from HANDOFF_IMAGE_BASE; huge if below it */
static u64 image_offset(u64 vaddr)
{
	return vaddr - HANDOFF_IMAGE_BASE;
}

static bool is_load(const struct elf *elf, u32 idx, struct elf_segment *segment)
{
	return elf_segment(elf, idx, segment) == ERR_OK &&
	       segment->type == ELF_PT_LOAD && segment->memsz != 0;
}

static enum err measure(struct image *image)
{
	u64 end_max = 0;

	for (u32 i = 0; i < image->elf.segment_count; i++) {
		struct elf_segment segment;
		u64 start;

		if (!is_load(&image->elf, i, &segment)) {
			continue;
		}
		start = image_offset(segment.vaddr);
		if (start >= HANDOFF_IMAGE_MAX ||
		    segment.memsz > HANDOFF_IMAGE_MAX - start) {
			return ERR_RANGE;
		}
		if (start + segment.memsz > end_max) {
			end_max = start + segment.memsz;
		}
	}
	image->len = (end_max + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	image->entry = image->elf.entry;
	return image_offset(image->entry) < end_max ? ERR_OK : ERR_RANGE;
}

enum err image_open(struct image *image, const void *file, size_t len,
		    const char **why)
{
	enum err err = elf_open(&image->elf, file, len, why);

	if (err != ERR_OK) {
		return err;
	}
	err = measure(image);
	if (err != ERR_OK) {
		*why = "expected segments and entry point inside "
		       "HANDOFF_IMAGE_MAX from HANDOFF_IMAGE_BASE";
	}
	return err;
}

void image_place(const struct image *image, void *to)
{
	memset(to, 0, image->len);
	for (u32 i = 0; i < image->elf.segment_count; i++) {
		struct elf_segment segment;

		if (is_load(&image->elf, i, &segment)) {
			memcpy((u8 *)to + image_offset(segment.vaddr),
			       image->elf.file + segment.offset,
			       segment.filesz);
		}
	}
}
