/* SPDX-License-Identifier: MIT */
/* The four memory functions of common/lib/mem.c, compiled under other names. */
#define memcpy  mem_memcpy
#define memmove mem_memmove
#define memset  mem_memset
#define memcmp  mem_memcmp
/* Its names are macros here. NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "common/lib/mem.c"

#include "support/check.h"

#define ROOM 128

static void fill(u8 *at, u8 first)
{
	for (u32 i = 0; i < ROOM; i++) {
		at[i] = (u8)(first + i);
	}
}

static void t_memcpy_copies_each_length_and_alignment(void)
{
	u8 from[ROOM];
	u8 to[ROOM];

	fill(from, 1);
	for (u32 len = 0; len <= 80; len++) {
		for (u32 shift = 0; shift < 9; shift++) {
			fill(to, 200);
			CHECK(mem_memcpy(to + shift, from + 3, len) ==
			      to + shift);
			for (u32 i = 0; i < ROOM; i++) {
				bool in = i >= shift && i < shift + len;

				CHECK_EQ(to[i], in ? (u8)(1 + 3 + i - shift)
						   : (u8)(200 + i));
			}
		}
	}
}

static void t_memmove_survives_overlap(void)
{
	u8 at[ROOM];

	for (u32 len = 0; len <= 50; len++) {
		for (u32 to = 0; to < 40; to++) {
			fill(at, 0);
			CHECK(mem_memmove(at + to, at + 20, len) == at + to);
			for (u32 i = 0; i < ROOM; i++) {
				bool in = i >= to && i < to + len;

				CHECK_EQ(at[i], in ? 20 + i - to : i);
			}
		}
	}
}

static void t_memset_fills_exactly(void)
{
	u8 at[ROOM];

	for (u32 len = 0; len <= 40; len++) {
		fill(at, 0);
		CHECK(mem_memset(at + 5, 0x1a5, len) == at + 5);
		for (u32 i = 0; i < ROOM; i++) {
			bool in = i >= 5 && i < 5 + len;

			CHECK_EQ(at[i], in ? 0xa5 : i);
		}
	}
}

static void t_memcmp_orders_as_unsigned_bytes(void)
{
	static const struct {
		const char *a;
		const char *b;
		size_t len;
		int sign;
	} rows[] = {
		{"abc", "abd", 2, 0},    {"abc", "abd", 3, -1},
		{"abd", "abc", 3, 1},    {"\x80", "\x7f", 1, 1},
		{"\x01", "\xff", 1, -1}, {"x", "y", 0, 0},
		{"aZc", "aYd", 3, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int got = mem_memcmp(rows[i].a, rows[i].b, rows[i].len);

		CHECK_EQ((got > 0) - (got < 0), rows[i].sign);
	}
}

static const struct test tests[] = {
	{"memcpy_copies_each_length_and_alignment",
	 t_memcpy_copies_each_length_and_alignment},
	{"memmove_survives_overlap", t_memmove_survives_overlap},
	{"memset_fills_exactly", t_memset_fills_exactly},
	{"memcmp_orders_as_unsigned_bytes", t_memcmp_orders_as_unsigned_bytes},
};

const struct suite suite_mem = SUITE("mem", tests);
