/* SPDX-License-Identifier: MIT */
/* Builds the small PVH kernel of elf_image.h byte by byte. */
#include "support/elf_image.h"

#include <stdlib.h>
#include <string.h>

/* System V ABI: offsets in a program header of 32 and of 64 bits */
static const u8 field_offset[ELF_IMAGE_FIELDS][2] = {
	[ELF_IMAGE_TYPE] = {0, 0},     [ELF_IMAGE_OFFSET] = {4, 8},
	[ELF_IMAGE_VADDR] = {8, 16},   [ELF_IMAGE_PADDR] = {12, 24},
	[ELF_IMAGE_FILESZ] = {16, 32}, [ELF_IMAGE_MEMSZ] = {20, 40},
	[ELF_IMAGE_ALIGN] = {28, 48},
};

void elf_image_set(struct elf_image *image, size_t at, u32 width, u64 value)
{
	for (u32 i = 0; i < width; i++) {
		image->bytes[at + i] = (u8)(value >> (8 * i));
	}
}

void elf_image_ph(struct elf_image *image, u32 idx, enum elf_image_field field,
		  u64 value)
{
	size_t table = image->is_64 ? 64 : 52;
	size_t len = image->is_64 ? 56 : 32;
	u32 width = image->is_64 && field != ELF_IMAGE_TYPE ? 8 : 4;

	elf_image_set(image,
		      table + idx * len + field_offset[field][image->is_64],
		      width, value);
}

static void set_header(struct elf_image *image)
{
	bool is_64 = image->is_64;
	u32 width = is_64 ? 8 : 4;

	memcpy(image->bytes,
	       "\x7f"
	       "ELF",
	       4);
	image->bytes[4] = is_64 ? 2 : 1;
	image->bytes[5] = 1;
	image->bytes[6] = 1;
	elf_image_set(image, 16, 2, 2);              /* e_type */
	elf_image_set(image, 18, 2, is_64 ? 62 : 3); /* e_machine */
	elf_image_set(image, 20, 4, 1);              /* e_version */
	elf_image_set(image, 24, width, 0x100020);   /* e_entry */
	elf_image_set(image, is_64 ? 32 : 28, width, is_64 ? 64 : 52);
	elf_image_set(image, is_64 ? 54 : 42, 2, is_64 ? 56 : 32);
	elf_image_set(image, is_64 ? 56 : 44, 2, 4); /* e_phnum */
}

static void set_segments(struct elf_image *image)
{
	static const u64 values[3][ELF_IMAGE_FIELDS] = {
		/* type, offset, vaddr, paddr, filesz, memsz, align */
		{1, ELF_IMAGE_CODE, 0x100000, 0x100000, 0x100, 0x180, 0x1000},
		{1, ELF_IMAGE_DATA, 0x80200000, 0x200000, 0x80, 0x1080, 0x1000},
		{4, ELF_IMAGE_NOTE, 0, 0, 0x54, 0, 4},
	};

	for (u32 i = 0; i < 3; i++) {
		for (u32 f = 0; f < ELF_IMAGE_FIELDS; f++) {
			elf_image_ph(image, i, (enum elf_image_field)f,
				     values[i][f]);
		}
	}
}

/* A note with a name of 4 bytes; returns where the next one starts. */
static size_t set_note(struct elf_image *image, size_t at, const char *name,
		       u32 type, u32 desc)
{
	elf_image_set(image, at, 4, 4);
	elf_image_set(image, at + 4, 4, 4);
	elf_image_set(image, at + 8, 4, type);
	memcpy(image->bytes + at + 12, name, 4);
	elf_image_set(image, at + 16, 4, desc);
	return at + 20;
}

void elf_image_make(struct elf_image *image, bool is_64)
{
	size_t at = ELF_IMAGE_NOTE;

	memset(image, 0, sizeof(*image));
	image->is_64 = is_64;
	set_header(image);
	set_segments(image);
	memset(image->bytes + ELF_IMAGE_CODE, 0xc0, 0x100);
	memset(image->bytes + ELF_IMAGE_DATA, 0xda, 0x80);

	/*
	 * Before the right note stand some that differ from it only in the
	 * owner, in the type, or in a name of 5 bytes with 3 bytes of padding.
	 */
	at = set_note(image, at, "GNU", 18, 1);
	at = set_note(image, at, "Xen", 17, 2);
	elf_image_set(image, at, 4, 5);
	elf_image_set(image, at + 4, 4, 3);
	elf_image_set(image, at + 8, 4, 18);
	memcpy(image->bytes + at + 12, "XenX", 5);
	at += 12 + 8 + 4;
	(void)set_note(image, at, "Xen", 18, ELF_IMAGE_ENTRY);
}

void *elf_image_copy(const struct elf_image *image, size_t len)
{
	void *copy = malloc(len == 0 ? 1 : len);

	memcpy(copy, image->bytes, len);
	return copy;
}
