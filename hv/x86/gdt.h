/* SPDX-License-Identifier: MIT */
/*
 * Segments of root mode: one GDT and TSS per CPU, the same selectors on all.
 * They are also the host state of every VMCS. Constants fit for assembly.
 */
#ifndef HV_X86_GDT_H
#define HV_X86_GDT_H

#define KERNEL_CS  0x08
#define KERNEL_DS  0x10 /* SS, DS, ES */
#define KERNEL_TSS 0x18 /* two slots */

/* Interrupt-stack-table slots; 0 in a gate means "stay on this stack" */
#define IST_NMI           1
#define IST_DOUBLE_FAULT  2
#define IST_MACHINE_CHECK 3

#ifndef __ASSEMBLER__

#include "base/types.h"

/* Builds GDT and TSS of CPU `number`. `ist_top`: top of stack of IST 1..3. */
void gdt_build(u32 number, const u64 ist_top[3]);

/* Loads them: GDTR, TR, CS, SS, DS, ES; FS and GS null. Once per CPU. */
void gdt_load(u32 number);

/*
 * Number of the CPU that executes this, by its GDTR, which nothing but
 * gdt_load() and VM exits write; CPUS_MAX before gdt_load(). Any state.
 */
u32 gdt_number(void);

/* Linear addresses for the host state of a VMCS. */
u64 gdt_base(u32 number);
u64 gdt_tss_base(u32 number);

#endif
#endif
