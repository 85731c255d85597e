/* SPDX-License-Identifier: MIT */
/*
 * Applies the SDM's conditions for a VM entry to the fake VMCS: SDM 3C, "Checks
 * on VMX Controls and Host-State Area" (controls only) and "Checking and
 * Loading Guest State", for an unrestricted guest with 48-bit linear addresses.
 */
#ifndef HV_TEST_SUPPORT_ENTRY_RULES_H
#define HV_TEST_SUPPORT_ENTRY_RULES_H

#include "base/types.h"

#define ENTRY_RULES_MAXPHYADDR 46

/* Fails the running test with the name of the first rule that is broken. */
void entry_rules_check_controls(void);
void entry_rules_check_guest(void);

/* The same, as if RIP had been advanced by `bytes`. */
void entry_rules_check_guest_ahead(u64 bytes);

/* Name of the first broken rule, or NULL. */
const char *entry_rules_broken_control(void);
const char *entry_rules_broken_guest(void);

#endif
