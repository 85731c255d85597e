/* SPDX-License-Identifier: MIT */
/* Counting interrupts, and waiting for a count, for the APIC checks. */
#ifndef GUEST_TEST_KERNEL_IRQ_H
#define GUEST_TEST_KERNEL_IRQ_H

#include "base/types.h"

/* Each one that arrives is counted in vp->irq_count[] and gets its EOI. */
void irq_count(u32 vector);
void irq_count_nmi(void);

/* Forgets the counts of all VPs. */
void irq_reset(void);

u32 irq_got(u32 n, u32 vector);
u32 irq_got_nmi(u32 n);

/* Waits until VP n has got `count`; the watchdog ends it otherwise. */
void irq_wait(u32 n, u32 vector, u32 count);
void irq_wait_nmi(u32 n, u32 count);

/* Time in which something that must not happen could happen. */
void irq_settle(void);

#endif
