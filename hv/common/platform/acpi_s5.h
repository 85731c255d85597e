/* SPDX-License-Identifier: MIT */
/* Power-off: the package \_S5 in the AML of a DSDT. */
#ifndef HV_COMMON_PLATFORM_ACPI_S5_H
#define HV_COMMON_PLATFORM_ACPI_S5_H

#include "common/platform/acpi.h"

/* The two SLP_TYP values of \_S5 in a DSDT; false if none is found */
bool acpi_s5_find(const struct acpi_memory *memory, struct acpi_table dsdt,
		  u8 slp_typ[2]);

#endif
