/* SPDX-License-Identifier: MIT */
/*
 * Decides where the list of CPUs comes from and in which order they are
 * numbered. MP Services run caps_read() on every CPU; with the ACPI MADT only
 * the boot CPU can be asked now, and the hypervisor asks the others.
 */
#include "cpus.h"

#include "x86/caps_read.h"

#include "acpi_tables.h"
#include "console.h"
#include "firmware.h"
#include "mp.h"

static const EFI_GUID mp_services_guid = MP_SERVICES_GUID;

#define AP_TIMEOUT_US 1000000

/* Inserts by APIC ID; [0] is the boot CPU and stays first. */
static void insert(struct cpus *cpus, const struct caps_raw *raw)
{
	u32 at = cpus->count;

	cpus->found++;
	if (cpus->count == HANDOFF_CPUS_MAX) {
		return;
	}
	for (; at > 1 && cpus->caps[at - 1].apic_id > raw->apic_id; at--) {
		cpus->caps[at] = cpus->caps[at - 1];
	}
	cpus->caps[at] = *raw;
	cpus->count++;
}

static void insert_boot_cpu(struct cpus *cpus)
{
	struct caps_raw raw;

	caps_read(&raw);
	insert(cpus, &raw);
}

static VOID EFIAPI read_on_this_cpu(VOID *raw)
{
	caps_read(raw);
}

static EFI_STATUS insert_from_mp(struct cpus *cpus, struct mp_services *mp,
				 UINTN number)
{
	static struct caps_raw raw; /* written by the other CPU */
	struct mp_processor processor;
	EFI_STATUS status = mp->get_processor(mp, number, &processor);

	if (EFI_ERROR(status)) {
		console_line("cpus: expected MP Services to describe processor "
			     "%u, found %s",
			     (u32)number, firmware_status(status));
		return status;
	}
	if ((processor.status & MP_PROCESSOR_IS_BOOT) ||
	    !(processor.status & MP_PROCESSOR_IS_ENABLED)) {
		return EFI_SUCCESS;
	}
	status = mp->startup_one(mp, read_on_this_cpu, number, NULL,
				 AP_TIMEOUT_US, &raw, NULL);
	if (EFI_ERROR(status)) {
		console_line("cpus: expected an answer of the processor with "
			     "APIC ID %u within 1 s, found %s; try cpus = madt",
			     (u32)processor.id, firmware_status(status));
		return status;
	}
	insert(cpus, &raw);
	return EFI_SUCCESS;
}

static EFI_STATUS find_by_mp(struct cpus *cpus, struct mp_services *mp)
{
	UINTN count = 0;
	UINTN enabled = 0;
	EFI_STATUS status = mp->get_count(mp, &count, &enabled);

	if (EFI_ERROR(status)) {
		console_line("cpus: expected MP Services to count the CPUs, "
			     "found %s; try cpus = madt",
			     firmware_status(status));
		return status;
	}
	for (UINTN number = 0; number < count; number++) {
		status = insert_from_mp(cpus, mp, number);
		if (EFI_ERROR(status)) {
			return status;
		}
	}
	cpus->checked = cpus->count;
	cpus->source = "mp";
	return EFI_SUCCESS;
}

static EFI_STATUS find_by_madt(struct cpus *cpus, enum config_cpus how)
{
	static u32 ids[4 * HANDOFF_CPUS_MAX];
	u32 id_count = 0;
	bool has_boot_cpu = false;

	if (!acpi_tables_cpus(ids, ARRAY_SIZE(ids), &id_count)) {
		console_line(
			"cpus: expected an ACPI MADT, found none that "
			"can be read; %s",
			how == CONFIG_CPUS_MADT
				? "use cpus = auto or cpus = mp"
				: "the firmware has no MP Services either");
		return EFI_NOT_FOUND;
	}
	for (u32 i = 0; i < id_count; i++) {
		struct caps_raw raw = {.apic_id = ids[i]};

		if (ids[i] == cpus->caps[0].apic_id) {
			has_boot_cpu = true;
		} else {
			insert(cpus, &raw);
		}
	}
	if (!has_boot_cpu) {
		console_line("cpus: expected APIC ID %u, the boot CPU, in the "
			     "ACPI MADT, found %u others; use cpus = mp",
			     cpus->caps[0].apic_id, id_count);
		return EFI_UNSUPPORTED;
	}
	cpus->checked = 1;
	cpus->source = "madt";
	return EFI_SUCCESS;
}

EFI_STATUS cpus_find(enum config_cpus how, struct cpus *cpus)
{
	struct mp_services *mp = NULL;
	EFI_STATUS status;

	if (how != CONFIG_CPUS_MADT) {
		mp = firmware_protocol(&mp_services_guid);
	}
	if (how == CONFIG_CPUS_MP && !mp) {
		console_line("cpus: expected MP Services, found none; "
			     "use cpus = auto or cpus = madt");
		return EFI_NOT_FOUND;
	}
	insert_boot_cpu(cpus);
	status = mp ? find_by_mp(cpus, mp) : find_by_madt(cpus, how);
	if (EFI_ERROR(status)) {
		return status;
	}
	if (cpus->found > cpus->count) {
		console_line(
			"cpus: using %u of %u, the most that are supported",
			cpus->count, cpus->found);
	}
	console_line("cpus=%u source=%s checked=%u%s", cpus->count,
		     cpus->source, cpus->checked,
		     cpus->checked == cpus->count
			     ? ""
			     : " (the boot CPU only; the hypervisor checks "
			       "the others)");
	return EFI_SUCCESS;
}

static void print_missing(void *context, const char *text)
{
	const u32 *number = context;

	console_line("cpu %u: missing: %s", *number, text);
}

EFI_STATUS cpus_check(const struct cpus *cpus)
{
	u32 missing = 0;

	for (u32 number = 0; number < cpus->checked; number++) {
		missing +=
			caps_check(&cpus->caps[number], print_missing, &number);
	}
	if (missing) {
		console_line("expected a CPU with all of the above, found %u "
			     "missing",
			     missing);
		return EFI_UNSUPPORTED;
	}
	return EFI_SUCCESS;
}
