/* SPDX-License-Identifier: MIT */
/* Where the interrupts of COM1 and COM2 arrive, by the MADT. */
#ifndef HV_COMMON_PLATFORM_ACPI_LINE_H
#define HV_COMMON_PLATFORM_ACPI_LINE_H

#include "common/platform/acpi.h"

/*
 * Fills `lines`: COM1's is ISA IRQ 4, COM2's is 3. Without a MADT io_apic is 0.
 * With one that is malformed, or that has no I/O APIC for an interrupt, it is
 * HANDOFF_LINE_NONE. Whether the I/O APIC has so many inputs it does not say.
 */
void acpi_lines(const struct acpi_memory *memory,
		const struct acpi_tables *tables,
		struct handoff_line lines[HANDOFF_LINES]);

#endif
