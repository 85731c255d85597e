/* SPDX-License-Identifier: MIT */
/* Which keys lethe.conf has, and how the value of each becomes a field. */
#include "common/config/keys.h"

#include "common/config/number.h"
#include "common/config/privileges.h"
#include "tlfs/hypercall.h"

#define VPS_MAX 256

_Static_assert(sizeof(enum config_cpus) == 4, "parse_choice stores a u32");
_Static_assert(sizeof(enum config_panic) == 4, "parse_choice stores a u32");
_Static_assert(sizeof(enum config_selftest) == 4, "parse_choice stores a u32");
_Static_assert(sizeof(enum config_first_use) == 4, "parse_choice stores a u32");

static bool parse_text(const struct config_key *key, void *field,
		       struct config_value *value)
{
	char *to = (char *)field;

	if (value->len < key->min || value->len > key->max) {
		return false;
	}
	for (size_t i = 0; i < value->len; i++) {
		to[i] = value->text[i];
	}
	to[value->len] = 0;
	return true;
}

static bool parse_choice(const struct config_key *key, void *field,
			 struct config_value *value)
{
	const struct config_choice *choice = key->choices;

	while (choice->name != NULL && !config_value_is(value, choice->name)) {
		choice++;
	}
	*(u32 *)field = choice->value;
	return choice->name != NULL;
}

static bool parse_flag(const struct config_key *key, void *field,
		       struct config_value *value)
{
	bool yes = config_value_is(value, "yes");

	(void)key;
	*(bool *)field = yes;
	return yes || config_value_is(value, "no");
}

/* generated: choices, from include/config.toml */
static const struct config_choice cpus_choices[] = {
	{"auto", CONFIG_CPUS_AUTO},
	{"mp", CONFIG_CPUS_MP},
	{"madt", CONFIG_CPUS_MADT},
	{NULL, 0},
};

static const struct config_choice at_end_choices[] = {
	{"exit", CONFIG_AT_END_EXIT},
	{"console", CONFIG_AT_END_CONSOLE},
	{NULL, 0},
};

static const struct config_choice panic_choices[] = {
	{"poweroff", CONFIG_PANIC_POWEROFF},
	{"halt", CONFIG_PANIC_HALT},
	{"console", CONFIG_PANIC_CONSOLE},
	{"reset", CONFIG_PANIC_RESET},
	{NULL, 0},
};

static const struct config_choice selftest_choices[] = {
	{"none", CONFIG_SELFTEST_NONE},
	{"write-text", CONFIG_SELFTEST_WRITE_TEXT},
	{"write-rodata", CONFIG_SELFTEST_WRITE_RODATA},
	{"write-guard", CONFIG_SELFTEST_WRITE_GUARD},
	{"bad-entry", CONFIG_SELFTEST_BAD_ENTRY},
	{"panic", CONFIG_SELFTEST_PANIC},
	{"invvpid", CONFIG_SELFTEST_INVVPID},
	{"panic-all", CONFIG_SELFTEST_PANIC_ALL},
	{"panic-locked", CONFIG_SELFTEST_PANIC_LOCKED},
	{"panic-nmi", CONFIG_SELFTEST_PANIC_NMI},
	{"panic-report", CONFIG_SELFTEST_PANIC_REPORT},
	{"panic-again", CONFIG_SELFTEST_PANIC_AGAIN},
	{"panic-deaf", CONFIG_SELFTEST_PANIC_DEAF},
	{NULL, 0},
};

static const struct config_choice console_choices[] = {
	{"full", CONFIG_CONSOLE_FULL},
	{"readonly", CONFIG_CONSOLE_READONLY},
	{"off", CONFIG_CONSOLE_OFF},
	{NULL, 0},
};

static const struct config_choice paging_choices[] = {
	{"ept", CONFIG_PAGING_EPT},
	{"shadow", CONFIG_PAGING_SHADOW},
	{NULL, 0},
};

static const struct config_choice walk_cache_choices[] = {
	{"on", CONFIG_WALK_CACHE_ON},
	{"off", CONFIG_WALK_CACHE_OFF},
	{NULL, 0},
};

static const struct config_choice pcid_choices[] = {
	{"off", CONFIG_PCID_OFF},
	{"on", CONFIG_PCID_ON},
	{NULL, 0},
};

static const struct config_choice sanitize_choices[] = {
	{"off", CONFIG_SANITIZE_OFF},
	{"on", CONFIG_SANITIZE_ON},
	{NULL, 0},
};

static const struct config_choice first_use_choices[] = {
	{"count", CONFIG_FIRST_USE_COUNT},
	{"list", CONFIG_FIRST_USE_LIST},
	{NULL, 0},
};

static const struct config_choice output_choices[] = {
	{"com1", CONFIG_OUTPUT_COM1},
	{"com2", CONFIG_OUTPUT_COM2},
	{NULL, 0},
};

static const struct config_choice gdb_choices[] = {
	{"off", CONFIG_GDB_OFF},
	{"com2", CONFIG_GDB_COM2},
	{"com2-wait", CONFIG_GDB_COM2_WAIT},
	{NULL, 0},
};
/* end: choices */

/* generated: keys of [hypervisor], from include/config.toml */
/* clang-format off */
static const struct config_key hypervisor_rows[] = {
	{.name = "cpus", .parse = parse_choice, .choices = cpus_choices,
	 .offset = offsetof(struct config, cpus),
	 .expected = "auto, mp or madt"},
	{.name = "at-end", .parse = parse_choice, .choices = at_end_choices,
	 .offset = offsetof(struct config, at_end),
	 .expected = "exit or console"},
	{.name = "panic", .parse = parse_choice, .choices = panic_choices,
	 .offset = offsetof(struct config, panic),
	 .expected = "poweroff, halt, console or reset"},
	{.name = "selftest", .parse = parse_choice, .choices = selftest_choices,
	 .offset = offsetof(struct config, selftest),
	 .expected = "none, write-text, write-rodata, write-guard, "
		     "bad-entry, panic, invvpid, panic-all, panic-locked, panic-nmi, panic-report, panic-again or panic-deaf"},
	{.name = "console", .parse = parse_choice, .choices = console_choices,
	 .offset = offsetof(struct config, console),
	 .expected = "full, readonly or off"},
	{.name = "input",
	 .expected = "console or the name of a partition"},
	{.name = "tsc_hz", .parse = config_number_u64,
	 .offset = offsetof(struct config, tsc_hz),
	 .min = 1000000, .max = 100000000000,
	 .expected = "a number of Hz from 1000000 to 100000000000"},
	{.name = "poweroff", .parse = config_number_poweroff,
	 .expected = "PORT:VALUE, each up to 0xffff, such as 0x604:0x2000"},
};
/* clang-format on */
/* end: keys of [hypervisor] */

/* generated: keys of [partition], from include/config.toml */
/* clang-format off */
static const struct config_key partition_rows[] = {
	{.name = "image", .required = true, .parse = parse_text,
	 .offset = offsetof(struct config_partition, image),
	 .min = 1, .max = CONFIG_PATH_MAX - 1,
	 .expected = "a path of 1 to 127 characters"},
	{.name = "initrd", .parse = parse_text,
	 .offset = offsetof(struct config_partition, initrd),
	 .min = 1, .max = CONFIG_PATH_MAX - 1,
	 .expected = "a path of 1 to 127 characters"},
	{.name = "symbols", .parse = parse_text,
	 .offset = offsetof(struct config_partition, symbols),
	 .min = 1, .max = CONFIG_PATH_MAX - 1,
	 .expected = "a path of 1 to 127 characters"},
	{.name = "cmdline", .parse = parse_text,
	 .offset = offsetof(struct config_partition, cmdline),
	 .max = CONFIG_CMDLINE_MAX - 1,
	 .expected = "at most 1023 characters"},
	{.name = "vps", .parse = config_number_u32,
	 .offset = offsetof(struct config_partition, vps),
	 .min = 1, .max = VPS_MAX,
	 .expected = "a number from 1 to 256"},
	{.name = "vp-index-stride", .parse = config_number_u32,
	 .offset = offsetof(struct config_partition, vp_index_stride),
	 .min = 1, .max = HV_VP_INDEX_LIMIT - 1,
	 .expected = "a number from 1 to 4095"},
	{.name = "memory", .required = true, .parse = config_number_memory,
	 .offset = offsetof(struct config_partition, memory),
	 .min = 4 * MIB, .max = CONFIG_MEMORY_MAX,
	 .expected = "a number of KiB, MiB or GiB such as 64M"},
	{.name = "privileges", .parse = config_privileges_parse,
	 .offset = offsetof(struct config_partition, privileges),
	 .expected = "a profile (all, linux or none) first"},
	{.name = "slice", .parse = config_number_time,
	 .offset = offsetof(struct config_partition, slice_us),
	 .unit = 1, .min = 100, .max = 1000000,
	 .expected = "100us to 1s, such as 5ms"},
	{.name = "suspend-warn", .parse = config_number_time,
	 .offset = offsetof(struct config_partition, suspend_warn_ms),
	 .unit = 1000, .min = 1000, .max = 1000000000,
	 .expected = "whole milliseconds from 1ms to 1000s"},
	{.name = "controls",
	 .expected = "names of other partitions, separated by commas"},
	{.name = "paging", .parse = parse_choice, .choices = paging_choices,
	 .offset = offsetof(struct config_partition, paging),
	 .expected = "ept or shadow"},
	{.name = "shadow-pages", .parse = config_number_u32,
	 .offset = offsetof(struct config_partition, shadow_pages),
	 .min = CONFIG_SHADOW_PAGES_MIN, .max = CONFIG_SHADOW_PAGES_MAX,
	 .expected = "a number from 128 to 4096"},
	{.name = "walk-cache", .parse = parse_choice,
	 .choices = walk_cache_choices,
	 .offset = offsetof(struct config_partition, walk_cache),
	 .expected = "on or off"},
	{.name = "pcid", .parse = parse_choice, .choices = pcid_choices,
	 .offset = offsetof(struct config_partition, pcid),
	 .expected = "off or on"},
	{.name = "sanitize", .parse = parse_choice, .choices = sanitize_choices,
	 .offset = offsetof(struct config_partition, sanitize),
	 .expected = "off or on"},
	{.name = "sanitize-grace", .parse = config_number_u64,
	 .offset = offsetof(struct config_partition, sanitize_grace),
	 .min = CONFIG_SANITIZE_GRACE_MIN, .max = CONFIG_SANITIZE_GRACE_MAX,
	 .expected = "a number of TSC ticks from 100000 to 1000000000000"},
	{.name = "test-calls", .parse = parse_flag,
	 .offset = offsetof(struct config_partition, test_calls),
	 .expected = "yes or no"},
	{.name = "first-use", .parse = parse_choice,
	 .choices = first_use_choices,
	 .offset = offsetof(struct config_partition, first_use),
	 .expected = "count or list"},
	{.name = "output", .parse = parse_choice, .choices = output_choices,
	 .offset = offsetof(struct config_partition, output),
	 .expected = "com1 or com2"},
	{.name = "flush-exact", .parse = parse_flag,
	 .offset = offsetof(struct config_partition, flush_exact),
	 .expected = "yes or no"},
	{.name = "pause-exits", .parse = parse_flag,
	 .offset = offsetof(struct config_partition, pause_exits),
	 .expected = "yes or no"},
	{.name = "restarts", .parse = config_number_u32,
	 .offset = offsetof(struct config_partition, restarts),
	 .max = 1000000,
	 .expected = "a number from 0 to 1000000"},
	{.name = "gdb", .parse = parse_choice, .choices = gdb_choices,
	 .offset = offsetof(struct config_partition, gdb),
	 .expected = "off, com2 or com2-wait"},
	{.name = "budget_elements", .parse = config_number_u32,
	 .offset = offsetof(struct config_partition, budget_elements),
	 .max = 4095,
	 .expected = "a number from 0 to 4095"},
};
/* clang-format on */
/* end: keys of [partition] */

_Static_assert(ARRAY_SIZE(hypervisor_rows) <= CONFIG_KEYS_MAX, "[hypervisor]");
_Static_assert(ARRAY_SIZE(partition_rows) <= CONFIG_KEYS_MAX, "[partition]");

const struct config_keys config_keys_hypervisor = {
	hypervisor_rows,
	ARRAY_SIZE(hypervisor_rows),
};
const struct config_keys config_keys_partition = {
	partition_rows,
	ARRAY_SIZE(partition_rows),
};

/* generated: defaults of [partition], from include/config.toml */
void config_keys_partition_defaults(struct config_partition *partition)
{
	partition->vps = 1;
	partition->vp_index_stride = 1;
	partition->slice_us = 5000;
	partition->suspend_warn_ms = 1000;
	partition->shadow_pages = CONFIG_SHADOW_PAGES;
	partition->sanitize_grace = CONFIG_SANITIZE_GRACE;
	partition->flush_exact = true;
	partition->pause_exits = true;
	partition->privileges = config_privileges_default();
}
/* end: defaults of [partition] */
