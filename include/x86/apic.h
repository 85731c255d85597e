/* SPDX-License-Identifier: MIT */
/*
 * Fields of the local APIC's registers, x2APIC layout, named as in SDM 3A,
 * "Advanced Programmable Interrupt Controller". Fit for assembly.
 */
#ifndef X86_APIC_H
#define X86_APIC_H

#include "base/bits.h"

/* Interrupt command register */
#define APIC_ICR_VECTOR     GENMASK(7, 0)
#define APIC_ICR_MODE       GENMASK(10, 8)
#define APIC_ICR_FIXED      U(0x000)
#define APIC_ICR_LOWEST     U(0x100)
#define APIC_ICR_SMI        U(0x200)
#define APIC_ICR_NMI        U(0x400)
#define APIC_ICR_INIT       U(0x500)
#define APIC_ICR_STARTUP    U(0x600)
#define APIC_ICR_LOGICAL    BIT(11)
#define APIC_ICR_ASSERT     BIT(14)
#define APIC_ICR_LEVEL      BIT(15)
#define APIC_ICR_SHORTHAND  GENMASK(19, 18)
#define APIC_ICR_SELF       U(0x40000)
#define APIC_ICR_ALL        U(0x80000)
#define APIC_ICR_ALL_BUT    U(0xc0000)
#define APIC_ICR_DEST       GENMASK(63, 32)
#define APIC_ICR_DEST_SHIFT 32

/* Local vector table */
#define APIC_LVT_VECTOR   GENMASK(7, 0)
#define APIC_LVT_MODE     GENMASK(10, 8)
#define APIC_LVT_PENDING  BIT(12)
#define APIC_LVT_MASKED   BIT(16)
#define APIC_LVT_ONESHOT  U(0x00000)
#define APIC_LVT_PERIODIC U(0x20000)
#define APIC_LVT_DEADLINE U(0x40000)

#define APIC_SIVR_ENABLE     BIT(8)
#define APIC_VERSION_MAX_LVT GENMASK(23, 16)
#define APIC_DIV_CONF_1      U(0xb) /* divide by 1 */

#endif
