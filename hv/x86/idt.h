/* SPDX-License-Identifier: MIT */
/*
 * Interrupt descriptors, one table for all CPUs. Exceptions go to trap.c, the
 * NMI to isr.S; every other vector means: end of interrupt, return.
 */
#ifndef HV_X86_IDT_H
#define HV_X86_IDT_H

#include "base/types.h"

/* Fills the table. Once, before the first idt_load(). */
void idt_build(void);

/* Loads IDTR. Pre: gdt_load() is done on this CPU. */
void idt_load(void);

/* Linear address for the host state of a VMCS. */
u64 idt_base(void);

/*
 * isr.S: executes one IRET to its return address and so ends blocking by NMI.
 * An NMI that was held arrives before it returns. Called after each NMI exit.
 */
void iret_unblock_nmi(void);

#endif
