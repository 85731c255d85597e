/* SPDX-License-Identifier: MIT */
/*
 * Reads from the firmware's ACPI tables what the loader needs: the CPUs, the
 * PM timer and the way to power off; acpi_line.h has the interrupts. Every
 * table is bounded and its checksum verified before a field of it is used.
 */
#ifndef HV_COMMON_PLATFORM_ACPI_H
#define HV_COMMON_PLATFORM_ACPI_H

#include "base/err.h"
#include "handoff.h"

/* Reads physical memory; false if [hpa, hpa + len) cannot be read. */
struct acpi_memory {
	bool (*read)(void *ctx, u64 hpa, void *to, size_t len);
	void *ctx;
};

/* A table with a good checksum; hpa 0: there is none */
struct acpi_table {
	u64 hpa;
	u32 len; /* header included */
};

struct acpi_tables {
	struct acpi_table madt;
	struct acpi_table fadt;
};

/*
 * Finds MADT and FADT by the XSDT, else (none, or not valid) by the RSDT. What
 * is absent has hpa 0. ERR_INVALID: no valid RSDP, or neither root table.
 */
enum err acpi_find(const struct acpi_memory *memory, u64 rsdp_hpa,
		   struct acpi_tables *tables) __must_check;

/*
 * APIC IDs of the enabled local APICs and x2APICs, each once, in the order of
 * the table. ERR_NOT_FOUND: no MADT or no CPU in it; ERR_INVALID: an entry is
 * malformed; ERR_RANGE: there are more than `max` (the first are filled in).
 */
enum err acpi_cpus(const struct acpi_memory *memory,
		   const struct acpi_tables *tables, u32 *apic_ids, u32 max,
		   u32 *count) __must_check;

/*
 * PM timer port (0: none) and the ports and values of S5. pm1a_port stays 0
 * unless the port and both values are known. ERR_NOT_FOUND: no FADT.
 */
enum err acpi_power(const struct acpi_memory *memory,
		    const struct acpi_tables *tables, u16 *pm_timer_port,
		    struct handoff_acpi_poweroff *poweroff) __must_check;

#define ACPI_MADT_ENTRY 16u /* bytes: the longest entry that is of use */

/*
 * The MADT's entry after the one that set `*at` (0: the first), at most
 * ACPI_MADT_ENTRY bytes of it, and zeros up to that size; its length is
 * entry[1]. ERR_NOT_FOUND: there are no more. ERR_INVALID: it is malformed.
 */
enum err acpi_madt_next(const struct acpi_memory *memory,
			struct acpi_table madt, u32 *at,
			u8 entry[ACPI_MADT_ENTRY]) __must_check;

/* The table at `hpa`, if signature, length and checksum are good. */
enum err acpi_table_open(const struct acpi_memory *memory, u64 hpa,
			 const char *signature,
			 struct acpi_table *table) __must_check;

#endif
