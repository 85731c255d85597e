/* SPDX-License-Identifier: MIT */
/* From a name to an address. */
#include "common/image/elf_symbols_find.h"

#include "common/image/elf_symbols_layout.h"

/* Characters of a name that are compared or shown at most */
#define NAME_LOOK_MAX 256

static bool is_address(const struct elf_symbols *s, const u8 *symbol)
{
	u32 type = symbol[s->layout->info] & STT_MASK;
	u32 section = elf_symbols_section(s, symbol);

	return (type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC) &&
	       section != SHN_UNDEF && section < SHN_LORESERVE;
}

bool elf_symbols_entry(const struct elf_symbols *s, u32 number,
		       const char **name, size_t *len, u64 *value)
{
	const u8 *symbol;
	u64 at;

	/* entry 0 is no symbol */
	if (number == 0 || number >= s->count) {
		return false;
	}
	symbol = elf_symbols_at(s, number);
	at = elf_symbols_quick(symbol, (struct elf_field){0, 4});
	if (at >= s->names_len || !is_address(s, symbol)) {
		return false;
	}
	*name = (const char *)s->names + at;
	*len = 0;
	while (*len < NAME_LOOK_MAX && at + *len < s->names_len &&
	       (*name)[*len] != 0) {
		++*len;
	}
	*value = elf_symbols_quick(symbol, s->layout->value);
	return *len != 0;
}

/* Is it this name? Few instructions for each of very many that it is not. */
static bool has_name(const struct elf_symbols *s, u32 number, const char *name,
		     size_t len)
{
	u64 at = elf_symbols_quick(elf_symbols_at(s, number),
				   (struct elf_field){0, 4});
	size_t i = 0;

	if (at >= s->names_len || len > s->names_len - at) {
		return false;
	}
	while (i < len && s->names[at + i] == (u8)name[i]) {
		i++;
	}
	return i == len &&
	       (at + len == s->names_len || s->names[at + len] == 0);
}

bool elf_symbols_find(const struct elf_symbols *s, const char *name, size_t len,
		      u32 *next, u32 count, u64 *value)
{
	for (; count > 0 && *next < s->count; count--) {
		u32 number = (*next)++;
		const char *found;
		size_t found_len;

		if (has_name(s, number, name, len) &&
		    elf_symbols_entry(s, number, &found, &found_len, value)) {
			return true;
		}
	}
	return false;
}

bool elf_symbols_physical(const struct elf_symbols *s, u64 address,
			  u64 *physical)
{
	struct elf_segment segment;

	for (u32 i = 0; elf_segment(&s->elf, i, &segment) == ERR_OK; i++) {
		if (segment.type == ELF_PT_LOAD && address >= segment.vaddr &&
		    address - segment.vaddr < segment.memsz) {
			*physical = segment.paddr + (address - segment.vaddr);
			return true;
		}
	}
	return false;
}
