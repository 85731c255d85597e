/* SPDX-License-Identifier: MIT */
/* Looks at the bytes in front of an address: do they end with a near CALL? */
#include "core/crash/return_address.h"

#include "base/bits.h"

#define CALL_REL32     0xe8
#define CALL_REL32_LEN 5
#define CALL_INDIRECT  0xff /* with the number 2 in ModRM.reg */

#define MODRM_MOD GENMASK(7, 6)
#define MODRM_REG GENMASK(5, 3)
#define MODRM_RM  GENMASK(2, 0)
#define SIB_BASE  GENMASK(2, 0)

/* The lengths that FF /2 can have, without prefixes */
static const u8 indirect_lengths[] = {2, 3, 4, 6, 7};

/* Length of the FF instruction that begins at `at`. SDM 2A, table 2-2. */
static u32 indirect_length(const u8 *at, u64 room)
{
	u32 mod = (u32)FIELD_GET(MODRM_MOD, at[1]);
	u32 rm = (u32)FIELD_GET(MODRM_RM, at[1]);
	u32 len = 2;

	if (mod == 3) {
		return len;
	}
	if (rm == 4) {
		len++;
		/* no base but a displacement of 32 bits */
		if (mod == 0 && room > 2 && FIELD_GET(SIB_BASE, at[2]) == 5) {
			len += 4;
		}
	}
	if (mod == 0) {
		return rm == 5 ? len + 4 : len;
	}
	return mod == 1 ? len + 1 : len + 4;
}

static bool is_indirect(const u8 *end, u64 before)
{
	for (size_t i = 0; i < ARRAY_SIZE(indirect_lengths); i++) {
		u32 len = indirect_lengths[i];
		const u8 *at = end - len;

		if (len <= before && at[0] == CALL_INDIRECT &&
		    FIELD_GET(MODRM_REG, at[1]) == 2 &&
		    indirect_length(at, len) == len) {
			return true;
		}
	}
	return false;
}

static bool is_direct(const struct return_address_code *code, u64 offset)
{
	const u8 *at = code->bytes + offset - CALL_REL32_LEN;
	u32 rel = (u32)at[1] | (u32)at[2] << 8 | (u32)at[3] << 16 |
		  (u32)at[4] << 24;

	/* the distance has a sign */
	return at[0] == CALL_REL32 && offset + (u64)(s64)(int)rel < code->len;
}

bool return_address_is_likely(const struct return_address_code *code, u64 word)
{
	u64 offset = word - code->base;

	if (offset < 2 || offset > code->len) {
		return false;
	}
	if (offset >= CALL_REL32_LEN && is_direct(code, offset)) {
		return true;
	}
	return is_indirect(code->bytes + offset, offset);
}
