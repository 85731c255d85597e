/* SPDX-License-Identifier: MIT */
/*
 * Good and bad ELF files: each refusal names the field, what is expected, and
 * what was found.
 */
#include "common/image/elf_note.h"

#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/elf_image.h"

static struct elf_image image;
static struct elf elf;
static const char *why;

/* Opens a heap copy and frees it. After that only *why is valid. */
static enum err open_copy(size_t len)
{
	void *copy = elf_image_copy(&image, len);
	enum err err;

	why = NULL;
	err = elf_open(&elf, copy, len, &why);
	free(copy);
	return err;
}

static void check_refused(const char *text)
{
	CHECK_EQ(open_copy(ELF_IMAGE_LEN), ERR_INVALID);
	CHECK_STR(why, text);
}

static void check_good(bool is_64)
{
	struct elf_segment s;

	elf_image_make(&image, is_64);
	CHECK_EQ(elf_open(&elf, image.bytes, ELF_IMAGE_LEN, &why), ERR_OK);
	CHECK_STR(why, "");
	CHECK_EQ(elf.entry, 0x100020);
	CHECK_EQ(elf.machine, is_64 ? ELF_EM_X86_64 : ELF_EM_386);
	CHECK_EQ(elf.segment_count, 4);
	CHECK_EQ(elf_segment(&elf, 1, &s), ERR_OK);
	CHECK_EQ(s.type, ELF_PT_LOAD);
	CHECK_EQ(s.offset, ELF_IMAGE_DATA);
	CHECK_EQ(s.filesz, 0x80);
	CHECK_EQ(s.memsz, 0x1080);
	CHECK_EQ(s.vaddr, 0x80200000);
	CHECK_EQ(s.paddr, 0x200000);
	CHECK_EQ(s.align, 0x1000);
	CHECK_EQ(elf_segment(&elf, 3, &s), ERR_OK);
	CHECK_EQ(elf_segment(&elf, 4, &s), ERR_NOT_FOUND);
	CHECK_EQ(elf_segment(&elf, ~0u, &s), ERR_NOT_FOUND);
}

static void t_both_classes_are_read(void)
{
	check_good(true);
	check_good(false);
}

static void t_odd_alignment_is_read(void)
{
	static u8 odd[ELF_IMAGE_LEN + 1];
	const void *desc;
	size_t desc_len;

	elf_image_make(&image, true);
	memcpy(odd + 1, image.bytes, ELF_IMAGE_LEN);
	CHECK_EQ(elf_open(&elf, odd + 1, ELF_IMAGE_LEN, &why), ERR_OK);
	CHECK_EQ(elf_find_note(&elf, "Xen", 18, &desc, &desc_len), ERR_OK);
	CHECK(desc == odd + 1 + ELF_IMAGE_DESC);
}

/* clang-format off */
static const struct bad {
	u16 at; /* file offset of a 64-bit file */
	u8 width;
	u64 value;
	const char *why;
} bad[] = {
	{0, 1, 0x7e, "EI_MAG: expected 0x464c457f (an ELF file), found "
		     "0x464c457e"},
	{4, 1, 0, "EI_CLASS: expected 1 (32 bits) or 2 (64 bits), found 0"},
	{4, 1, 3, "EI_CLASS: expected 1 (32 bits) or 2 (64 bits), found 3"},
	{5, 1, 2, "EI_DATA: expected 1 (little endian), found 2"},
	{6, 1, 0, "EI_VERSION: expected 1, found 0"},
	{16, 2, 1, "e_type: expected 2 (executable) or 3 (shared), found 1"},
	{16, 2, 4, "e_type: expected 2 (executable) or 3 (shared), found 4"},
	{18, 2, 40,
	 "e_machine: expected 62 (x86-64) or 3 (i386), found 40"},
	{20, 4, 2, "e_version: expected 1, found 2"},
	{54, 2, 32, "e_phentsize: expected 32 (32 bits) or 56 (64 bits), as "
		    "EI_CLASS says, found 32"},
	{56, 2, 0, "e_phnum: expected 1 to 64, found 0"},
	{56, 2, 65, "e_phnum: expected 1 to 64, found 65"},
	{56, 2, 64,
	 "e_phoff: expected all headers inside the file, found 64"},
	{32, 8, ELF_IMAGE_LEN - 4 * 56 + 1,
	 "e_phoff: expected all headers inside the file, found 1185"},
	{32, 8, ~0ull, "e_phoff: expected all headers inside the file, found "
		       "0xffffffffffffffff"},
};
/* clang-format on */

static void t_bad_headers_are_refused(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		elf_image_make(&image, true);
		elf_image_set(&image, bad[i].at, bad[i].width, bad[i].value);
		check_refused(bad[i].why);
	}
}

static const struct bad_segment {
	u32 idx;
	enum elf_image_field field;
	u64 value;
	const char *why;
} bad_segments[] = {
	{0, ELF_IMAGE_OFFSET, ELF_IMAGE_LEN + 1,
	 "program header 0: expected p_offset inside the file, found 1409"},
	{1, ELF_IMAGE_OFFSET, ~0ull,
	 "program header 1: expected p_offset inside the file, found "
	 "0xffffffffffffffff"},
	{2, ELF_IMAGE_OFFSET, ~0ull - 16,
	 "program header 2: expected p_offset inside the file, found "
	 "0xffffffffffffffef"},
	{1, ELF_IMAGE_FILESZ, 0x81,
	 "program header 1: expected p_filesz up to the file's end, found "
	 "129"},
	{2, ELF_IMAGE_FILESZ, ~0ull,
	 "program header 2: expected p_filesz up to the file's end, found "
	 "0xffffffffffffffff"},
	{0, ELF_IMAGE_MEMSZ, 0xff,
	 "program header 0: expected p_memsz not below p_filesz, found 255"},
	{0, ELF_IMAGE_PADDR, ~0ull - 0x17e,
	 "program header 0: expected p_memsz that does not wrap, found 384"},
	{0, ELF_IMAGE_VADDR, ~0ull - 0x17e,
	 "program header 0: expected p_memsz that does not wrap, found 384"},
	{1, ELF_IMAGE_MEMSZ, ~0ull,
	 "program header 1: expected p_memsz that does not wrap, found "
	 "0xffffffffffffffff"},
};

static void t_bad_segments_are_refused(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_segments); i++) {
		const struct bad_segment *b = &bad_segments[i];

		elf_image_make(&image, true);
		elf_image_ph(&image, b->idx, b->field, b->value);
		check_refused(b->why);
	}
}

static void t_limits_are_met(void)
{
	elf_image_make(&image, true);
	elf_image_ph(&image, 0, ELF_IMAGE_PADDR, ~0ull - 0x180);
	elf_image_ph(&image, 0, ELF_IMAGE_VADDR, ~0ull - 0x180);
	CHECK_EQ(open_copy(ELF_IMAGE_LEN), ERR_OK);
	elf_image_set(&image, 16, 2, 3); /* ET_DYN */
	CHECK_EQ(open_copy(ELF_IMAGE_LEN), ERR_OK);

	/* Headers of other types are not checked */
	elf_image_ph(&image, 3, ELF_IMAGE_TYPE, 0x6474e551);
	elf_image_ph(&image, 3, ELF_IMAGE_OFFSET, ~0ull);
	elf_image_ph(&image, 3, ELF_IMAGE_FILESZ, ~0ull);
	CHECK_EQ(open_copy(ELF_IMAGE_LEN), ERR_OK);

	/* Nor is the offset of a segment that has no bytes in the file */
	elf_image_ph(&image, 1, ELF_IMAGE_OFFSET, ~0ull);
	elf_image_ph(&image, 1, ELF_IMAGE_FILESZ, 0);
	CHECK_EQ(open_copy(ELF_IMAGE_LEN), ERR_OK);
}

static void t_every_shorter_file_is_refused(void)
{
	for (u32 is_64 = 0; is_64 <= 1; is_64++) {
		elf_image_make(&image, is_64 != 0);
		for (size_t len = 0; len < ELF_IMAGE_LEN; len++) {
			CHECK_EQ(open_copy(len), ERR_INVALID);
			CHECK(why[0] != 0);
		}
		CHECK_EQ(open_copy(ELF_IMAGE_LEN), ERR_OK);
	}
	CHECK_EQ(open_copy(3), ERR_INVALID);
	CHECK_STR(why, "file: expected an ELF header, found 3");
}

static enum err find(const char *name, u32 type, size_t *at, size_t *len)
{
	const void *desc = image.bytes;
	enum err err;

	CHECK_EQ(elf_open(&elf, image.bytes, ELF_IMAGE_LEN, &why), ERR_OK);
	err = elf_find_note(&elf, name, type, &desc, len);
	*at = (size_t)((const u8 *)desc - image.bytes);
	return err;
}

static void t_notes_are_found_by_owner_and_type(void)
{
	size_t at;
	size_t len;

	elf_image_make(&image, false);
	CHECK_EQ(find("Xen", 18, &at, &len), ERR_OK);
	CHECK_EQ(at, ELF_IMAGE_DESC);
	CHECK_EQ(len, 4);
	CHECK_EQ(find("XenX", 18, &at, &len), ERR_OK);
	CHECK_EQ(len, 3);
	CHECK_EQ(find("GNU", 18, &at, &len), ERR_OK);
	CHECK_EQ(at, ELF_IMAGE_NOTE + 16);
	CHECK_EQ(find("Xe", 18, &at, &len), ERR_NOT_FOUND);
	CHECK_EQ(find("XenY", 18, &at, &len), ERR_NOT_FOUND);
	CHECK_EQ(find("", 18, &at, &len), ERR_NOT_FOUND);
	CHECK_EQ(find("Xen", 19, &at, &len), ERR_NOT_FOUND);
	elf_image_set(&image, ELF_IMAGE_DESC - 16, 4, 3); /* no final 0 */
	CHECK_EQ(find("Xen", 18, &at, &len), ERR_NOT_FOUND);
}

static void t_notes_that_do_not_fit_end_the_search(void)
{
	size_t at;
	size_t len;

	elf_image_make(&image, true);
	elf_image_ph(&image, 2, ELF_IMAGE_FILESZ, 0x53); /* cuts the last */
	CHECK_EQ(find("Xen", 18, &at, &len), ERR_NOT_FOUND);
	CHECK_EQ(find("Xen", 17, &at, &len), ERR_OK);
	elf_image_make(&image, true);
	elf_image_set(&image, ELF_IMAGE_NOTE, 4, 0xffffffff); /* namesz */
	CHECK_EQ(find("Xen", 18, &at, &len), ERR_NOT_FOUND);
	elf_image_make(&image, true);
	elf_image_set(&image, ELF_IMAGE_NOTE + 4, 4, 0xfffffffe); /* descsz */
	CHECK_EQ(find("Xen", 18, &at, &len), ERR_NOT_FOUND);
}

/* with p_align 8, description and next note begin at multiples of 8 */
static void t_notes_of_alignment_8_are_found(void)
{
	size_t at;
	size_t len;

	elf_image_make(&image, true);
	elf_image_ph(&image, 2, ELF_IMAGE_ALIGN, 8);
	elf_image_set(&image, ELF_IMAGE_NOTE + 24, 4, 4);
	elf_image_set(&image, ELF_IMAGE_NOTE + 28, 4, 8);
	elf_image_set(&image, ELF_IMAGE_NOTE + 32, 4, 18);
	memcpy(image.bytes + ELF_IMAGE_NOTE + 36, "Xen", 4);
	CHECK_EQ(find("Xen", 18, &at, &len), ERR_OK);
	CHECK_EQ(at, ELF_IMAGE_NOTE + 40);
	CHECK_EQ(len, 8);
}

/* whatever p_align says, notes of a 32-bit file are padded to 4 */
static void t_notes_of_class_32_are_padded_to_4(void)
{
	static const u64 aligns[] = {0, 1, 4, 8, 16};

	for (size_t i = 0; i < ARRAY_SIZE(aligns); i++) {
		size_t at;
		size_t len;

		elf_image_make(&image, false);
		elf_image_ph(&image, 2, ELF_IMAGE_ALIGN, aligns[i]);
		CHECK_EQ(find("Xen", 17, &at, &len), ERR_OK);
		CHECK_EQ(at, ELF_IMAGE_NOTE + 36);
		CHECK_EQ(find("Xen", 18, &at, &len), ERR_OK);
		CHECK_EQ(at, ELF_IMAGE_DESC);
	}
}

static const struct test tests[] = {
	{"both_classes_are_read", t_both_classes_are_read},
	{"odd_alignment_is_read", t_odd_alignment_is_read},
	{"bad_headers_are_refused", t_bad_headers_are_refused},
	{"bad_segments_are_refused", t_bad_segments_are_refused},
	{"limits_are_met", t_limits_are_met},
	{"every_shorter_file_is_refused", t_every_shorter_file_is_refused},
	{"notes_are_found_by_owner_and_type",
	 t_notes_are_found_by_owner_and_type},
	{"notes_that_do_not_fit_end_the_search",
	 t_notes_that_do_not_fit_end_the_search},
	{"notes_of_alignment_8_are_found", t_notes_of_alignment_8_are_found},
	{"notes_of_class_32_are_padded_to_4",
	 t_notes_of_class_32_are_padded_to_4},
};

const struct suite suite_elf = SUITE("elf", tests);
