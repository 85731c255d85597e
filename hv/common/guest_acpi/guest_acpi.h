/* SPDX-License-Identifier: MIT */
/*
 * The ACPI tables of a partition, as its firmware would have left them: RSDP,
 * XSDT, FADT (hardware-reduced), MADT, DSDT. They describe what
 * core/emulate/ioport.c and the virtual APIC do. ACPI 6.5.
 */
#ifndef HV_COMMON_GUEST_ACPI_GUEST_ACPI_H
#define HV_COMMON_GUEST_ACPI_GUEST_ACPI_H

#include "base/types.h"

/* All tables, with as many VPs as a partition can have */
#define GUEST_ACPI_LEN PAGE_SIZE

/*
 * Writes the tables into `page`, for a guest that finds it at `gpa`; the RSDP
 * is the first. VP n has APIC ID n and processor UID n. Returns how many bytes
 * are used. Pre: `page` is all 0; vp_count is 1 to 256.
 */
u32 guest_acpi_write(u8 page[GUEST_ACPI_LEN], u32 gpa, u32 vp_count);

#endif
