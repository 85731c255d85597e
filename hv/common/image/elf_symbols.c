/* SPDX-License-Identifier: MIT */
/*
 * Section headers and symbols, for both classes. The table is not sorted and
 * the file is read-only, so that a search looks at every entry, some at a time.
 */
#include "common/image/elf_symbols.h"

#include "common/image/elf.h"
#include "common/image/elf_symbols_layout.h"
#include "common/lib/bytes.h"
#include "common/lib/text.h"

#define SHT_SYMTAB 2u

/* System V ABI, "Sections" and "Symbol Table", by EI_CLASS */
/* clang-format off */
static const struct elf_symbols_layout layouts[] = {
	[1] = {
		.header_len = 40, .symbol_len = 16,
		.shoff = {32, 4}, .shentsize = {46, 2}, .shnum = {48, 2},
		.type = {4, 4}, .offset = {16, 4}, .size = {20, 4},
		.link = {24, 4}, .entsize = {36, 4},
		.info = 12, .section = 14,
		.value = {4, 4}, .symbol_size = {8, 4},
	},
	[2] = {
		.header_len = 64, .symbol_len = 24,
		.shoff = {40, 8}, .shentsize = {58, 2}, .shnum = {60, 2},
		.type = {4, 4}, .offset = {24, 8}, .size = {32, 8},
		.link = {40, 4}, .entsize = {56, 8},
		.info = 4, .section = 6,
		.value = {8, 8}, .symbol_size = {16, 8},
	},
};
/* clang-format on */

/* The section headers, all of them inside the file */
struct sections {
	const u8 *file;
	u64 len;
	const struct elf_symbols_layout *layout;
	const u8 *headers;
	u32 count;
};

static u64 get(const u8 *header, struct elf_field field)
{
	return bytes_number(header + field.offset, field.width);
}

static enum err refuse(struct elf_symbols *s, const char *name,
		       const char *expected, u64 found)
{
	struct text t = text_start(s->why, sizeof(s->why));

	text_put(&t, name);
	text_put(&t, ": expected ");
	text_put(&t, expected);
	text_put(&t, ", found ");
	text_hex(&t, found);
	return ERR_INVALID;
}

static enum err refuse_elf(struct elf_symbols *s, const char *why)
{
	struct text t = text_start(s->why, sizeof(s->why));

	text_put(&t, why);
	return ERR_INVALID;
}

static enum err find_sections(struct elf_symbols *s, struct sections *all)
{
	u64 shoff = get(all->file, all->layout->shoff);
	u64 shentsize = get(all->file, all->layout->shentsize);
	u64 shnum = get(all->file, all->layout->shnum);

	if (shnum == 0) {
		return refuse(s, "e_shnum", "sections", shnum);
	}
	if (shentsize != all->layout->header_len) {
		return refuse(s, "e_shentsize",
			      "40 (32 bits) or 64 (64 bits), as EI_CLASS says",
			      shentsize);
	}
	if (shoff > all->len || shnum * shentsize > all->len - shoff) {
		return refuse(s, "e_shoff", "all headers inside the file",
			      shoff);
	}
	all->headers = all->file + shoff;
	all->count = (u32)shnum;
	return ERR_OK;
}

static const u8 *section_at(const struct sections *all, u64 number)
{
	return all->headers + number * all->layout->header_len;
}

/* What the section of that header holds; NULL if not all of it is there. */
static const u8 *content(const struct sections *all, const u8 *header, u64 *len)
{
	u64 offset = get(header, all->layout->offset);

	*len = get(header, all->layout->size);
	if (offset > all->len || *len > all->len - offset) {
		return NULL;
	}
	return all->file + offset;
}

static enum err take_names(struct elf_symbols *s, const struct sections *all,
			   u64 number)
{
	if (number >= all->count) {
		return refuse(s, "sh_link of .symtab", "a section's number",
			      number);
	}
	s->names = content(all, section_at(all, number), &s->names_len);
	if (s->names == NULL) {
		return refuse(s, "names of .symtab",
			      "a length up to the "
			      "file's end",
			      s->names_len);
	}
	return ERR_OK;
}

static enum err take_table(struct elf_symbols *s, const struct sections *all,
			   const u8 *header)
{
	u64 entsize = get(header, all->layout->entsize);
	u64 len;

	if (entsize != all->layout->symbol_len) {
		return refuse(s, "sh_entsize of .symtab",
			      "16 (32 bits) or 24 (64 bits)", entsize);
	}
	s->table = content(all, header, &len);
	if (s->table == NULL) {
		return refuse(s, ".symtab", "a length up to the file's end",
			      len);
	}
	if (len / entsize > ELF_SYMBOLS_MAX) {
		return refuse(s, ".symtab", "at most 1048576 symbols",
			      len / entsize);
	}
	s->count = (u32)(len / entsize);
	return take_names(s, all, get(header, all->layout->link));
}

enum err elf_symbols_open(struct elf_symbols *s, const void *file, size_t len,
			  const char **why)
{
	struct sections all = {.file = file, .len = len};
	const char *elf_why;
	enum err err;

	*s = (struct elf_symbols){0};
	*why = s->why;
	if (elf_open(&s->elf, file, len, &elf_why) != ERR_OK) {
		return refuse_elf(s, elf_why);
	}
	s->layout = &layouts[all.file[4]];
	all.layout = s->layout;
	err = find_sections(s, &all);
	if (err != ERR_OK) {
		return err;
	}
	for (u32 i = 0; i < all.count; i++) {
		const u8 *header = section_at(&all, i);

		if (get(header, all.layout->type) == SHT_SYMTAB) {
			return take_table(s, &all, header);
		}
	}
	return refuse_elf(s, "sections: expected a symbol table (.symtab), "
			     "found none: the file is stripped");
}

/* A name that is not empty and lies, with its first byte, in the file. */
static bool has_name(const struct elf_symbols *s, const u8 *symbol)
{
	u64 name = elf_symbols_quick(symbol, (struct elf_field){0, 4});

	return name < s->names_len && s->names[name] != 0;
}

static u32 type_of(const struct elf_symbols *s, u32 number)
{
	return elf_symbols_at(s, number)[s->layout->info] & STT_MASK;
}

/* Is it code with a name that reaches the address, `offset` bytes above it? */
static bool fits(const struct elf_symbols *s, u32 number, u64 offset)
{
	const u8 *symbol = elf_symbols_at(s, number);
	u32 type = type_of(s, number);
	u32 section = elf_symbols_section(s, symbol);
	u64 size = elf_symbols_quick(symbol, s->layout->symbol_size);

	return (type == STT_FUNC || type == STT_NOTYPE) &&
	       section != SHN_UNDEF && section < SHN_LORESERVE &&
	       offset < (size != 0 ? size : ELF_SYMBOLS_REACH) &&
	       has_name(s, symbol);
}

/* Of two at one place a function is the better one, then the first. */
static bool is_better(const struct elf_symbols *s,
		      const struct elf_symbols_search *search, u32 number,
		      u64 value)
{
	return search->best == 0 || value > search->best_value ||
	       (type_of(s, number) == STT_FUNC &&
		type_of(s, search->best) != STT_FUNC);
}

bool elf_symbols_look(const struct elf_symbols *s,
		      struct elf_symbols_search *search, u32 count)
{
	/* entry 0 is no symbol */
	u32 number = search->next == 0 ? 1 : search->next;

	for (; count > 0 && number < s->count; count--, number++) {
		u64 value = elf_symbols_quick(elf_symbols_at(s, number),
					      s->layout->value);

		if (value <= search->address && value >= search->best_value &&
		    is_better(s, search, number, value) &&
		    fits(s, number, search->address - value)) {
			search->best = number;
			search->best_value = value;
		}
	}
	search->next = number;
	return number >= s->count;
}

void elf_symbols_name(const struct elf_symbols *s,
		      const struct elf_symbols_search *search,
		      char name[ELF_SYMBOLS_NAME_MAX], u64 *offset)
{
	const u8 *symbol = elf_symbols_at(s, search->best);
	u64 at = bytes_number(symbol, 4);
	size_t len = 0;

	while (len < ELF_SYMBOLS_NAME_MAX - 1 && at + len < s->names_len &&
	       s->names[at + len] != 0) {
		char c = (char)s->names[at + len];

		name[len++] = c > ' ' && c < 0x7f ? c : '?';
	}
	name[len] = 0;
	*offset = search->address - search->best_value;
}
