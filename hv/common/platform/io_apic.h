/* SPDX-License-Identifier: MIT */
/*
 * What makes the interrupt of a serial port an NMI of a CPU. An NMI, because
 * RFLAGS.IF of a guest does not hold it back, and the way into guest mode is
 * made for NMIs (docs/decisions/0034-input-interrupts.md). Registers: Intel
 * 82093AA datasheet, "Memory Mapped Registers for Accessing IOAPIC Registers".
 */
#ifndef HV_COMMON_PLATFORM_IO_APIC_H
#define HV_COMMON_PLATFORM_IO_APIC_H

#include "handoff.h"

/* Byte offsets from the address of the I/O APIC; 32-bit accesses only */
#define IO_APIC_SELECT 0x00u
#define IO_APIC_WINDOW 0x10u

/* Registers, as written to IO_APIC_SELECT */
#define IO_APIC_VERSION 0x01u

/* The low word goes to register `at`, the high one to `at` + 1. */
struct io_apic_entry {
	u32 at;
	u32 low;
	u32 high;
};

/*
 * `line`, or where port `number` (0: COM1) is on a machine without a MADT: at
 * the default address, by ISA IRQ.
 */
struct handoff_line io_apic_line(const struct handoff_line *line, u32 number);

/* True if the version register of an I/O APIC may have this value. */
bool io_apic_is_version(u32 version);

/*
 * The entry by which the interrupt `line` of an I/O APIC with that version
 * register is an NMI of the CPU with that APIC ID. NULL, or why there is none,
 * as the boot line says it; then `entry` is unchanged.
 */
const char *io_apic_plan_nmi(const struct handoff_line *line, u32 version,
			     u32 apic_id, struct io_apic_entry *entry);

#endif
