/* SPDX-License-Identifier: MIT */
/*
 * BOOTX64.EFI of the test guest: reads its command line, plans the kernel that
 * it carries, and enters it as a PVH loader does.
 */
#include <efi.h>

#include "common/image/image_plan.h"
#include "config.h"

#include "console.h"
#include "file.h"
#include "firmware.h"
#include "jump.h"
#include "memory.h"

#define CMDLINE_FILE    "cmdline.txt"
#define CMDLINE_DEFAULT "suite=boot"

/* payload.S */
extern const u8 payload_begin[];
extern const u8 payload_end[];

EFI_STATUS efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *table);

/* The file's first line, or the default where there is no file. */
static const char *read_cmdline(size_t *len)
{
	struct handoff_range text;
	const char *found;
	const char *line = CMDLINE_DEFAULT;
	u64 room = sizeof(CMDLINE_DEFAULT) - 1;

	if (!EFI_ERROR(file_load(CMDLINE_FILE, &text, &found))) {
		line = memory_pointer(text.base);
		room = text.len;
	}
	*len = 0;
	while (*len < room && line[*len] != '\r' && line[*len] != '\n') {
		++*len;
	}
	return line;
}

static EFI_STATUS start(void)
{
	static struct image_plan plan;
	struct image_input input = {
		.image = payload_begin,
		.image_len = (size_t)(payload_end - payload_begin),
		.memory = CONFIG_MEMORY_MAX,
	};
	size_t len;
	const char *cmdline = read_cmdline(&len);
	const char *why;
	EFI_STATUS status;

	input.cmdline = cmdline;
	input.cmdline_len = len;
	if (image_plan(&plan, &input, &why) != ERR_OK) {
		console_line("%s", why);
		return EFI_LOAD_ERROR;
	}
	status = jump_prepare(&plan, &input);
	return EFI_ERROR(status) ? status : jump(&plan);
}

EFI_STATUS efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *table)
{
	EFI_STATUS status;

	firmware = (struct firmware){handle, table, table->BootServices};
	console_banner();
	firmware.services->SetWatchdogTimer(0, 0, 0, NULL);
	status = start();
	memory_release_all();
	return status;
}
