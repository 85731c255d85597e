/* SPDX-License-Identifier: MIT */
/* Files of the volume that the loader itself came from. */
#ifndef BOOT_FILE_H
#define BOOT_FILE_H

#include <efi.h>

#include "handoff.h"

/*
 * Reads the file `path` into memory below 4 GiB; common/lib/path.h defines what
 * a path means. On success out->len is the exact length of the file. After an
 * error *found describes what is there instead. Prints nothing.
 */
EFI_STATUS file_load(const char *path, struct handoff_range *out,
		     const char **found);

#endif
