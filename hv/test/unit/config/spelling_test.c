/* SPDX-License-Identifier: MIT */
/*
 * How lethe.conf may be spelled: other encodings, sizes in small letters,
 * numbers beyond 64 bits, hexadecimal in every numeric key.
 */
#include "common/config/parse.h"

#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/config_text.h"

#define HYPERVISOR "[hypervisor]\n"
#define PARTITION  "[partition a]\nimage = g\nmemory = 64M\n"
#define BARE       "[partition a]\nimage = g\n"
#define SAVE_IT    "; save it as plain ASCII or UTF-8 without a byte order mark"

static struct config config;
static struct config_error error;

static enum err parse_bytes(const char *text, size_t len)
{
	return config_text_parse(&config, text, len, &error);
}

/* clang-format off */
static const struct {
	const char *text;
	size_t len;
	const char *found;
} encodings[] = {
	{"\xef\xbb\xbf" PARTITION, 3 + sizeof(PARTITION) - 1,
	 "a UTF-8 byte order mark"},
	{"\xef\xbb\xbf", 3, "a UTF-8 byte order mark"},
	{"\xff\xfe[\0h\0y\0", 8, "UTF-16 (little endian)"},
	{"\xff\xfe", 2, "UTF-16 (little endian)"},
	{"\xfe\xff\0[\0h\0y", 8, "UTF-16 (big endian)"},
	{"#\0 \0", 4, "NUL bytes as in UTF-16 (little endian)"},
	{"\0[\0p", 4, "NUL bytes as in UTF-16 (big endian)"},
	{"\n\0", 2, "NUL bytes as in UTF-16 (little endian)"},
};
/* clang-format on */

static void t_other_encodings_are_named(void)
{
	char want[256];

	for (size_t i = 0; i < ARRAY_SIZE(encodings); i++) {
		snprintf(want, sizeof(want),
			 "file: expected plain ASCII, found %s" SAVE_IT,
			 encodings[i].found);
		CHECK_EQ(parse_bytes(encodings[i].text, encodings[i].len),
			 ERR_INVALID);
		CHECK_STR(error.message, want);
		CHECK_EQ(error.line, 1);
	}
}

/*
 * An incomplete byte order mark, and one that does not begin the file, are
 * ordinary bytes.
 */
static void t_half_a_mark_is_a_line(void)
{
	static const char *const texts[] = {"\xef\xbb", "\xff", "\xfe", "\xef"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CHECK_EQ(parse_bytes(texts[i], strlen(texts[i])), ERR_INVALID);
		CHECK(strncmp(error.message, "line: ", 6) == 0);
	}
	CHECK_EQ(parse_bytes("\0", 1), ERR_INVALID);
	CHECK_STR(error.message,
		  "line: expected printable ASCII characters, found `\\x00`");
	config_text_good(&config, PARTITION "# \xef\xbb\xbf\n");
}

static const struct {
	const char *value;
	u64 bytes;
} sizes[] = {
	{"64m", 64 * MIB},    {"64M", 64 * MIB},
	{"1g", GIB},          {"1G", GIB},
	{"65536k", 64 * MIB}, {"65536K", 64 * MIB},
	{"0x40m", 64 * MIB},  {"0X40M", 64 * MIB},
	{"0064m", 64 * MIB},  {"0x0000000000000000004M", 4 * MIB},
};

static void t_sizes_in_small_letters(void)
{
	char text[128];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(text, sizeof(text), BARE "memory = %s\n",
			 sizes[i].value);
		config_text_good(&config, text);
		CHECK_EQ(config.partition[0].memory, sizes[i].bytes);
	}
}

static void t_hexadecimal_everywhere(void)
{
	const struct config_partition *p = &config.partition[0];

	config_text_good(
		&config, HYPERVISOR
		"tsc_hz = 0x3B9ACA00\npoweroff = 0xFFFF:0xffff\n" PARTITION
		"vps = 0x10\nvp-index-stride = 0xff\n"
		"slice = 0x10ms\nsuspend-warn = 0x3s\n"
		"budget_elements = 0xfff\n");
	CHECK_EQ(config.tsc_hz, 1000000000);
	CHECK_EQ(config.poweroff[0].port, 0xffff);
	CHECK_EQ(config.poweroff[0].value, 0xffff);
	CHECK_EQ(p->vps, 16);
	CHECK_EQ(p->vp_index_stride, 255);
	CHECK_EQ(p->slice_us, 16000);
	CHECK_EQ(p->suspend_warn_ms, 3000);
	CHECK_EQ(p->budget_elements, 4095);
}

/* clang-format off */
static const struct {
	const char *section;
	const char *key;
	const char *unit;
	const char *expected;
} ranges[] = {
	{HYPERVISOR, "tsc_hz", "",
	 "a number of Hz from 1000000 to 100000000000"},
	{PARTITION, "vps", "", "a number from 1 to 256"},
	{PARTITION, "vp-index-stride", "", "a number from 1 to 4095"},
	{PARTITION, "budget_elements", "", "a number from 0 to 4095"},
	{PARTITION, "slice", "us", "100us to 1s, such as 5ms"},
	{PARTITION, "slice", "ms", "100us to 1s, such as 5ms"},
	{PARTITION, "slice", "s", "100us to 1s, such as 5ms"},
	{PARTITION, "suspend-warn", "us", "whole milliseconds from 1ms to 1000s"},
	{PARTITION, "suspend-warn", "ms", "whole milliseconds from 1ms to 1000s"},
	{PARTITION, "suspend-warn", "s", "whole milliseconds from 1ms to 1000s"},
	{BARE, "memory", "K", "4M to 3G"},
	{BARE, "memory", "m", "4M to 3G"},
	{BARE, "memory", "G", "4M to 3G"},
	{HYPERVISOR, "poweroff", ":1",
	 "PORT:VALUE, each up to 0xffff, such as 0x604:0x2000"},
};

/* 2^32 + 1, 2^64 - 1, 2^64, 2^64 + 1, more digits than that */
static const char *const large[] = {
	"1000000000001",
	"18446744073709551615", "0xffffffffffffffff",
	"18446744073709551616", "0x10000000000000000",
	"18446744073709551617", "0x10000000000000001",
	"9999999999999999999999", "0xfffffffffffffffffffff",
};
/* clang-format on */

static void t_too_large_is_out_of_range(void)
{
	char text[160];
	char want[256];

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(large); j++) {
			snprintf(text, sizeof(text), "%s%s = %s%s\n",
				 ranges[i].section, ranges[i].key, large[j],
				 ranges[i].unit);
			snprintf(want, sizeof(want),
				 "%s: expected %s, found `%s%s`", ranges[i].key,
				 ranges[i].expected, large[j], ranges[i].unit);
			CHECK_EQ(parse_bytes(text, strlen(text)), ERR_INVALID);
			CHECK_STR(error.message, want);
		}
	}
	config_text_good(&config, PARTITION
			 "vps = 0000000000000000000000000000000256\n");
	CHECK_EQ(parse_bytes(PARTITION "vps = 4294967297\n",
			     sizeof(PARTITION "vps = 4294967297\n") - 1),
		 ERR_INVALID);
	CHECK_STR(error.message,
		  "vps: expected a number from 1 to 256, found `4294967297`");
}

static const struct test tests[] = {
	{"other_encodings_are_named", t_other_encodings_are_named},
	{"half_a_mark_is_a_line", t_half_a_mark_is_a_line},
	{"sizes_in_small_letters", t_sizes_in_small_letters},
	{"hexadecimal_everywhere", t_hexadecimal_everywhere},
	{"too_large_is_out_of_range", t_too_large_is_out_of_range},
};

const struct suite suite_config_input = SUITE("config_input", tests);
