/* SPDX-License-Identifier: MIT */
/*
 * Which CPUs the machine has, and what each of them reports about its features.
 */
#ifndef BOOT_CPUS_H
#define BOOT_CPUS_H

#include <efi.h>

#include "common/platform/caps.h"

#include "handoff.h"

struct cpus {
	u32 count;
	u32 found;   /* more than count where the machine has too many */
	u32 checked; /* caps[0 .. checked) are read; the rest hold an ID only */
	const char *source; /* "mp" or "madt" */
	struct caps_raw caps[HANDOFF_CPUS_MAX];
};

/*
 * Fills `cpus`: the boot CPU first, the others by APIC ID. `how` selects the
 * source. Prints the reason before it returns an error.
 */
EFI_STATUS cpus_find(enum config_cpus how, struct cpus *cpus);

/*
 * Compares every CPU that was read with the table of requirements and prints
 * one line for each item missing. EFI_UNSUPPORTED if there is any.
 */
EFI_STATUS cpus_check(const struct cpus *cpus);

#endif
