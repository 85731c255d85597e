/* SPDX-License-Identifier: MIT */
/*
 * GDT and TSS of every CPU. Both are constant after launch: the accessed bits
 * are set beforehand, and LTR, which sets the busy bit, is executed before.
 */
#include "x86/gdt.h"

#include "core/port/port.h"
#include "core/state/cpu.h"
#include "x86/insn.h"
#include "x86/section.h"
#include "x86/seg.h"

#define GDT_SLOTS 5

/* SDM 3A, "64-Bit Task State Segment", in 32-bit words */
#define TSS_WORDS      26
#define TSS_IST1_WORD  9
#define TSS_IOMAP_WORD 25

struct gdt_cpu {
	u64 gdt[GDT_SLOTS];
	u32 tss[TSS_WORDS];
} __aligned(CACHE_LINE);

static struct gdt_cpu gdt_cpus[CPUS_MAX] __ro_after_launch;

static u64 gdt_tss_low(u64 base, u64 limit)
{
	return SEG_TYPE_TSS | SEG_PRESENT | FIELD_PREP(SEG_LIMIT_LOW, limit) |
	       FIELD_PREP(SEG_BASE_LOW, base & 0xffffff) |
	       FIELD_PREP(SEG_BASE_HIGH, (base >> 24) & 0xff);
}

void gdt_build(u32 number, const u64 ist_top[3])
{
	HV_ASSERT(number < CPUS_MAX);

	struct gdt_cpu *c = &gdt_cpus[number];
	u64 tss = gdt_tss_base(number);

	c->gdt[KERNEL_CS / 8] = SEG_KERNEL_CODE;
	c->gdt[KERNEL_DS / 8] = SEG_KERNEL_DATA;
	c->gdt[KERNEL_TSS / 8] = gdt_tss_low(tss, sizeof(c->tss) - 1);
	c->gdt[KERNEL_TSS / 8 + 1] = tss >> 32;

	for (u32 i = 0; i < 3; i++) {
		c->tss[TSS_IST1_WORD + 2 * i] = (u32)ist_top[i];
		c->tss[TSS_IST1_WORD + 2 * i + 1] = (u32)(ist_top[i] >> 32);
	}
	/* no I/O permission map: it begins beyond the limit */
	c->tss[TSS_IOMAP_WORD] = (u32)sizeof(c->tss) << 16;
}

void gdt_load(u32 number)
{
	struct insn_table table = {
		.limit = sizeof(gdt_cpus[0].gdt) - 1,
		.base = gdt_base(number),
	};

	insn_lgdt(&table);
	asm volatile("push %q0\n\t"
		     "lea 1f(%%rip), %%rax\n\t"
		     "push %%rax\n\t"
		     "lretq\n"
		     "1:\tmov %1, %%ss\n\t"
		     "mov %1, %%ds\n\t"
		     "mov %1, %%es\n\t"
		     "mov %2, %%fs\n\t"
		     "mov %2, %%gs"
		     :
		     : "r"((u64)KERNEL_CS), "r"(KERNEL_DS), "r"(0)
		     : "rax", "memory");
	insn_ltr(KERNEL_TSS);
}

u32 gdt_number(void)
{
	struct insn_table table;

	insn_sgdt(&table);
	u64 offset = table.base - gdt_base(0);

	return offset < sizeof(gdt_cpus) ? (u32)(offset / sizeof(gdt_cpus[0]))
					 : CPUS_MAX;
}

u64 gdt_base(u32 number)
{
	return (u64)gdt_cpus[number].gdt;
}

u64 gdt_tss_base(u32 number)
{
	return (u64)gdt_cpus[number].tss;
}
