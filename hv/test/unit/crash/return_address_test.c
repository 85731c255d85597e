/* SPDX-License-Identifier: MIT */
/* Every form of a near CALL, and what only looks like one. */
#include "core/crash/return_address.h"

#include "support/check.h"

#define BASE 0xffffffff80000000ull

static bool likely(const u8 *bytes, u64 len, u64 offset)
{
	struct return_address_code code = {bytes, BASE, len};

	return return_address_is_likely(&code, BASE + offset);
}

static void t_direct_call(void)
{
	/* offset 3: call to offset 0; offset 10: call far outside */
	static const u8 code[] = {0x90, 0x90, 0x90, 0xe8, 0xf8, 0xff,
				  0xff, 0xff, 0xcc, 0xcc, 0xe8, 0,
				  0,    0x10, 0,    0x90};

	CHECK(likely(code, sizeof(code), 8));
	CHECK(!likely(code, sizeof(code), 15));
	for (u64 i = 0; i <= sizeof(code) + 8; i++) {
		CHECK_EQ(likely(code, sizeof(code), i), i == 8);
	}
}

struct form {
	u8 bytes[8];
	u32 len;
};

static void t_every_indirect_form(void)
{
	static const struct form forms[] = {
		{{0xff, 0xd0}, 2},                   /* rax */
		{{0xff, 0xd6}, 2},                   /* rsi */
		{{0xff, 0x10}, 2},                   /* [rax] */
		{{0xff, 0x14, 0xc8}, 3},             /* [rax+rcx*8] */
		{{0xff, 0x50, 0x08}, 3},             /* [rax+8] */
		{{0xff, 0x54, 0x24, 0x08}, 4},       /* [rsp+8] */
		{{0xff, 0x15, 1, 2, 3, 4}, 6},       /* [rip+disp32] */
		{{0xff, 0x90, 1, 2, 3, 4}, 6},       /* [rax+disp32] */
		{{0xff, 0x94, 0x24, 1, 2, 3, 4}, 7}, /* [rsp+disp32] */
		{{0xff, 0x14, 0xc5, 1, 2, 3, 4}, 7}, /* [rax*8+disp32] */
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const struct form *f = &forms[i];

		CHECK(likely(f->bytes, f->len, f->len));
		CHECK(!likely(f->bytes, sizeof(f->bytes), f->len + 1));
		CHECK(!likely(f->bytes, f->len, f->len - 1));
	}
}

static void t_other_instructions(void)
{
	static const u8 jump[] = {0xff, 0xe0};       /* jmp *rax */
	static const u8 push[] = {0xff, 0x70, 0x08}; /* push [rax+8] */
	static const u8 longer[] = {0xff, 0x50, 0x08, 0x90};

	CHECK(!likely(jump, sizeof(jump), 2));
	CHECK(!likely(push, sizeof(push), 3));
	CHECK(likely(longer, sizeof(longer), 3));
	CHECK(!likely(longer, sizeof(longer), 4));
}

static void t_outside(void)
{
	static const u8 code[] = {0xff, 0xd0};

	CHECK(!likely(code, sizeof(code), 0));
	CHECK(!likely(code, sizeof(code), 1));
	CHECK(!likely(code, sizeof(code), 3));
	CHECK(!likely(code, sizeof(code), ~0ull));
	CHECK(!likely(code, sizeof(code), 0 - BASE));
}

static const struct test tests[] = {
	{"direct_call", t_direct_call},
	{"every_indirect_form", t_every_indirect_form},
	{"other_instructions", t_other_instructions},
	{"outside", t_outside},
};

const struct suite suite_return_address = SUITE("return_address", tests);
