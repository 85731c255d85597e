/* SPDX-License-Identifier: MIT */
/*
 * Decides whether a partition can start on this machine: its files, by the same
 * plan that the hypervisor will carry out, and its memory.
 */
#include "partitions.h"

#include "common/config/symbols.h"
#include "common/image/image_plan.h"

#include "console.h"
#include "file.h"
#include "memory.h"
#include "services.h"

#define LARGE_PAGE (2 * MIB)

static u64 length(const char *text)
{
	u64 len = 0;

	while (text[len]) {
		len++;
	}
	return len;
}

static EFI_STATUS load_file(const struct config_partition *config,
			    const char *key, const char *path,
			    struct handoff_range *out)
{
	const char *found;
	EFI_STATUS status = file_load(path, out, &found);

	if (EFI_ERROR(status)) {
		console_line("partition %s: %s: expected a readable file %s "
			     "on the volume of BOOTX64.EFI, found: %s",
			     config->name, key, path, found);
	}
	return status;
}

static EFI_STATUS check_image(const struct config_partition *config,
			      const struct handoff_partition *partition)
{
	static struct image_plan plan;
	struct image_input input = {
		.image = memory_pointer(partition->image.base),
		.image_len = partition->image.len,
		.initrd_len = partition->initrd.len,
		.cmdline_len = length(config->cmdline),
		.memory = config->memory,
		.vp_count = config->vps,
	};
	const char *why;
	enum err err;

	err = image_plan(&plan, &input, &why);
	if (err != ERR_OK) {
		console_line("partition %s: image %s: %s", config->name,
			     config->image, why);
		return EFI_LOAD_ERROR;
	}
	return EFI_SUCCESS;
}

static EFI_STATUS load_symbols(const struct config_partition *config,
			       struct handoff_partition *partition)
{
	if (config_symbols_are_image(config)) {
		partition->symbols = partition->image;
	} else if (config->symbols[0]) {
		return load_file(config, "symbols", config->symbols,
				 &partition->symbols);
	}
	return EFI_SUCCESS;
}

static EFI_STATUS load_partition(const struct config_partition *config,
				 struct handoff_partition *partition)
{
	EFI_STATUS status =
		load_file(config, "image", config->image, &partition->image);

	if (!EFI_ERROR(status) && config->initrd[0]) {
		status = load_file(config, "initrd", config->initrd,
				   &partition->initrd);
	}
	if (!EFI_ERROR(status)) {
		status = load_symbols(config, partition);
	}
	if (!EFI_ERROR(status)) {
		status = check_image(config, partition);
	}
	if (EFI_ERROR(status)) {
		return status;
	}
	if (!memory_take_zeroed(config->memory, LARGE_PAGE, MEMORY_ANYWHERE,
				&partition->memory)) {
		console_line("partition %s: memory: expected %llu MiB free in "
			     "one piece, found %llu MiB at most; ask for less",
			     config->name, config->memory / MIB,
			     services_largest(LARGE_PAGE, MEMORY_ANYWHERE) /
				     MIB);
		return EFI_OUT_OF_RESOURCES;
	}
	console_line("partition %s: vps=%u memory=%lluM image=%s len=%lu",
		     config->name, config->vps, config->memory / MIB,
		     config->image, partition->image.len);
	return EFI_SUCCESS;
}

EFI_STATUS partitions_load(struct handoff *handoff)
{
	EFI_STATUS status = EFI_SUCCESS;

	for (u32 i = 0; i < handoff->config.partition_count; i++) {
		if (EFI_ERROR(status)) {
			break;
		}
		status = load_partition(&handoff->config.partition[i],
					&handoff->partition[i]);
	}
	return status;
}
