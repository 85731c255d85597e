/* SPDX-License-Identifier: MIT */
/* Look-ups in the firmware's tables; decides nothing. */
#include "firmware.h"

#include "base/types.h"
#include "common/lib/mem.h"

struct firmware firmware;

/* GNU-EFI's prototypes lack const; the firmware only reads a GUID. */
static EFI_GUID *unconst(const EFI_GUID *guid)
{
	return (EFI_GUID *)(uintptr_t)guid;
}

void *firmware_protocol(const EFI_GUID *guid)
{
	void *interface = NULL;

	if (EFI_ERROR(firmware.services->LocateProtocol(unconst(guid), NULL,
							&interface))) {
		return NULL;
	}
	return interface;
}

void *firmware_protocol_of(EFI_HANDLE handle, const EFI_GUID *guid)
{
	void *interface = NULL;

	if (EFI_ERROR(firmware.services->HandleProtocol(handle, unconst(guid),
							&interface))) {
		return NULL;
	}
	return interface;
}

const void *firmware_table(const EFI_GUID *guid)
{
	for (UINTN i = 0; i < firmware.table->NumberOfTableEntries; i++) {
		EFI_CONFIGURATION_TABLE *entry =
			&firmware.table->ConfigurationTable[i];

		if (memcmp(&entry->VendorGuid, guid, sizeof(*guid)) == 0) {
			return entry->VendorTable;
		}
	}
	return NULL;
}

static const struct {
	EFI_STATUS status;
	const char *text;
} status_names[] = {
	{EFI_SUCCESS, "success"},
	{EFI_INVALID_PARAMETER, "invalid parameter"},
	{EFI_UNSUPPORTED, "unsupported"},
	{EFI_NOT_READY, "not ready"},
	{EFI_DEVICE_ERROR, "device error"},
	{EFI_OUT_OF_RESOURCES, "out of resources"},
	{EFI_VOLUME_CORRUPTED, "volume corrupted"},
	{EFI_NO_MEDIA, "no media"},
	{EFI_NOT_FOUND, "not found"},
	{EFI_ACCESS_DENIED, "access denied"},
	{EFI_TIMEOUT, "timeout"},
};

const char *firmware_status(EFI_STATUS status)
{
	for (size_t i = 0; i < ARRAY_SIZE(status_names); i++) {
		if (status_names[i].status == status) {
			return status_names[i].text;
		}
	}
	return "error";
}
