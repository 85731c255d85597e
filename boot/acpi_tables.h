/* SPDX-License-Identifier: MIT */
/* The firmware's ACPI tables, read with hv/common/platform/acpi.c. */
#ifndef BOOT_ACPI_TABLES_H
#define BOOT_ACPI_TABLES_H

#include "handoff.h"

/*
 * APIC IDs of the MADT, at most `max`; *count is how many were filled in.
 * False where there are no tables, or no MADT that can be read.
 */
bool acpi_tables_cpus(u32 *apic_ids, u32 max, u32 *count) __must_check;

/*
 * Fills in the PM timer and the power-off ports of the handoff; a field that is
 * not known stays 0.
 */
void acpi_tables_power(struct handoff *handoff);

/* Fills in where the serial ports' interrupts arrive, as far as known. */
void acpi_tables_lines(struct handoff *handoff);

#endif
