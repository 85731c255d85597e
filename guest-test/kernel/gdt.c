/* SPDX-License-Identifier: MIT */
/* Flat segments in the order of layout.h, and a TSS for RSP0. */
#include "kernel/gdt.h"
#include "kernel/layout.h"
#include "kernel/mem.h"

#define TSS_RSP0  1  /* in 32-bit words */
#define TSS_IOMAP 25 /* high half: offset of the I/O map */

struct table_ptr {
	u16 limit;
	u64 base;
} __attribute__((packed));

const u64 gdt_flat[] = {
	[SEL_CODE64 / 8] = 0x00af9b000000ffff,
	[SEL_DATA / 8] = 0x00cf93000000ffff,
	[SEL_CODE32 / 8] = 0x00cf9b000000ffff,
	[SEL_UDATA / 8] = 0x00cff3000000ffff,
	[SEL_UCODE / 8] = 0x00affb000000ffff,
};
_Static_assert(sizeof(gdt_flat) == SEL_TSS, "the TSS comes next");

void gdt_load(struct gdt *gdt, u64 stack_top)
{
	u64 base = (u64)gdt->tss;
	u64 limit = sizeof(gdt->tss) - 1;
	struct table_ptr ptr = {sizeof(gdt->entries) - 1, (u64)gdt->entries};

	memcpy(gdt->entries, gdt_flat, sizeof(gdt_flat));
	/* SDM 3A, "TSS Descriptor in 64-bit mode": 16 bytes, type 9 */
	gdt->entries[SEL_TSS / 8] = limit | (base & 0xffffff) << 16 |
				    0x89ull << 40 | (base >> 24 & 0xff) << 56;
	gdt->entries[SEL_TSS / 8 + 1] = base >> 32;
	gdt->tss[TSS_RSP0] = (u32)stack_top;
	gdt->tss[TSS_RSP0 + 1] = (u32)(stack_top >> 32);
	gdt->tss[TSS_IOMAP] = (u32)sizeof(gdt->tss) << 16;

	__asm__ volatile("lgdt %0" : : "m"(ptr) : "memory");
	__asm__ volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; "
			 "lretq; 1:"
			 :
			 : "i"(SEL_CODE64)
			 : "rax", "memory");
	__asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%ss"
			 :
			 : "r"(SEL_DATA)
			 : "memory");
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS) : "memory");
}
