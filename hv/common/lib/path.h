/* SPDX-License-Identifier: MIT */
/*
 * Paths as lethe.conf may write them, in one form: from the root of the volume
 * on, with backslashes, as UEFI wants them. Both loaders find files by it.
 */
#ifndef HV_COMMON_LIB_PATH_H
#define HV_COMMON_LIB_PATH_H

#include "base/types.h"
#include "config.h" /* include/config.h */

#define PATH_FOLDER "\\lethe\\" /* where relative paths start */

/* With the final 0: the folder and the longest path of lethe.conf */
#define PATH_ROOM (sizeof(PATH_FOLDER) - 1 + CONFIG_PATH_MAX)

/*
 * Writes the absolute path that `path` means. Slashes and backslashes are the
 * same, and several of them are one; `.` and `..` are resolved, and `..` of the
 * root is the root.
 * Pre: `path` is shorter than CONFIG_PATH_MAX.
 */
void path_resolve(char to[PATH_ROOM], const char *path);

/*
 * True if both name one file: the case of ASCII letters is ignored, as on FAT.
 */
bool path_is_same(const char *a, const char *b);

/* Whether the resolved `path` lies inside the resolved `folder`. */
bool path_is_inside(const char *path, const char *folder);

#endif
