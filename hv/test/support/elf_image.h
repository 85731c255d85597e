/* SPDX-License-Identifier: MIT */
/*
 * A small PVH kernel as an ELF file in memory. elf_image_make() makes a good
 * one; tests change one field to make it bad. It has two PT_LOAD headers (0 and
 * 1), one PT_NOTE (2) and one of type 0 (3), which tests may turn into
 * something else.
 */
#ifndef HV_TEST_SUPPORT_ELF_IMAGE_H
#define HV_TEST_SUPPORT_ELF_IMAGE_H

#include "base/types.h"

#define ELF_IMAGE_LEN   0x580u
#define ELF_IMAGE_ENTRY 0x100010u /* inside segment 0 */

#define ELF_IMAGE_CODE 0x400u /* file offset of segment 0, 0x100 bytes */
#define ELF_IMAGE_DATA 0x500u /* of segment 1, 0x80 bytes of 0x1080 */
#define ELF_IMAGE_NOTE 0x300u /* of the notes */
#define ELF_IMAGE_DESC 0x350u /* of the entry point in the right note */

struct elf_image {
	u8 bytes[ELF_IMAGE_LEN];
	bool is_64;
};

enum elf_image_field {
	ELF_IMAGE_TYPE,
	ELF_IMAGE_OFFSET,
	ELF_IMAGE_VADDR,
	ELF_IMAGE_PADDR,
	ELF_IMAGE_FILESZ,
	ELF_IMAGE_MEMSZ,
	ELF_IMAGE_ALIGN,
	ELF_IMAGE_FIELDS,
};

void elf_image_make(struct elf_image *image, bool is_64);

/* Sets `width` bytes at file offset `at`, little endian. */
void elf_image_set(struct elf_image *image, size_t at, u32 width, u64 value);

/* Sets a field of program header `idx`, 4 or 8 bytes as the class has it. */
void elf_image_ph(struct elf_image *image, u32 idx, enum elf_image_field field,
		  u64 value);

/*
 * A heap copy of exactly the first `len` bytes, so that the sanitizer sees a
 * read beyond them. The caller frees it.
 */
void *elf_image_copy(const struct elf_image *image, size_t len);

#endif
