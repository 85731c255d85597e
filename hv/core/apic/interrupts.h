/* SPDX-License-Identifier: MIT */
/*
 * A VP's local APIC in x2APIC mode: IRR, ISR, priorities, errors. Everything is
 * owned by the VP's own CPU, except where a function says otherwise. Other CPUs
 * post vectors with vp_post_irq(). Chapter: SDM 3A, "Advanced Programmable
 * Interrupt Controller".
 */
#ifndef HV_CORE_APIC_INTERRUPTS_H
#define HV_CORE_APIC_INTERRUPTS_H

#include "core/state/apic.h"

/* Power-on: SDM 3A, "Local APIC State After Power-Up or Reset". */
void vapic_reset(struct vapic *v, u32 id, bool is_bsp);

/* INIT: as vapic_reset(), but ID and IA32_APIC_BASE stay. */
void vapic_init_signal(struct vapic *v);

/* The BSP flag of IA32_APIC_BASE, which a guest may change. */
bool vapic_is_bsp(const struct vapic *v);

/*
 * A fixed interrupt arrives, edge-triggered as every IPI and timer interrupt.
 * Ignored while the APIC is software-disabled; vectors below 16 are an error
 * in ESR. vapic_post_level() is the same for a level-triggered source.
 */
void vapic_post(struct vapic *v, u8 vector);
void vapic_post_level(struct vapic *v, u8 vector);

/* The vector in IRR that the VP has to take, or -1: none is above PPR. */
int vapic_deliverable(const struct vapic *v);

/* True if any vector is in IRR, whether PPR lets it through or not. */
bool vapic_has_irr(const struct vapic *v);

/*
 * Moves `vector` from IRR to ISR. Pre: vapic_deliverable() just returned it,
 * and the caller writes it to the VM-entry interruption field in this step.
 */
void vapic_accept(struct vapic *v, u8 vector);

/* Takes vapic_accept() back: the delivery was not completed. */
void vapic_unaccept(struct vapic *v, u8 vector);

/* SDM 3A, "Interaction of Task Priorities between CR8 and APIC" */
u8 vapic_cr8(const struct vapic *v);
void vapic_set_cr8(struct vapic *v, u8 cr8);

/* SVR bit 8. Any CPU may call it, for any VP. */
bool vapic_is_enabled(const struct vapic *v);

/* Used by the other files of this folder */
u32 vapic_ppr(const struct vapic *v);
void vapic_eoi(struct vapic *v);
void vapic_set_svr(struct vapic *v, u32 value);

/*
 * Records an error for the next write to ESR; the first one since the last
 * write posts the LVT error interrupt unless it is masked.
 */
void vapic_raise_error(struct vapic *v, u32 esr_bit);
bool vapic_error_would_fire(const struct vapic *v);
void vapic_latch_esr(struct vapic *v);

#endif
