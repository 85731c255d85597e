/* SPDX-License-Identifier: MIT */
/* lethe.conf: every key, every default, and how the text may look. */
#include "common/config/parse.h"

#include <stdio.h>
#include <string.h>

#include "common/config/symbols.h"
#include "support/check.h"
#include "support/config_text.h"
#include "tlfs/cpuid.h"

#define PARTITION "[partition a]\nimage = g\nmemory = 64M\n"

static struct config config;
static struct config_error error;

static void t_defaults_are_the_documented(void)
{
	const struct config_partition *p = &config.partition[0];

	config_text_good(&config, PARTITION);
	CHECK_EQ(config.cpus, CONFIG_CPUS_AUTO);
	CHECK_EQ(config.panic, CONFIG_PANIC_POWEROFF);
	CHECK_EQ(config.selftest, CONFIG_SELFTEST_NONE);
	CHECK_EQ(config.tsc_hz, 0);
	CHECK_EQ(config.poweroff_count, 0);
	CHECK_EQ(config.partition_count, 1);
	CHECK_STR(p->name, "a");
	CHECK_STR(p->image, "g");
	CHECK_STR(p->initrd, "");
	CHECK_STR(p->symbols, "");
	CHECK(!config_symbols_are_image(p));
	CHECK_STR(p->cmdline, "");
	CHECK_EQ(p->vps, 1);
	CHECK_EQ(p->vp_index_stride, 1);
	CHECK_EQ(p->memory, 64 * MIB);
	CHECK_EQ(p->privileges.mask, 0x12000000000872);
	CHECK_EQ(p->privileges.features, 0x4c110);
	CHECK_EQ(p->privileges.hints, 0xc04);
	CHECK_EQ(p->privileges.max_leaf, 0x4000000a);
	CHECK_EQ(p->slice_us, 5000);
	CHECK_EQ(p->suspend_warn_ms, 1000);
	CHECK_EQ(p->controls, 0);
	CHECK(!p->test_calls);
	CHECK_EQ(p->first_use, CONFIG_FIRST_USE_COUNT);
	CHECK(p->flush_exact);
	CHECK(p->pause_exits);
	CHECK_EQ(p->budget_elements, 0);
	CHECK_EQ(p->restarts, 0);
	CHECK_EQ(config.at_end, CONFIG_AT_END_EXIT);
}

static const char every_key[] = "# all keys\n"
				"[hypervisor]\n"
				"cpus = madt\n"
				"panic = halt\n"
				"selftest = bad-entry\n"
				"at-end = console\n"
				"console = readonly\n"
				"input = linux-1_x\n"
				"tsc_hz = 1000000000\n"
				"poweroff = 0x604:0x2000\t0xB004:8192 244:49\n"
				"\n"
				"[partition linux-1_x]\n"
				"image = \\lethe\\my kernel.elf\n"
				"initrd = \\lethe\\initrd\n"
				"cmdline = console=ttyS0 a#b  c=\"[x] = y\"\n"
				"vps = 4\n"
				"vp-index-stride = 70\n"
				"memory = 3G\n"
				"privileges = linux\n"
				"slice = 700us\n"
				"suspend-warn = 2s\n"
				"paging = shadow\n"
				"shadow-pages = 4096\n"
				"walk-cache = off\n"
				"pcid = on\n"
				"sanitize = on\n"
				"sanitize-grace = 1000000000000\n"
				"test-calls = yes\n"
				"first-use = list\n"
				"output = com2\n"
				"flush-exact = no\n"
				"pause-exits = no\n"
				"restarts = 1000000\n"
				"budget_elements = 4095\n";

static void t_every_key_of_the_hypervisor_is_stored(void)
{
	config_text_good(&config, every_key);
	CHECK_EQ(config.cpus, CONFIG_CPUS_MADT);
	CHECK_EQ(config.panic, CONFIG_PANIC_HALT);
	CHECK_EQ(config.selftest, CONFIG_SELFTEST_BAD_ENTRY);
	CHECK_EQ(config.tsc_hz, 1000000000);
	CHECK_EQ(config.poweroff_count, 3);
	CHECK_EQ(config.poweroff[0].port, 0x604);
	CHECK_EQ(config.poweroff[0].value, 0x2000);
	CHECK_EQ(config.poweroff[1].port, 0xb004);
	CHECK_EQ(config.poweroff[1].value, 0x2000);
	CHECK_EQ(config.poweroff[2].port, 0xf4);
	CHECK_EQ(config.poweroff[2].value, 0x31);
	CHECK_EQ(config.at_end, CONFIG_AT_END_CONSOLE);
	CHECK_EQ(config.console, CONFIG_CONSOLE_READONLY);
	CHECK_EQ(config.input, 1);
}

static void t_every_key_of_a_partition_is_stored(void)
{
	const struct config_partition *p = &config.partition[0];

	config_text_good(&config, every_key);
	CHECK_STR(p->name, "linux-1_x");
	CHECK_STR(p->image, "\\lethe\\my kernel.elf");
	CHECK_STR(p->initrd, "\\lethe\\initrd");
	CHECK_STR(p->cmdline, "console=ttyS0 a#b  c=\"[x] = y\"");
	CHECK_EQ(p->vps, 4);
	CHECK_EQ(p->vp_index_stride, 70);
	CHECK_EQ(p->memory, 3 * GIB);
	CHECK_EQ(p->slice_us, 700);
	CHECK_EQ(p->suspend_warn_ms, 2000);
	CHECK_EQ(p->paging, CONFIG_PAGING_SHADOW);
	CHECK_EQ(p->shadow_pages, 4096);
	CHECK_EQ(p->walk_cache, CONFIG_WALK_CACHE_OFF);
	CHECK_EQ(p->pcid, CONFIG_PCID_ON);
	CHECK_EQ(p->sanitize, CONFIG_SANITIZE_ON);
	CHECK_EQ(p->sanitize_grace, 1000000000000);
	CHECK(p->test_calls);
	CHECK_EQ(p->first_use, CONFIG_FIRST_USE_LIST);
	CHECK_EQ(p->output, CONFIG_OUTPUT_COM2);
	CHECK(!p->flush_exact);
	CHECK(!p->pause_exits);
	CHECK_EQ(p->budget_elements, 4095);
	CHECK_EQ(p->restarts, 1000000);
}

/* The values of the profile, as the Linux kernel prints them at boot */
static void t_linux_profile_is_what_linux_takes(void)
{
	const struct config_privileges *p = &config.partition[0].privileges;

	config_text_good(&config, PARTITION "privileges = linux\n");
	CHECK_EQ(p->mask, 0x8870);
	CHECK_EQ(p->features, 0x100);
	CHECK_EQ(p->hints, 0x804);
	CHECK_EQ(p->max_leaf, 0x40000006);
}

static void t_privileges_are_added_and_removed(void)
{
	const struct config_privileges *p = &config.partition[0].privileges;

	config_text_good(&config,
			 PARTITION "privileges = all -frequency +tsc-invariant "
				   "-ex-masks -hypercall-lock -vp-registers "
				   "-apic-msrs "
				   "-cluster-ipi -extended-calls "
				   "-xmm-input -xmm-output -extended-ranges\n");
	CHECK_EQ(p->mask, 0x8062);
	CHECK_EQ(p->features, 0);
	CHECK_EQ(p->hints, HV_HINT_REMOTE_FLUSH);
	config_text_good(&config, PARTITION "privileges = linux -apic-msrs\n");
	CHECK_EQ(p->mask, 0x8860);
	config_text_good(&config,
			 PARTITION "privileges = none +vp-registers\n");
	CHECK_EQ(p->mask, HV_PRIV_ACCESS_VP_REGISTERS);
	config_text_good(&config, PARTITION "privileges = none\n");
	CHECK_EQ(p->mask | p->features | p->hints, 0);
	CHECK_EQ(p->max_leaf, 0x4000000a);
	config_text_good(&config,
			 PARTITION "privileges = none +reference-counter "
				   "+hypercalls +vp-index +frequency +flush "
				   "+relaxed-timing +apic-msrs -flush\n");
	CHECK_EQ(p->mask, 0x872);
	CHECK_EQ(p->features, HV_FEATURE_FREQUENCY_MSRS);
	CHECK_EQ(p->hints, HV_HINT_RELAXED_TIMING);
}

static void t_comments_blanks_and_crlf_are_skipped(void)
{
	const struct config_partition *p = &config.partition[0];

	config_text_good(&config,
			 "\r\n  [ partition \t b ]  # name \xc3\xa4\r\n"
			 "\timage=x y # tail\r\n"
			 "  # whole line = [x]\r\n"
			 "  memory\t=\t65536k\t# tail\r\n"
			 "cmdline = # none\r\n"
			 "initrd = a#b#");
	CHECK_STR(p->name, "b");
	CHECK_STR(p->image, "x y");
	CHECK_EQ(p->memory, 64 * MIB);
	CHECK_STR(p->cmdline, "");
	CHECK_STR(p->initrd, "a#b#");
}

static void t_longest_values_fit(void)
{
	const struct config_partition *p = &config.partition[0];

	CHECK_EQ(
		config_text_long(&config, PARTITION "cmdline = ", 1023, &error),
		ERR_OK);
	CHECK_EQ(strlen(p->cmdline), 1023);
	CHECK_EQ(config_text_long(&config, PARTITION "initrd = ", 127, &error),
		 ERR_OK);
	CHECK_EQ(strlen(p->initrd), 127);
	config_text_good(&config,
			 "[partition a234567890123456789012345678901]\n"
			 "image = g\nmemory = 4M");
	CHECK_EQ(strlen(p->name), 31);
}

static void t_limits_of_vp_index_are_met(void)
{
	config_text_good(&config,
			 PARTITION "vps = 256\nvp-index-stride = 16\n");
	config_text_good(&config,
			 PARTITION "vps = 2\nvp-index-stride = 4095\n");
	config_text_good(&config,
			 PARTITION "vps = 1\nvp-index-stride = 0xfff\n");
	CHECK_EQ(config.partition[0].vp_index_stride, 4095);
}

static const struct {
	const char *value;
	u32 us;
} slices[] = {
	{"100us", 100},         {"0100us", 100}, {"1ms", 1000},
	{"5000us", 5000},       {"20ms", 20000}, {"1000ms", 1000000},
	{"1000000us", 1000000}, {"1s", 1000000},
};

static void t_times_have_units(void)
{
	char text[128];

	for (size_t i = 0; i < ARRAY_SIZE(slices); i++) {
		snprintf(text, sizeof(text), PARTITION "slice = %s\n",
			 slices[i].value);
		config_text_good(&config, text);
		CHECK_EQ(config.partition[0].slice_us, slices[i].us);
	}
	config_text_good(&config, PARTITION "suspend-warn = 5000us");
	CHECK_EQ(config.partition[0].suspend_warn_ms, 5);
	config_text_good(&config, PARTITION "suspend-warn = 1ms");
	CHECK_EQ(config.partition[0].suspend_warn_ms, 1);
	config_text_good(&config, PARTITION "suspend-warn = 1000s");
	CHECK_EQ(config.partition[0].suspend_warn_ms, 1000000);
}

/*
 * Each partition has its own keys and defaults, whatever stands between them.
 */
static void t_four_partitions(void)
{
	const struct config_partition *p = config.partition;

	config_text_good(
		&config,
		"[partition a]\nimage = g\nmemory = 64M\n"
		"vps = 256\nvp-index-stride = 16\n"
		"[partition b]\nimage = h\nmemory = 4M\n"
		"[hypervisor]\npanic = halt\n"
		"[partition a2]\nimage = h\nmemory = 4M\nvps = 3\n"
		"[partition d]\nimage = h\nmemory = 4M\nslice = 1ms\n");
	CHECK_EQ(config.partition_count, 4);
	CHECK_STR(p[0].name, "a");
	CHECK_STR(p[1].name, "b");
	CHECK_STR(p[2].name, "a2");
	CHECK_STR(p[3].name, "d");
	CHECK_EQ(p[0].vps, 256);
	CHECK_EQ(p[1].vps, 1);
	CHECK_EQ(p[2].vps, 3);
	CHECK_EQ(p[1].vp_index_stride, 1);
	CHECK_EQ(p[2].slice_us, 5000);
	CHECK_EQ(p[3].slice_us, 1000);
	CHECK_EQ(p[0].memory, 64 * MIB);
	CHECK_EQ(p[3].memory, 4 * MIB);
	CHECK_EQ(config.panic, CONFIG_PANIC_HALT);
}

/* `controls` may name partitions that come before or after it in the file. */
static void t_controls_are_bits(void)
{
	const struct config_partition *p = config.partition;

	config_text_good(&config,
			 "[partition a]\nimage = g\nmemory = 4M\ncontrols = c\n"
			 "[partition b]\nimage = h\nmemory = 4M\n"
			 "controls =a ,\tc,  d # all\n"
			 "[partition c]\nimage = h\nmemory = 4M\n"
			 "[partition d]\nimage = h\nmemory = 4M\n"
			 "controls = b,b\n");
	CHECK_EQ(p[0].controls, 4);
	CHECK_EQ(p[1].controls, 13);
	CHECK_EQ(p[2].controls, 0);
	CHECK_EQ(p[3].controls, 2);
}

/* `input` may name a partition that comes later; 0 is the debug console. */
static void t_input_names_a_partition(void)
{
	static const char rest[] = "[partition a]\nimage = g\nmemory = 4M\n"
				   "[partition b]\nimage = h\nmemory = 4M\n"
				   "output = com2\n";
	static const struct {
		const char *line;
		u32 input;
	} rows[] = {{"", 0},
		    {"input = console\n", 0},
		    {"input = a\n", 1},
		    {"input = b\n", 2}};
	char text[256];

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		(void)snprintf(text, sizeof(text), "[hypervisor]\n%s%s",
			       rows[i].line, rest);
		config_text_good(&config, text);
		CHECK_EQ(config.input, rows[i].input);
		CHECK_EQ(config.console, CONFIG_CONSOLE_FULL);
		CHECK_EQ(config.partition[0].output, CONFIG_OUTPUT_COM1);
		CHECK_EQ(config.partition[1].output, CONFIG_OUTPUT_COM2);
	}
	config_text_good(&config, "[partition a]\nimage = g\nmemory = 4M\n"
				  "[hypervisor]\nconsole = readonly\n"
				  "input = a\n");
	CHECK_EQ(config.console, CONFIG_CONSOLE_READONLY);
	CHECK_EQ(config.input, 1);
}

static void t_symbols_may_be_the_image(void)
{
	static const struct {
		const char *value;
		bool is_image;
	} rows[] = {{"image", true}, {"g", true},       {"gg", false},
		    {"G", false},    {"images", false}, {"imag", false}};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[80];

		snprintf(text, sizeof(text), PARTITION "symbols = %s",
			 rows[i].value);
		config_text_good(&config, text);
		CHECK_STR(config.partition[0].symbols, rows[i].value);
		CHECK_EQ(config_symbols_are_image(&config.partition[0]),
			 rows[i].is_image);
	}
}

static const struct test tests[] = {
	{"symbols_may_be_the_image", t_symbols_may_be_the_image},
	{"input_names_a_partition", t_input_names_a_partition},
	{"times_have_units", t_times_have_units},
	{"four_partitions", t_four_partitions},
	{"controls_are_bits", t_controls_are_bits},
	{"defaults_are_the_documented", t_defaults_are_the_documented},
	{"every_key_of_the_hypervisor_is_stored",
	 t_every_key_of_the_hypervisor_is_stored},
	{"every_key_of_a_partition_is_stored",
	 t_every_key_of_a_partition_is_stored},
	{"linux_profile_is_what_linux_takes",
	 t_linux_profile_is_what_linux_takes},
	{"privileges_are_added_and_removed",
	 t_privileges_are_added_and_removed},
	{"comments_blanks_and_crlf_are_skipped",
	 t_comments_blanks_and_crlf_are_skipped},
	{"longest_values_fit", t_longest_values_fit},
	{"limits_of_vp_index_are_met", t_limits_of_vp_index_are_met},
};

const struct suite suite_config = SUITE("config", tests);
