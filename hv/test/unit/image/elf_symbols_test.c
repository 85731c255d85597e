/* SPDX-License-Identifier: MIT */
/* Which symbol an address belongs to, and files that lie about their tables. */
#include "common/image/elf_symbols.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/symbol_file.h"

#define OBJECT  1
#define FUNC    2
#define NOTYPE  0
#define ABS     0xfff1
#define TEXT    1 /* some section */
#define LARGEST 0xffffffff

static struct symbol_file file;
static struct elf_symbols symbols;
static const char *why;

static const struct symbol_file_entry entries[] = {
	{"far", FUNC, TEXT, 0x3000, 0x100},
	{"label", NOTYPE, TEXT, 0x1000, 0},
	{"flush_list", FUNC, TEXT, 0x1000, 0x80},
	{"twin", FUNC, TEXT, 0x1000, 0x80},
	{"inner", FUNC, TEXT, 0x1020, 0x10},
	{"counter", OBJECT, TEXT, 0x1010, 0x80},
	{"elsewhere", FUNC, 0, 0x1030, 0x80},
	{"constant", NOTYPE, ABS, 0x1034, 0},
	{"", FUNC, TEXT, 0x1038, 0x80},
	{"end", NOTYPE, TEXT, LARGEST, 0},
};

static void make(bool is_64)
{
	symbol_file_make(&file, is_64);
	for (u32 i = 0; i < ARRAY_SIZE(entries); i++) {
		symbol_file_add(&file, &entries[i]);
	}
}

/* What the address is in, as NAME+OFFSET; `step` symbols a call. */
static const char *find(u64 address, u32 step)
{
	static char text[100];
	struct elf_symbols_search search = {.address = address};
	char name[ELF_SYMBOLS_NAME_MAX];
	u64 offset;
	u32 calls = 1;

	while (!elf_symbols_look(&symbols, &search, step)) {
		calls++;
		CHECK(calls <= symbols.count);
	}
	if (search.best == 0) {
		return "none";
	}
	elf_symbols_name(&symbols, &search, name, &offset);
	snprintf(text, sizeof(text), "%s+0x%llx", name,
		 (unsigned long long)offset);
	return text;
}

static void check_nearest(bool is_64, u32 step)
{
	make(is_64);
	CHECK_EQ(elf_symbols_open(&symbols, file.bytes, SYMBOL_FILE_LEN, &why),
		 ERR_OK);
	CHECK_STR(why, "");
	CHECK_EQ(symbols.count, ARRAY_SIZE(entries) + 1);
	CHECK_STR(find(0x0fff, step), "none");
	CHECK_STR(find(0x1000, step), "flush_list+0x0");
	CHECK_STR(find(0x101c, step), "flush_list+0x1c");
	CHECK_STR(find(0x1020, step), "inner+0x0");
	CHECK_STR(find(0x102f, step), "inner+0xf");
	CHECK_STR(find(0x1030, step), "flush_list+0x30");
	CHECK_STR(find(0x1040, step), "flush_list+0x40");
	CHECK_STR(find(0x1080, step), "label+0x80");
	CHECK_STR(find(0x3010, step), "far+0x10");
	CHECK_STR(find(0x3100, step), "label+0x2100");
	CHECK_STR(find(0x10fff, step), "label+0xffff");
	CHECK_STR(find(0x11000, step), "none");
	CHECK_STR(find(LARGEST, step), "end+0x0");
	CHECK_STR(find(~0ull, step), "none");
}

static void t_nearest_symbol_that_reaches(void)
{
	check_nearest(true, 1000);
	check_nearest(true, 1);
	check_nearest(false, 1000);
	check_nearest(false, 3);
}

/* The names end with the file, the last one without a NUL. */
static void t_names_are_cut(void)
{
	static const struct symbol_file_entry bad = {"a b\x1b[31m\x80", FUNC,
						     TEXT, 0x5000, 1};
	static const struct symbol_file_entry none = {"", FUNC, TEXT, 0x6000,
						      1};
	u8 *copy;

	symbol_file_make(&file, true);
	symbol_file_add(&file, &bad);
	symbol_file_add(&file, &none);
	memset(&file.bytes[SYMBOL_FILE_LEN - 70], 'x', 70);
	copy = malloc(SYMBOL_FILE_LEN);
	symbol_file_set(&file, SYMBOL_FILE_TABLE + 48, 4, 0x100 - 70);
	memcpy(copy, file.bytes, SYMBOL_FILE_LEN);
	CHECK_EQ(elf_symbols_open(&symbols, copy, SYMBOL_FILE_LEN, &why),
		 ERR_OK);
	CHECK_STR(find(0x5000, 9), "a?b?[31m?+0x0");
	CHECK_EQ(strlen(find(0x6000, 9)), ELF_SYMBOLS_NAME_MAX - 1 + 4);
	symbol_file_set(&file, SYMBOL_FILE_TABLE + 48, 4, 0xff);
	memcpy(copy, file.bytes, SYMBOL_FILE_LEN);
	CHECK_STR(find(0x6000, 9), "x+0x0");
	symbol_file_set(&file, SYMBOL_FILE_TABLE + 48, 4, 0x100);
	memcpy(copy, file.bytes, SYMBOL_FILE_LEN);
	CHECK_STR(find(0x6000, 9), "none");
	free(copy);
}

/* Of the first `len` bytes. */
static void check_refused(size_t len, const char *text)
{
	void *copy = malloc(len);

	memcpy(copy, file.bytes, len);
	why = NULL;
	CHECK_EQ(elf_symbols_open(&symbols, copy, len, &why), ERR_INVALID);
	CHECK_STR(why, text);
	free(copy);
}

static void set(u32 section, u32 offset, u32 width, u64 value)
{
	make(true);
	symbol_file_set(&file, symbol_file_section(&file, section) + offset,
			width, value);
}

static void t_bad_headers_are_refused(void)
{
	make(true);
	file.bytes[0] = 0;
	check_refused(SYMBOL_FILE_LEN,
		      "EI_MAG: expected 0x464c457f (an ELF file), found "
		      "0x464c4500");
	make(true);
	check_refused(SYMBOL_FILE_SECTIONS + 3 * 64 - 1,
		      "e_shoff: expected all headers inside the file, found "
		      "0x580");
	symbol_file_set(&file, 40, 8, ~0ull);
	check_refused(SYMBOL_FILE_LEN,
		      "e_shoff: expected all headers inside the file, found "
		      "0xffffffffffffffff");
	make(true);
	symbol_file_set(&file, 58, 2, 65);
	check_refused(SYMBOL_FILE_LEN,
		      "e_shentsize: expected 40 (32 bits) or 64 (64 bits), as "
		      "EI_CLASS says, found 0x41");
	make(true);
	symbol_file_set(&file, 60, 2, 0);
	check_refused(SYMBOL_FILE_LEN, "e_shnum: expected sections, found 0x0");
	set(1, 4, 4, 11);
	check_refused(SYMBOL_FILE_LEN,
		      "sections: expected a symbol table (.symtab), found "
		      "none: the file is stripped");
}

static void t_bad_tables_are_refused(void)
{
	set(1, 56, 8, 0);
	check_refused(SYMBOL_FILE_LEN,
		      "sh_entsize of .symtab: expected 16 (32 bits) or 24 (64 "
		      "bits), found 0x0");
	set(1, 24, 8, ~0ull);
	check_refused(SYMBOL_FILE_LEN,
		      ".symtab: expected a length up to the file's end, found "
		      "0x108");
	set(1, 32, 8, SYMBOL_FILE_LEN - SYMBOL_FILE_TABLE + 1);
	check_refused(SYMBOL_FILE_LEN,
		      ".symtab: expected a length up to the file's end, found "
		      "0x301");
	set(1, 40, 4, 3);
	check_refused(SYMBOL_FILE_LEN,
		      "sh_link of .symtab: expected a section's number, found "
		      "0x3");
	make(true);
	check_refused(SYMBOL_FILE_LEN - 1,
		      "names of .symtab: expected a length up to the file's "
		      "end, found 0x100");
}

/* A sparse file of zeros after a good head. */
static void t_too_many_symbols_are_refused(void)
{
	size_t len = SYMBOL_FILE_TABLE + (ELF_SYMBOLS_MAX + 1ull) * 24;
	u8 *large = calloc(1, len);

	set(1, 32, 8, (ELF_SYMBOLS_MAX + 1ull) * 24);
	memcpy(large, file.bytes, SYMBOL_FILE_LEN);
	CHECK_EQ(elf_symbols_open(&symbols, large, len, &why), ERR_INVALID);
	CHECK_STR(why, ".symtab: expected at most 1048576 symbols, found "
		       "0x100001");
	set(1, 32, 8, ELF_SYMBOLS_MAX * 24ull);
	memcpy(large, file.bytes, SYMBOL_FILE_LEN);
	CHECK_EQ(elf_symbols_open(&symbols, large, len, &why), ERR_OK);
	CHECK_STR(find(0x1000, 5000), "flush_list+0x0");
	free(large);
}

static void t_empty_table(void)
{
	symbol_file_make(&file, true);
	CHECK_EQ(elf_symbols_open(&symbols, file.bytes, SYMBOL_FILE_LEN, &why),
		 ERR_OK);
	CHECK_STR(find(0, 10), "none");
	symbol_file_set(&file, symbol_file_section(&file, 1) + 32, 8, 0);
	CHECK_EQ(elf_symbols_open(&symbols, file.bytes, SYMBOL_FILE_LEN, &why),
		 ERR_OK);
	CHECK_STR(find(0, 10), "none");
}

static const struct test tests[] = {
	{"nearest-symbol-that-reaches", t_nearest_symbol_that_reaches},
	{"names-are-cut", t_names_are_cut},
	{"bad-headers-are-refused", t_bad_headers_are_refused},
	{"bad-tables-are-refused", t_bad_tables_are_refused},
	{"too-many-symbols-are-refused", t_too_many_symbols_are_refused},
	{"empty-table", t_empty_table},
};

const struct suite suite_elf_symbols = SUITE("elf_symbols", tests);
