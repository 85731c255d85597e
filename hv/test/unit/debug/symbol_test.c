/* SPDX-License-Identifier: MIT */
/* Symbols and names of MSRs as arguments, and what Tab makes of them. */
#include "core/debug/symbol.h"

#include <stdio.h>
#include <string.h>

#include "common/image/elf_symbols.h"
#include "core/debug/complete.h"
#include "core/debug/run.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "support/symbol_file.h"
#include "x86/msr.h"

#define TYPE_OBJECT 1
#define TYPE_FUNC   2
#define TYPE_FILE   4

static struct symbol_file file;
static struct elf_symbols symbols;
static struct debug_run run;

static void add(const char *name, u32 type, u64 value)
{
	symbol_file_add(&file,
			&(struct symbol_file_entry){name, type, 1, value, 4});
}

static void open_file(void)
{
	const char *why;

	CHECK_EQ(elf_symbols_open(&symbols, file.bytes, SYMBOL_FILE_LEN, &why),
		 ERR_OK);
	machine.partitions[0]->symbols = &symbols;
}

/* Partition 0 has symbols, partition 1 has none. */
static void setup(void)
{
	fake_cpus(2);
	(void)fake_partition(2, 1);
	(void)fake_partition(2, 1);
	symbol_file_make(&file, true);
	add("main.c", TYPE_FILE, 0x77);
	add("main", TYPE_FUNC, 0x201000);
	add("main_end", TYPE_FUNC, 0x202000);
	add("counter", TYPE_OBJECT, 0x203000);
	open_file();
}

/* The value of argument `n`, or ~0 and run.error: where and what. */
static u64 value_of(const char *line, u32 n)
{
	u32 steps = 0;

	if (debug_parse(line, strlen(line), &run.call, &run.error) !=
	    PARSE_OK) {
		return ~0ull;
	}
	debug_run_begin(&run, 0);
	while (run.call.symbol.len != 0 && run.state != DEBUG_RUN_IDLE) {
		CHECK(++steps < 2000);
		debug_run_step(&run, 0);
	}
	debug_run_end(&run);
	return run.refused ? ~0ull : run.call.value[n];
}

static void t_symbols_are_addresses(void)
{
	setup();
	CHECK_EQ(value_of("walk 0:1 main", 1), 0x201000);
	CHECK_EQ(value_of("walk 0:1 main+0x10", 1), 0x201010);
	CHECK_EQ(value_of("tlb 0:1 main_end+16", 1), 0x202010);
	CHECK_EQ(value_of("walk 0:1 counter", 1), 0x203000);
	CHECK_EQ(value_of("walk 0:1 0x10", 1), 0x10);
	CHECK_EQ(value_of("x 0:0x10", 0), 0x10);
}

/* In the order: where the word is, how long, what was expected */
static void check_bad(const char *line, u32 at, u32 len, const char *expected)
{
	CHECK_EQ(value_of(line, 1), ~0ull);
	CHECK_EQ(run.error.word.at, at);
	CHECK_EQ(run.error.word.len, len);
	CHECK_STR(run.error.expected, expected);
}

#define NUMBER "a number from 0 to 0xffffffffffffffff, decimal or 0x"

static void t_bad_names_are_marked(void)
{
	char line[128];

	setup();
	check_bad("walk 0:1 mai+4", 9, 3, "a symbol of guest0");
	check_bad("walk 0:1 main.c", 9, 6, "a symbol of guest0");
	check_bad("walk 0:1 main+", 9, 5,
		  "GVA: " NUMBER ", or a symbol with +OFFSET");
	check_bad("walk 0:1 main+0x", 9, 7,
		  "GVA: " NUMBER ", or a symbol with +OFFSET");
	check_bad("walk 0:1 +4", 9, 2,
		  "GVA: " NUMBER ", or a symbol with +OFFSET");
	check_bad("walk 1:1 main", 9, 4,
		  "GVA: " NUMBER "; names need the key symbols");
	check_bad("x 0:nothing 16", 4, 7, "a symbol of guest0");
	snprintf(line, sizeof(line), "walk 0:1 %064d", 0);
	memset(line + 9, 'a', 64);
	check_bad(line, 9, 64, "GVA: " NUMBER ", or a symbol with +OFFSET");
}

/* By the program headers: the small kernel has one page at 1 MiB. */
static void t_memory_of_the_image(void)
{
	struct elf_segment segment;

	setup();
	CHECK_EQ(elf_segment(&symbols.elf, 0, &segment), ERR_OK);
	symbol_file_make(&file, true);
	add("inside", TYPE_OBJECT, segment.vaddr + 8);
	add("outside", TYPE_OBJECT, segment.vaddr + segment.memsz);
	open_file();
	CHECK_EQ(value_of("x 0:inside+4", 0), segment.paddr + 12);
	check_bad("x 0:outside", 4, 7,
		  "a symbol that has memory in the image of guest0");
}

/* A long table: the search is made in pieces. */
static void t_a_search_is_made_in_pieces(void)
{
	static u8 table[20001 * 24];

	setup();
	memcpy(table + 20000 * 24, symbols.table + 2 * 24, 24);
	symbols.table = table;
	symbols.count = 20001;
	CHECK_EQ(debug_parse("walk 0:1 main", 13, &run.call, &run.error),
		 PARSE_OK);
	debug_run_begin(&run, 0);
	for (u32 i = 0; i < 13; i++) {
		debug_run_step(&run, 0);
		CHECK_EQ(run.call.symbol.len, 4);
		CHECK_EQ(run.call.symbol.next, 1500 * (i + 1));
	}
	debug_run_step(&run, 0);
	CHECK_EQ(run.call.symbol.len, 0);
	CHECK_EQ(run.call.value[1], 0x201000);
	debug_run_end(&run);
}

static void t_msrs_have_names(void)
{
	setup();
	CHECK_EQ(value_of("msr 0:1 IA32_EFER", 1), MSR_IA32_EFER);
	CHECK_EQ(value_of("msr 0:1 HV_X64_MSR_VP_INDEX", 1), 0x40000002);
	CHECK_EQ(value_of("msr 0:1 IA32_TSC_DEADLINE", 1), 0x6e0);
	check_bad("msr 0:1 EFER", 8, 4,
		  "MSR: a number from 0 to 0xffffffff, decimal or 0x, or a "
		  "name such as IA32_EFER");
}

static const char *completed(const char *line)
{
	struct complete c;
	static char text[COMPLETE_NAME_MAX + 16];

	complete_line(line, (u32)strlen(line), &c);
	snprintf(text, sizeof(text), "%u %.*s", c.count, (int)c.common, c.name);
	return text;
}

static void t_tab_knows_names(void)
{
	char names[200];

	setup();
	CHECK_STR(completed("walk 0:1 co"), "1 counter");
	CHECK_STR(completed("walk 0:1 mai"), "2 main");
	CHECK_STR(completed("walk 1:1 mai"), "0 ");
	CHECK_STR(completed("x guest0:co"), "1 guest0:counter");
	CHECK_STR(completed("x gue"), "2 guest");
	CHECK_STR(completed("watch walk 0:1 co"), "1 counter");
	CHECK_STR(completed("tlb 0:1 nothing"), "0 ");
	CHECK_STR(completed("msr 0:1 IA32_EF"), "1 IA32_EFER");
	complete_list("walk 0:1 ", 9, names, sizeof(names));
	CHECK_STR(names, "main  main_end  counter  ");
	complete_list("msr 0:1 IA32_SYS", 16, names, sizeof(names));
	CHECK_STR(names,
		  "IA32_SYSENTER_CS  IA32_SYSENTER_ESP  IA32_SYSENTER_EIP  ");
}

/* Tab looks at a part of a long table; names that do not show are left out. */
static void t_tab_is_bounded(void)
{
	static u8 table[(DEBUG_SYMBOLS_TO_COMPLETE + 1) * 24];

	setup();
	memcpy(table + (DEBUG_SYMBOLS_TO_COMPLETE - 1) * 24,
	       symbols.table + 2 * 24, 24);
	memcpy(table + DEBUG_SYMBOLS_TO_COMPLETE * 24, symbols.table + 4 * 24,
	       24);
	symbols.table = table;
	symbols.count = DEBUG_SYMBOLS_TO_COMPLETE + 1;
	CHECK_STR(completed("walk 0:1 ma"), "1 main");
	CHECK_STR(completed("walk 0:1 co"), "0 ");
	CHECK_EQ(value_of("walk 0:1 counter", 1), 0x203000);
	symbol_file_make(&file, true);
	add("m\x1b[2J", TYPE_FUNC, 0x201000);
	add("a_name_that_is_too_long_to_be_completed_on_a_line", TYPE_FUNC,
	    0x202000);
	open_file();
	CHECK_STR(completed("walk 0:1 m"), "0 ");
	CHECK_STR(completed("walk 0:1 a"), "0 ");
}

static const struct test tests[] = {
	{"symbols-are-addresses", t_symbols_are_addresses},
	{"bad-names-are-marked", t_bad_names_are_marked},
	{"memory-of-the-image", t_memory_of_the_image},
	{"a-search-is-made-in-pieces", t_a_search_is_made_in_pieces},
	{"msrs-have-names", t_msrs_have_names},
	{"tab-knows-names", t_tab_knows_names},
	{"tab-is-bounded", t_tab_is_bounded},
};

const struct suite suite_debug_symbol = SUITE("debug_symbol", tests);
