/* SPDX-License-Identifier: MIT */
/*
 * The firmware as the loader sees it: the tables that efi_main() was given and
 * the two ways to find something in them.
 */
#ifndef BOOT_FIRMWARE_H
#define BOOT_FIRMWARE_H

#include <efi.h>

struct firmware {
	EFI_HANDLE image;
	EFI_SYSTEM_TABLE *table;
	EFI_BOOT_SERVICES *services;
};

/* Written once by efi_main(), before anything else of the loader runs */
extern struct firmware firmware;

/* The only instance of a protocol, or NULL. */
void *firmware_protocol(const EFI_GUID *guid);

/* A protocol that sits on `handle`, or NULL. */
void *firmware_protocol_of(EFI_HANDLE handle, const EFI_GUID *guid);

/* A vendor table of the configuration table (ACPI, …), or NULL. */
const void *firmware_table(const EFI_GUID *guid);

/* Words for the EFI_STATUS values that a loader meets; "error" for the rest. */
const char *firmware_status(EFI_STATUS status);

#endif
