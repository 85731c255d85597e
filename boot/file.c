/* SPDX-License-Identifier: MIT */
/* Path conversion and whole-file reads; decides which volume is ours. */
#include "file.h"

#include "base/types.h"

#include "firmware.h"
#include "memory.h"

static const EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static const EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

#define FOLDER     "\\lethe\\"
#define FOLDER_LEN (sizeof(FOLDER) - 1)
#define PATH_MAX   (FOLDER_LEN + CONFIG_PATH_MAX)

/* UEFI, "EFI_FILE_PROTOCOL.SetPosition()": this one means the end */
#define FILE_END (~0ull)

static void path_to_utf16(CHAR16 *to, const char *path)
{
	size_t len = 0;

	if (path[0] != '\\' && path[0] != '/') {
		for (; len < FOLDER_LEN; len++) {
			to[len] = (CHAR16)FOLDER[len];
		}
	}
	for (; *path && len < PATH_MAX - 1; path++) {
		to[len++] = *path == '/' ? '\\' : (CHAR16)(u8)*path;
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

static EFI_STATUS read_all(EFI_FILE_HANDLE file, struct handoff_range *out)
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

EFI_STATUS file_load(const char *path, struct handoff_range *out)
{
	CHAR16 name[PATH_MAX];
	EFI_FILE_HANDLE root;
	EFI_FILE_HANDLE file;
	EFI_STATUS status = open_root(&root);

	if (EFI_ERROR(status)) {
		return status;
	}
	path_to_utf16(name, path);
	status = root->Open(root, &file, name, EFI_FILE_MODE_READ, 0);
	if (!EFI_ERROR(status)) {
		status = read_all(file, out);
		file->Close(file);
	}
	root->Close(root);
	return status;
}
