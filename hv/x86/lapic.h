/* SPDX-License-Identifier: MIT */
/*
 * The physical local APIC, x2APIC mode, physical destinations. port_kick() is
 * here too: nothing else writes the ICR.
 */
#ifndef HV_X86_LAPIC_H
#define HV_X86_LAPIC_H

#include "base/types.h"

#define LAPIC_VECTOR_TIMER    0xe0
#define LAPIC_VECTOR_SPURIOUS 0xff

/* Masks both 8259s for good: no interrupt comes from them. Once. */
void lapic_mask_pic(void);

/* x2APIC mode on, every local interrupt masked, nothing in service. */
void lapic_enable(void);

/*
 * Measures the timer's rate where there is no TSC-deadline mode; does nothing
 * elsewhere. Pre: tsc_init(), lapic_enable(). Boot CPU, once.
 */
void lapic_calibrate(void);

/* End of interrupt: after an exit for an external interrupt. */
void lapic_eoi(void);

/*
 * One interrupt LAPIC_VECTOR_TIMER at TSC `deadline`, or at once if that is
 * over. It may come early (a long wait without deadline mode), so the caller
 * checks the time.
 */
void lapic_timer_arm(u64 deadline);
void lapic_timer_disarm(void);

/* NMI, ordered after earlier stores. Does nothing before lapic_enable(). */
void lapic_send_nmi(u32 apic_id);

/* For ap.c only: never to a CPU in VMX operation. */
void lapic_send_init(u32 apic_id);
void lapic_send_startup(u32 apic_id, u8 vector);

#endif
