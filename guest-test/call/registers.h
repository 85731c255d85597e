/* SPDX-License-Identifier: MIT */
/* Calls 0x0050-0x0052 about VP n, from any VP, also in handlers. */
#ifndef GUEST_TEST_CALL_REGISTERS_H
#define GUEST_TEST_CALL_REGISTERS_H

#include "tlfs/hypercall.h"
#include "tlfs/register.h"
#include "tlfs/status.h"

struct translation {
	u16 status;
	u32 code; /* enum hv_translate_code */
	u64 gpa_page;
};

/* HvRegisterInterceptSuspend of VP n; if the call fails, so does the check. */
u64 registers_get(u32 n);
u16 registers_set(u32 n, u64 value);

/* Any register by its name. */
struct hv_register_value registers_get_name(u32 n, u32 name);
u16 registers_set_name(u32 n, u32 name, struct hv_register_value value);

struct translation registers_translate(u32 n, u64 gva, u64 flags);

bool registers_is_suspended(u32 n);
bool registers_is_inhibited(u32 n);

/* Inhibits flushes of VP n's TLB; ends that. Both must succeed. */
void registers_inhibit(u32 n);
void registers_release(u32 n);

#endif
