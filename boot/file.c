/* SPDX-License-Identifier: MIT */
/* Reads whole files; decides on which volume they are looked for. */
#include "file.h"

#include "common/lib/path.h"
#include "common/lib/text.h"

#include "firmware.h"
#include "memory.h"
#include "services.h"

static const EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static const EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

/*
 * UEFI, "EFI_FILE_PROTOCOL.SetPosition()": this position means the end of the
 * file
 */
#define FILE_END (~0ull)

static void path_to_utf16(CHAR16 to[PATH_ROOM], const char *path)
{
	char resolved[PATH_ROOM];
	size_t len = 0;

	path_resolve(resolved, path);
	for (; resolved[len]; len++) {
		to[len] = (CHAR16)(u8)resolved[len];
	}
	to[len] = 0;
}

static EFI_STATUS open_root(EFI_FILE_HANDLE *root)
{
	EFI_LOADED_IMAGE *image =
		firmware_protocol_of(firmware.image, &loaded_image_guid);
	EFI_FILE_IO_INTERFACE *volume;

	if (!image) {
		return EFI_UNSUPPORTED;
	}
	volume = firmware_protocol_of(image->DeviceHandle, &file_system_guid);
	if (!volume) {
		return EFI_UNSUPPORTED;
	}
	return volume->OpenVolume(volume, root);
}

/* Firmware opens folders like files, and fails only when they are read. */
static bool is_folder(EFI_FILE_HANDLE file)
{
	static union {
		EFI_FILE_INFO info;
		u8 room[1024]; /* with a name of 255 characters */
	} info;
	EFI_GUID id = EFI_FILE_INFO_ID;
	UINTN len = sizeof(info);

	return !EFI_ERROR(file->GetInfo(file, &id, &len, &info)) &&
	       (info.info.Attribute & EFI_FILE_DIRECTORY);
}

static const char *too_long(u64 len)
{
	static char words[96];
	struct text t = text_start(words, sizeof(words));

	text_dec(&t, (len + 1023) >> 10);
	text_put(&t, " KiB, and at most ");
	text_dec(&t, services_largest(PAGE_SIZE, MEMORY_BELOW_4G) >> 10);
	text_put(&t, " KiB free for it below 4 GiB");
	return words;
}

static EFI_STATUS read_all(EFI_FILE_HANDLE file, struct handoff_range *out,
			   const char **found)
{
	u64 len = 0;
	u64 done = 0;
	EFI_STATUS status = file->SetPosition(file, FILE_END);

	if (!EFI_ERROR(status)) {
		status = file->GetPosition(file, &len);
	}
	if (!EFI_ERROR(status)) {
		status = file->SetPosition(file, 0);
	}
	if (EFI_ERROR(status)) {
		return status;
	}
	if (!memory_take(len ? len : 1, PAGE_SIZE, MEMORY_BELOW_4G, out)) {
		*found = too_long(len);
		return EFI_OUT_OF_RESOURCES;
	}
	out->len = len;
	while (done < len) {
		UINTN part = len - done;

		status = file->Read(file, &part,
				    memory_pointer(out->base + done));
		if (EFI_ERROR(status)) {
			return status;
		}
		if (part == 0) {
			return EFI_VOLUME_CORRUPTED;
		}
		done += part;
	}
	return EFI_SUCCESS;
}

static EFI_STATUS open(const char *path, EFI_FILE_HANDLE *file)
{
	CHAR16 name[PATH_ROOM];
	EFI_FILE_HANDLE root;
	EFI_STATUS status = open_root(&root);

	if (EFI_ERROR(status)) {
		return status;
	}
	path_to_utf16(name, path);
	status = root->Open(root, file, name, EFI_FILE_MODE_READ, 0);
	root->Close(root);
	return status;
}

EFI_STATUS file_load(const char *path, struct handoff_range *out,
		     const char **found)
{
	EFI_FILE_HANDLE file;
	EFI_STATUS status = open(path, &file);

	*found = NULL;
	if (!EFI_ERROR(status)) {
		if (is_folder(file)) {
			*found = "a folder";
			status = EFI_UNSUPPORTED;
		} else {
			status = read_all(file, out, found);
		}
		file->Close(file);
	}
	if (!*found) {
		*found = firmware_status(status);
	}
	return status;
}
