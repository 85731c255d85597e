/* SPDX-License-Identifier: MIT */
/* 256 interrupt gates (IF = 0 in the handler) on the current stack. */
#include "kernel/idt.h"
#include "kernel/layout.h"

#include "base/types.h"

#define IDT_GATES    256
#define IDT_INT_GATE 0x8e00ull /* present, DPL 0, 64-bit interrupt gate */
#define ISR_ENTRY    16        /* bytes */

struct gate {
	u64 low;
	u64 high;
};

extern const u8 isr_entries[];
static struct gate gates[IDT_GATES] __aligned(16);

void idt_init(void)
{
	for (u32 i = 0; i < IDT_GATES; i++) {
		u64 at = (u64)(isr_entries + (size_t)i * ISR_ENTRY);

		gates[i].low = (at & 0xffff) | (u64)SEL_CODE64 << 16 |
			       IDT_INT_GATE << 32 | (at >> 16 & 0xffff) << 48;
		gates[i].high = at >> 32;
	}
}

void idt_load(void)
{
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) ptr = {sizeof(gates) - 1, (u64)gates};

	__asm__ volatile("lidt %0" : : "m"(ptr) : "memory");
}
