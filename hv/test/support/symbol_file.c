/* SPDX-License-Identifier: MIT */
/* Writes section headers and symbols, System V ABI, "Sections". */
#include "support/symbol_file.h"

#include <string.h>

#include "support/elf_image.h"

void symbol_file_set(struct symbol_file *file, size_t at, u32 width, u64 value)
{
	for (u32 i = 0; i < width; i++) {
		file->bytes[at + i] = (u8)(value >> (8 * i));
	}
}

size_t symbol_file_section(const struct symbol_file *file, u32 number)
{
	return SYMBOL_FILE_SECTIONS + (file->is_64 ? 64u : 40u) * number;
}

static u32 symbol_len(const struct symbol_file *file)
{
	return file->is_64 ? 24 : 16;
}

static void set_section(struct symbol_file *file, u32 number, u32 type,
			u64 offset, u64 len)
{
	bool is_64 = file->is_64;
	u32 width = is_64 ? 8 : 4;
	size_t at = symbol_file_section(file, number);

	symbol_file_set(file, at + 4, 4, type);
	symbol_file_set(file, at + (is_64 ? 24 : 16), width, offset);
	symbol_file_set(file, at + (is_64 ? 32 : 20), width, len);
	symbol_file_set(file, at + (is_64 ? 40 : 24), 4, 2); /* sh_link */
	symbol_file_set(file, at + (is_64 ? 56 : 36), width, symbol_len(file));
}

static void set_symtab(struct symbol_file *file)
{
	set_section(file, 1, 2, SYMBOL_FILE_TABLE,
		    (u64)file->count * symbol_len(file));
}

void symbol_file_make(struct symbol_file *file, bool is_64)
{
	struct elf_image image;

	elf_image_make(&image, is_64);
	memset(file, 0, sizeof(*file));
	memcpy(file->bytes, image.bytes, ELF_IMAGE_LEN);
	file->is_64 = is_64;
	file->count = 1;
	file->names_len = 1;
	symbol_file_set(file, is_64 ? 40 : 32, is_64 ? 8 : 4,
			SYMBOL_FILE_SECTIONS);
	symbol_file_set(file, is_64 ? 58 : 46, 2, is_64 ? 64 : 40);
	symbol_file_set(file, is_64 ? 60 : 48, 2, 3); /* e_shnum */
	set_symtab(file);
	set_section(file, 2, 3, SYMBOL_FILE_NAMES,
		    SYMBOL_FILE_LEN - SYMBOL_FILE_NAMES);
}

void symbol_file_add(struct symbol_file *file,
		     const struct symbol_file_entry *entry)
{
	bool is_64 = file->is_64;
	u32 width = is_64 ? 8 : 4;
	size_t at = SYMBOL_FILE_TABLE + (size_t)file->count * symbol_len(file);

	symbol_file_set(file, at, 4, file->names_len);
	memcpy(&file->bytes[SYMBOL_FILE_NAMES + file->names_len], entry->name,
	       strlen(entry->name));
	file->names_len += (u32)strlen(entry->name) + 1;
	symbol_file_set(file, at + (is_64 ? 4 : 12), 1, entry->type | 0x10);
	symbol_file_set(file, at + (is_64 ? 6 : 14), 2, entry->section);
	symbol_file_set(file, at + (is_64 ? 8 : 4), width, entry->value);
	symbol_file_set(file, at + (is_64 ? 16 : 8), width, entry->size);
	file->count++;
	set_symtab(file);
}
