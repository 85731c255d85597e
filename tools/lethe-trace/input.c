/* SPDX-License-Identifier: MIT */
/* Reads to the end, since a pipe has no size. */
#include "input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

struct input input_read(const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(path, "rb");
	struct input input = {.bytes = NULL};
	size_t room = 0;
	size_t got;

	if (file == NULL) {
		say_failed("%s: expected a readable file, found: %s", path,
			   strerror(errno));
	}
	do {
		if (input.len == room) {
			room = room != 0 ? 2 * room : MIB;
			input.bytes = say_room(input.bytes, room, 1);
		}
		got = fread(&input.bytes[input.len], 1, room - input.len, file);
		input.len += got;
		if (input.len > INPUT_MAX) {
			say_failed("%s: expected at most 1 GiB, found more",
				   path);
		}
	} while (got != 0);
	if (ferror(file)) {
		say_failed("%s: expected a readable file, found: %s", path,
			   strerror(errno));
	}
	if (!is_stdin) {
		fclose(file);
	}
	return input;
}
