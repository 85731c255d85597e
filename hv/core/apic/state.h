/* SPDX-License-Identifier: MIT */
/*
 * What the files of the virtual APIC ask of each other, and the register
 * fields that only they need. SDM 3A, "Local Vector Table" and "x2APIC
 * Register Address Space".
 */
#ifndef HV_CORE_APIC_STATE_H
#define HV_CORE_APIC_STATE_H

#include "base/types.h"
#include "core/apic/apic.h"
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

/* interrupts.c */
u32 vapic_ppr(const struct vapic *v);
void vapic_eoi(struct vapic *v);
void vapic_set_svr(struct vapic *v, u32 value);

/* Puts the bit into ESR's pending half; LVT error interrupt if that is due. */
void vapic_raise_error(struct vapic *v, u32 esr_bit);
bool vapic_error_would_fire(const struct vapic *v);
void vapic_latch_esr(struct vapic *v);

static inline bool vapic_lvt_masked(const struct vapic *v, enum vapic_lvt lvt)
{
	return (v->lvt[lvt] & APIC_LVT_MASKED) != 0;
}

static inline u8 vapic_lvt_vector(const struct vapic *v, enum vapic_lvt lvt)
{
	return (u8)(v->lvt[lvt] & APIC_LVT_VECTOR);
}

/* timer.c */
u32 vapic_timer_count(const struct vapic *v, u64 now);
u64 vapic_timer_tsc(const struct vapic *v);
void vapic_timer_set_lvt(struct vapic *v, u32 value);
void vapic_timer_set_count(struct vapic *v, u32 value, u64 now);
void vapic_timer_set_divide(struct vapic *v, u32 value, u64 now);
void vapic_timer_set_tsc(struct vapic *v, u64 value);

#endif
