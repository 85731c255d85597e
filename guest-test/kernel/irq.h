/* SPDX-License-Identifier: MIT */
/* Counts interrupts for each VP, and waits for a count. */
#ifndef GUEST_TEST_KERNEL_IRQ_H
#define GUEST_TEST_KERNEL_IRQ_H

#include "base/types.h"

/* From now on the handler counts in vp->irq_count[] and writes EOI. */
void irq_count(u32 vector);
void irq_count_nmi(void);

/* Sets the counts of all VPs to 0. */
void irq_reset(void);

u32 irq_got(u32 n, u32 vector);
u32 irq_got_nmi(u32 n);

/* Waits until VP n has got `count` of them. */
void irq_wait(u32 n, u32 vector, u32 count);
void irq_wait_nmi(u32 n, u32 count);

/* Waits long enough for an interrupt that must not come. */
void irq_settle(void);

#endif
