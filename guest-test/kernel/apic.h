/* SPDX-License-Identifier: MIT */
/*
 * The local APIC by its x2APIC register numbers (MSR 0x800 + n). Where there
 * is no x2APIC (QEMU's software CPU), the functions access the xAPIC page.
 */
#ifndef GUEST_TEST_KERNEL_APIC_H
#define GUEST_TEST_KERNEL_APIC_H

#include "base/bits.h"
#include "base/types.h"

/* SDM 3A, "Local APIC Register Address Map Supported by x2APIC" */
#define APIC_ID      0x02
#define APIC_VERSION 0x03
#define APIC_TPR     0x08
#define APIC_PPR     0x0a
#define APIC_EOI     0x0b
#define APIC_LDR     0x0d
#define APIC_SVR     0x0f
#define APIC_ISR     0x10
#define APIC_TMR     0x18
#define APIC_IRR     0x20
#define APIC_ESR     0x28
#define APIC_ICR     0x30
#define APIC_TIMER   0x32
#define APIC_THERMAL 0x33
#define APIC_PMI     0x34
#define APIC_LINT0   0x35
#define APIC_LINT1   0x36
#define APIC_ERROR   0x37
#define APIC_INIT    0x38 /* initial count */
#define APIC_CURRENT 0x39
#define APIC_DIVIDE  0x3e
#define APIC_SELF    0x3f

#define APIC_ICR_FIXED     0x000
#define APIC_ICR_LOWEST    0x100
#define APIC_ICR_NMI       0x400
#define APIC_ICR_INIT      0x500
#define APIC_ICR_SIPI      0x600
#define APIC_ICR_LOGICAL   BIT(11)
#define APIC_ICR_ASSERT    BIT(14)
#define APIC_ICR_TO_SELF   BIT(18)
#define APIC_ICR_TO_ALL    BIT(19)
#define APIC_ICR_TO_OTHERS (BIT(18) | BIT(19))

#define APIC_LVT_MASKED     BIT(16)
#define APIC_TIMER_PERIODIC BIT(17)
#define APIC_TIMER_DEADLINE BIT(18)
#define APIC_DIVIDE_BY_1    0xb
#define APIC_SPURIOUS       0xff

/* Enables the APIC of this VP, in x2APIC mode if the CPU has it. */
void apic_init(void);
bool apic_is_x2(void);
bool apic_has_deadline(void);

u32 apic_read(u32 reg);
void apic_write(u32 reg, u32 value);
void apic_eoi(void);

/* Whoever gets the interrupt sees all stores that were made before. */
void apic_send(u32 dest, u64 icr_low);

#endif
