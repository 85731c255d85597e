/* SPDX-License-Identifier: MIT */
/* Builds the input of the four flush calls from VP numbers, and calls. */
#ifndef GUEST_TEST_CALL_FLUSH_H
#define GUEST_TEST_CALL_FLUSH_H

#include "call/checked.h"
#include "call/vpset.h"

#define FLUSH_RANGES_MAX 509 /* of 0x0003, with the block at a page start */

struct flush_call {
	u16 code;
	u64 space; /* AddressSpace; 0: the caller's own CR3 */
	u64 flags;
	struct vpset vps;
	u64 format;        /* 0x0013, 0x0014 */
	const u64 *ranges; /* 0x0003, 0x0014 */
	u32 count;
	u32 start; /* rep start index */
	/* makes the call; NULL: hypercall() with the caller's input page */
	struct hypercall_result (*form)(u64 control, u64 *block);
};

bool flush_call_is_list(u16 code);
bool flush_call_is_ex(u16 code);

/* 0x0002 and 0x0003 name VP indices below 64 only. */
bool flush_call_can_name(u16 code, const struct vpset *vps);

/* A flush of `count` ranges of `vps`, by 0x0003, or by 0x0014 for VPs that only
   that can name. */
struct flush_call flush_call_list(const struct vpset *vps, const u64 *ranges,
				  u32 count);

/* Writes the input block to `page`; returns the control word. */
u64 flush_call_build(const struct flush_call *call, void *page);

/* Builds in the caller's own page, calls, returns the result word. */
u64 flush_call_do(const struct flush_call *call);

/* The result word that the call must have. */
u64 flush_call_success(const struct flush_call *call);

/* Flushes all addresses on all VPs. */
void flush_call_everything(void);

/* A list element for the page of `gva` and the `extra` pages after it. */
static inline u64 flush_call_range(u64 gva, u32 extra)
{
	return (gva & ~HV_GVA_RANGE_EXTRA) | extra;
}

#endif
