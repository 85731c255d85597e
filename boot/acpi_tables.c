/* SPDX-License-Identifier: MIT */
/*
 * Finds the RSDP in the configuration table (ACPI 2.0 before 1.0) and lends
 * hv/common/platform/acpi.c the firmware's identity mapping.
 */
#include "acpi_tables.h"

#include <efi.h>

#include "common/lib/mem.h"
#include "common/platform/acpi_line.h"

#include "firmware.h"
#include "memory.h"

static const EFI_GUID rsdp_guids[] = {ACPI_20_TABLE_GUID, ACPI_TABLE_GUID};

static bool read_identity(void *ctx, u64 hpa, void *to, size_t len)
{
	(void)ctx;
	if (hpa == 0 || hpa + len < hpa) {
		return false;
	}
	memcpy(to, memory_pointer(hpa), len);
	return true;
}

static const struct acpi_memory identity = {.read = read_identity};

static bool find(struct acpi_tables *tables)
{
	for (size_t i = 0; i < ARRAY_SIZE(rsdp_guids); i++) {
		const void *rsdp = firmware_table(&rsdp_guids[i]);

		if (rsdp && acpi_find(&identity, (u64)(uintptr_t)rsdp,
				      tables) == ERR_OK) {
			return true;
		}
	}
	return false;
}

bool acpi_tables_cpus(u32 *apic_ids, u32 max, u32 *count)
{
	struct acpi_tables tables;
	enum err err;

	if (!find(&tables)) {
		return false;
	}
	err = acpi_cpus(&identity, &tables, apic_ids, max, count);
	return err == ERR_OK || err == ERR_RANGE;
}

void acpi_tables_power(struct handoff *handoff)
{
	struct acpi_tables tables;

	if (find(&tables) &&
	    acpi_power(&identity, &tables, &handoff->pm_timer_port,
		       &handoff->acpi_poweroff) != ERR_OK) {
		handoff->pm_timer_port = 0;
		handoff->acpi_poweroff = (struct handoff_acpi_poweroff){0};
	}
}

void acpi_tables_lines(struct handoff *handoff)
{
	struct acpi_tables tables;

	if (find(&tables)) {
		acpi_lines(&identity, &tables, handoff->line);
	}
}
