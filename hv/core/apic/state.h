/* SPDX-License-Identifier: MIT */
/*
 * The register fields that only the files of the virtual APIC need. SDM 3A,
 * "Local Vector Table" and "x2APIC Register Address Space".
 */
#ifndef HV_CORE_APIC_STATE_H
#define HV_CORE_APIC_STATE_H

#include "base/bits.h"
#include "core/state/apic.h"
#include "x86/apic.h"

/* Max LVT entry 5 (six entries), no EOI-broadcast suppression */
#define VAPIC_VERSION 0x00050014u

/* SDM 3A, "Valid Interrupt Vectors": lower ones are errors */
#define VAPIC_VECTOR_FIRST 16u

#define VAPIC_ESR_SEND_ILLEGAL    BIT(5)
#define VAPIC_ESR_RECEIVE_ILLEGAL BIT(6)

#define VAPIC_LVT_POLARITY   BIT(13)
#define VAPIC_LVT_REMOTE_IRR BIT(14)
#define VAPIC_LVT_LEVEL      BIT(15)
#define VAPIC_LVT_READ_ONLY  (APIC_LVT_PENDING | VAPIC_LVT_REMOTE_IRR)
#define VAPIC_LVT_TIMER_MODE GENMASK(18, 17)

/* The divide configuration: bits 3, 1 and 0 are one number, bit 2 is 0 */
#define VAPIC_DIVIDE_HIGH BIT(3)
#define VAPIC_DIVIDE_LOW  GENMASK(1, 0)

static inline bool vapic_lvt_masked(const struct vapic *v, enum vapic_lvt lvt)
{
	return (v->lvt[lvt] & APIC_LVT_MASKED) != 0;
}

static inline u8 vapic_lvt_vector(const struct vapic *v, enum vapic_lvt lvt)
{
	return (u8)(v->lvt[lvt] & APIC_LVT_VECTOR);
}

#endif
