/* SPDX-License-Identifier: MIT */
/* Which handler and which stack belongs to each vector. */
#include "x86/idt.h"

#include "x86/exception.h"
#include "x86/gdt.h"
#include "x86/insn.h"
#include "x86/lapic.h"
#include "x86/section.h"
#include "x86/seg.h"

#define VECTORS 256

struct gate {
	u64 low;
	u64 high;
};

static struct gate idt[VECTORS] __ro_after_launch __aligned(CACHE_LINE);

/* isr.S */
extern const u64 isr_exceptions[X86_EXCEPTION_COUNT];
void isr_interrupt(void);
void isr_spurious(void);

static const u8 ist_of[X86_EXCEPTION_COUNT] = {
	[X86_VECTOR_NMI] = IST_NMI,
	[X86_VECTOR_DF] = IST_DOUBLE_FAULT,
	[X86_VECTOR_MC] = IST_MACHINE_CHECK,
};

static void gate_set(u32 vector, u64 handler, u8 ist)
{
	idt[vector].low =
		FIELD_PREP(GATE_OFFSET_LOW, handler & 0xffff) |
		FIELD_PREP(GATE_SELECTOR, KERNEL_CS) |
		FIELD_PREP(GATE_IST, ist) | GATE_INTERRUPT | GATE_PRESENT |
		FIELD_PREP(GATE_OFFSET_HIGH, (handler >> 16) & 0xffff);
	idt[vector].high = handler >> 32;
}

void idt_build(void)
{
	for (u32 v = 0; v < X86_EXCEPTION_COUNT; v++) {
		gate_set(v, isr_exceptions[v], ist_of[v]);
	}
	for (u32 v = X86_EXCEPTION_COUNT; v < VECTORS; v++) {
		gate_set(v, (u64)isr_interrupt, 0);
	}
	gate_set(LAPIC_VECTOR_SPURIOUS, (u64)isr_spurious, 0);
}

void idt_load(void)
{
	struct insn_table table = {
		.limit = sizeof(idt) - 1,
		.base = idt_base(),
	};

	insn_lidt(&table);
}

u64 idt_base(void)
{
	return (u64)idt;
}
