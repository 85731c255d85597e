/* SPDX-License-Identifier: MIT */
/*
 * The small kernel of elf_image.h with section headers, a symbol table (section
 * 1) and its names (section 2) after it. Tests change bytes to make it bad.
 */
#ifndef HV_TEST_SUPPORT_SYMBOL_FILE_H
#define HV_TEST_SUPPORT_SYMBOL_FILE_H

#include "base/types.h"

#define SYMBOL_FILE_SECTIONS 0x580u /* offset of the section headers */
#define SYMBOL_FILE_TABLE    0x680u
#define SYMBOL_FILE_NAMES    0x880u
#define SYMBOL_FILE_LEN      0x980u /* the names end with the file */

struct symbol_file {
	u8 bytes[SYMBOL_FILE_LEN];
	bool is_64;
	u32 count;     /* symbols, with the empty first one */
	u32 names_len; /* bytes of the names that are used */
};

struct symbol_file_entry {
	const char *name;
	u32 type;    /* of STT_* */
	u32 section; /* 0: undefined */
	u64 value;
	u64 size;
};

/* A good file without symbols. */
void symbol_file_make(struct symbol_file *file, bool is_64);

void symbol_file_add(struct symbol_file *file,
		     const struct symbol_file_entry *entry);

/* Sets `width` bytes at file offset `at`, little endian. */
void symbol_file_set(struct symbol_file *file, size_t at, u32 width, u64 value);

/* Offset of the header of section `number`. */
size_t symbol_file_section(const struct symbol_file *file, u32 number);

#endif
