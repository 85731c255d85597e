/* SPDX-License-Identifier: MIT */
/*
 * MP Services, which GNU-EFI does not describe. UEFI Platform Initialization
 * Specification, volume 2, "MP Services Protocol": the part that the loader
 * calls; members it does not call are placeholders.
 */
#ifndef BOOT_MP_H
#define BOOT_MP_H

#include <efi.h>

#define MP_SERVICES_GUID                                                       \
	{                                                                      \
		0x3fdda605, 0xa76e, 0x4f46,                                    \
		{                                                              \
			0xad, 0x29, 0x12, 0xf4, 0x53, 0x1b, 0x3d, 0x08         \
		}                                                              \
	}

/* struct mp_processor.status */
#define MP_PROCESSOR_IS_BOOT    0x1u
#define MP_PROCESSOR_IS_ENABLED 0x2u
#define MP_PROCESSOR_IS_HEALTHY 0x4u

struct mp_processor {
	UINT64 id; /* APIC ID */
	UINT32 status;
	UINT32 location[3];
	UINT32 extended_location[6];
};

_Static_assert(sizeof(struct mp_processor) == 48,
	       "PI volume 2: EFI_PROCESSOR_INFORMATION");

typedef VOID(EFIAPI *mp_procedure)(VOID *argument);

struct mp_services {
	EFI_STATUS(EFIAPI *get_count)
	(struct mp_services *self, UINTN *count, UINTN *enabled_count);
	EFI_STATUS(EFIAPI *get_processor)
	(struct mp_services *self, UINTN number, struct mp_processor *out);
	VOID *startup_all;
	EFI_STATUS(EFIAPI *startup_one)
	(struct mp_services *self, mp_procedure procedure, UINTN number,
	 EFI_EVENT wait, UINTN timeout_us, VOID *argument, BOOLEAN *finished);
	VOID *switch_boot;
	VOID *enable_disable;
	VOID *who_am_i;
};

#endif
