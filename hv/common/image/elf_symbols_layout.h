/* SPDX-License-Identifier: MIT */
/*
 * Entries of a symbol table in the layout of either class: what the searches by
 * address and by name have in common.
 */
#ifndef HV_COMMON_IMAGE_ELF_SYMBOLS_LAYOUT_H
#define HV_COMMON_IMAGE_ELF_SYMBOLS_LAYOUT_H

#include "common/image/elf_symbols.h"

#define STT_NOTYPE 0u
#define STT_OBJECT 1u
#define STT_FUNC   2u
#define STT_MASK   0xfu

#define SHN_UNDEF     0u
#define SHN_LORESERVE 0xff00u /* from here on no section's number */

struct elf_field {
	u8 offset;
	u8 width;
};

struct elf_symbols_layout {
	u8 header_len; /* of a section header */
	u8 symbol_len;
	/* in the ELF header */
	struct elf_field shoff;
	struct elf_field shentsize;
	struct elf_field shnum;
	/* in a section header */
	struct elf_field type;
	struct elf_field offset;
	struct elf_field size;
	struct elf_field link;
	struct elf_field entsize;
	/* in a symbol; the name is its first 4 bytes */
	u8 info;
	u8 section;
	struct elf_field value;
	struct elf_field symbol_size;
};

static inline const u8 *elf_symbols_at(const struct elf_symbols *s, u32 number)
{
	return s->table + (size_t)number * s->layout->symbol_len;
}

/* A field of a symbol, in few instructions: a search reads very many. */
static inline u64 elf_symbols_quick(const u8 *symbol, struct elf_field field)
{
	u64 wide;
	u32 narrow;

	if (field.width == sizeof(wide)) {
		__builtin_memcpy(&wide, symbol + field.offset, sizeof(wide));
		return wide;
	}
	__builtin_memcpy(&narrow, symbol + field.offset, sizeof(narrow));
	return narrow;
}

static inline u32 elf_symbols_section(const struct elf_symbols *s,
				      const u8 *symbol)
{
	return symbol[s->layout->section] | (u32)symbol[s->layout->section + 1]
						    << 8;
}

#endif
