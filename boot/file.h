/* SPDX-License-Identifier: MIT */
/* Files of the volume that the loader itself came from. */
#ifndef BOOT_FILE_H
#define BOOT_FILE_H

#include <efi.h>

#include "handoff.h"

/*
 * Reads the file `path` into memory below 4 GiB. Slashes and backslashes are
 * the same; a path that starts with neither is relative to \lethe\. On
 * success out->len is the exact length of the file. Prints nothing.
 */
EFI_STATUS file_load(const char *path, struct handoff_range *out);

#endif
