/* SPDX-License-Identifier: MIT */
/* Each VP has a GDT and a TSS of its own, so that CPL 3 has a way back. */
#ifndef GUEST_TEST_KERNEL_GDT_H
#define GUEST_TEST_KERNEL_GDT_H

#include "base/types.h"

struct gdt {
	u64 entries[8];
	u32 tss[26]; /* 64-bit TSS: RSP0 at byte 4 */
};

/* Fills and loads it; interrupts from CPL 3 come in at `stack_top`. */
void gdt_load(struct gdt *gdt, u64 stack_top);

#endif
