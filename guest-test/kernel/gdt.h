/* SPDX-License-Identifier: MIT */
/* Each VP has its own GDT and TSS: a fault at CPL 3 needs a stack. */
#ifndef GUEST_TEST_KERNEL_GDT_H
#define GUEST_TEST_KERNEL_GDT_H

#include "base/types.h"

/* The flat segments, those of layout.h below SEL_TSS, for the way to C. */
extern const u64 gdt_flat[6];

struct gdt {
	u64 entries[8];
	u32 tss[26]; /* 64-bit TSS: RSP0 at byte 4 */
};

/* Fills and loads it; an interrupt at CPL 3 switches to `stack_top`. */
void gdt_load(struct gdt *gdt, u64 stack_top);

#endif
