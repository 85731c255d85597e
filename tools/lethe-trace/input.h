/* SPDX-License-Identifier: MIT */
/* The log of a console: a file, or what comes on stdin. */
#ifndef TOOLS_LETHE_TRACE_INPUT_H
#define TOOLS_LETHE_TRACE_INPUT_H

#include "base/types.h"

#define INPUT_MAX GIB /* bytes of a log */

struct input {
	char *bytes;
	size_t len;
};

/* All of a file; "-" is stdin. Ends the program if it cannot be read. */
struct input input_read(const char *path);

#endif
