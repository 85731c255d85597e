/* SPDX-License-Identifier: MIT */
/* Interprocessor interrupts of a guest: who is addressed, what is posted. */
#ifndef HV_CORE_EVENTS_IPI_H
#define HV_CORE_EVENTS_IPI_H

#include "core/apic/registers.h"

struct partition;
struct vp;
struct vp_set;

/*
 * Delivers what vapic_write() decoded from the ICR of `self`, inside its
 * partition; nothing if !ipi->send. The sender is posted to like the others.
 * Pre: vector >= 16 for fixed and lowest priority. Called in root mode, with
 * the run word even. SDM 3A, "Issuing Interprocessor Interrupts" and "ICR
 * Operation in x2APIC Mode".
 */
void ipi_send(struct vp *self, const struct vapic_ipi *ipi);

/*
 * A fixed, edge-triggered interrupt to the VPs of the set, all of which exist.
 * Pre: vector >= 16. Called in root mode, with the run word even.
 */
void ipi_send_set(const struct partition *p, const struct vp_set *set,
		  u8 vector);

#endif
