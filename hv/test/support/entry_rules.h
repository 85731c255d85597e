/* SPDX-License-Identifier: MIT */
/*
 * The SDM's conditions for a VM entry, applied to the fake VMCS. SDM 3C,
 * "Checks on VMX Controls and Host-State Area" (controls only) and "Checking
 * and Loading Guest State"; unrestricted guest, 48-bit addresses.
 */
#ifndef HV_TEST_SUPPORT_ENTRY_RULES_H
#define HV_TEST_SUPPORT_ENTRY_RULES_H

#include "base/types.h"

#define ENTRY_RULES_MAXPHYADDR 46

/* Fails the running test with the name of the first rule that is broken. */
void entry_rules_check_controls(void);
void entry_rules_check_guest(void);

/* The same once RIP has been advanced by so many bytes. */
void entry_rules_check_guest_ahead(u64 bytes);

/* Name of the first broken rule, or NULL. */
const char *entry_rules_broken_control(void);
const char *entry_rules_broken_guest(void);

#endif
