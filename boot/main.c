/* SPDX-License-Identifier: MIT */
/*
 * BOOTX64.EFI: what happens between the firmware and the hypervisor, as a list
 * of steps. A step that refuses says why; then everything is given back and
 * the firmware goes on with its next boot option (docs/boot.md).
 */
#include <efi.h>

#include "common/config/parse.h"

#include "acpi_tables.h"
#include "console.h"
#include "cpus.h"
#include "crash_log.h"
#include "file.h"
#include "firmware.h"
#include "handoff.h"
#include "image.h"
#include "leave.h"
#include "memory.h"
#include "partitions.h"
#include "services.h"

#define LARGE_PAGE (2 * MIB)

/*
 * The same at every boot, so that the log of the one before is found: the first
 * of these places that the firmware leaves free.
 */
static const u64 crash_log_places[] = {48 * MIB, 80 * MIB, 112 * MIB};

/* payload.S */
extern const u8 payload_begin[];
extern const u8 payload_end[];

EFI_STATUS efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *table);

static struct cpus cpus;
static struct image image;

static EFI_STATUS read_config(struct handoff *handoff)
{
	struct config_error error;
	struct handoff_range text;
	const char *found;
	EFI_STATUS status = file_load("lethe.conf", &text, &found);

	if (EFI_ERROR(status)) {
		console_line("lethe.conf: expected a readable file "
			     "\\lethe\\lethe.conf on the volume of "
			     "BOOTX64.EFI, found: %s",
			     found);
		return status;
	}
	if (config_parse(&handoff->config, memory_pointer(text.base), text.len,
			 &error) != ERR_OK) {
		console_line("lethe.conf:%u: %s", error.line, error.message);
		return EFI_INVALID_PARAMETER;
	}
	console_line("config ok partitions=%u",
		     handoff->config.partition_count);
	return EFI_SUCCESS;
}

/* Without it only the log of before is missing. */
static EFI_STATUS place_crash_log(struct handoff *handoff)
{
	for (size_t i = 0; i < ARRAY_SIZE(crash_log_places); i++) {
		if (memory_take_at(crash_log_places[i], CRASH_LOG_LEN,
				   &handoff->crash_log)) {
			break;
		}
	}
	return EFI_SUCCESS;
}

static EFI_STATUS find_cpus(struct handoff *handoff)
{
	EFI_STATUS status = cpus_find(handoff->config.cpus, &cpus);

	if (EFI_ERROR(status)) {
		return status;
	}
	handoff->cpu_count = cpus.count;
	for (u32 i = 0; i < cpus.count; i++) {
		handoff->apic_id[i] = cpus.caps[i].apic_id;
	}
	return cpus_check(&cpus);
}

static EFI_STATUS place_hypervisor(struct handoff *handoff)
{
	const char *why;

	if (image_open(&image, payload_begin,
		       (size_t)(payload_end - payload_begin), &why) != ERR_OK) {
		console_line("hypervisor image: %s", why);
		return EFI_LOAD_ERROR;
	}
	if (!memory_take(image.len, LARGE_PAGE, MEMORY_BELOW_4G,
			 &handoff->image)) {
		console_line("hypervisor image: expected %llu MiB free below "
			     "4 GiB, found %llu MiB at most",
			     image.len / MIB,
			     services_largest(LARGE_PAGE, MEMORY_BELOW_4G) /
				     MIB);
		return EFI_OUT_OF_RESOURCES;
	}
	image_place(&image, memory_pointer(handoff->image.base));
	return EFI_SUCCESS;
}

static EFI_STATUS take_pool(struct handoff *handoff)
{
	u64 len = handoff_pool_len(&handoff->config, handoff->cpu_count);

	if (!memory_take_zeroed(len, PAGE_SIZE, MEMORY_BELOW_4G,
				&handoff->pool)) {
		console_line("pool: expected %lu KiB free below 4 GiB, found "
			     "%lu KiB at most",
			     (len + 1023) >> 10,
			     services_largest(PAGE_SIZE, MEMORY_BELOW_4G) >>
				     10);
		return EFI_OUT_OF_RESOURCES;
	}
	if (!memory_take_zeroed(PAGE_SIZE, PAGE_SIZE, MEMORY_BELOW_1M,
				&handoff->trampoline)) {
		console_line("trampoline: expected a free page below 1 MiB, "
			     "found none");
		return EFI_OUT_OF_RESOURCES;
	}
	return EFI_SUCCESS;
}

static EFI_STATUS finish(struct handoff *handoff)
{
	static const char loader[sizeof(handoff->loader)] = "uefi";

	handoff->magic = HANDOFF_MAGIC;
	handoff->version = HANDOFF_VERSION;
	handoff->size = sizeof(*handoff);
	for (size_t i = 0; i < sizeof(loader); i++) {
		handoff->loader[i] = loader[i];
	}
	acpi_tables_power(handoff);
	acpi_tables_lines(handoff);
	return leave_prepare();
}

static EFI_STATUS (*const steps[])(struct handoff *handoff) = {
	read_config,      place_crash_log, find_cpus, partitions_load,
	place_hypervisor, take_pool,       finish,
};

static EFI_STATUS prepare(struct handoff **out)
{
	struct handoff_range range;
	EFI_STATUS status = EFI_SUCCESS;

	if (!memory_take_zeroed(sizeof(struct handoff), PAGE_SIZE,
				MEMORY_BELOW_4G, &range)) {
		console_line("handoff: expected %lu KiB free below 4 GiB, "
			     "found %lu KiB at most",
			     (u64)(sizeof(struct handoff) + 1023) >> 10,
			     services_largest(PAGE_SIZE, MEMORY_BELOW_4G) >>
				     10);
		return EFI_OUT_OF_RESOURCES;
	}
	*out = memory_pointer(range.base);
	for (size_t i = 0; i < ARRAY_SIZE(steps) && !EFI_ERROR(status); i++) {
		status = steps[i](*out);
	}
	return status;
}

EFI_STATUS efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *table)
{
	struct handoff *handoff;
	EFI_STATUS status;

	firmware = (struct firmware){handle, table, table->BootServices};
	console_banner();
	/* Reading big files may take longer than the watchdog's five minutes */
	firmware.services->SetWatchdogTimer(0, 0, 0, NULL);
	status = prepare(&handoff);
	if (EFI_ERROR(status)) {
		memory_release_all();
		console_line("nothing started; the firmware goes on");
		return status;
	}
	return leave(handoff, image.entry);
}
