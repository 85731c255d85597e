/* SPDX-License-Identifier: MIT */
/* The virtual APIC's timer, owned by the VP's own CPU. */
#ifndef HV_CORE_APIC_TIMER_H
#define HV_CORE_APIC_TIMER_H

#include "core/state/apic.h"

/*
 * The TSC at which the CPU has to call vapic_timer_expire(): when expiry would
 * raise an interrupt that is not yet pending; ~0: never. A masked timer expires
 * unobserved, at the latest when one of its registers is read. The value may
 * change in vapic_accept(), vapic_read() and vapic_write().
 */
u64 vapic_timer_deadline(const struct vapic *v);

/*
 * Lets the timer expire if it is due at `now`; a periodic one keeps its phase.
 */
void vapic_timer_expire(struct vapic *v, u64 now);

/* Used by registers.c */
u32 vapic_timer_count(const struct vapic *v, u64 now);
u64 vapic_timer_tsc(const struct vapic *v);
void vapic_timer_set_lvt(struct vapic *v, u32 value);
void vapic_timer_set_count(struct vapic *v, u32 value, u64 now);
void vapic_timer_set_divide(struct vapic *v, u32 value, u64 now);
void vapic_timer_set_tsc(struct vapic *v, u64 value);

#endif
