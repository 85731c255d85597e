/* SPDX-License-Identifier: MIT */
/* Which words of a stack are return addresses. Pure. */
#ifndef HV_CORE_CRASH_RETURN_ADDRESS_H
#define HV_CORE_CRASH_RETURN_ADDRESS_H

#include "base/types.h"

/* Code: `len` bytes at `bytes`, which run at the address `base`. */
struct return_address_code {
	const u8 *bytes;
	u64 base;
	u64 len;
};

/*
 * True if `word` points into the code or at its end, just after a near CALL:
 * E8 with its target in the code, or FF /2 in any of its lengths (SDM 2A,
 * "CALL-Call Procedure"). A call that has returned leaves such a word too, so
 * it proves nothing.
 */
bool return_address_is_likely(const struct return_address_code *code, u64 word);

#endif
