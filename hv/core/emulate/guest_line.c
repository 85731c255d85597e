/* SPDX-License-Identifier: MIT */
/* Decides where a guest's line ends. */
#include "core/emulate/guest_line.h"

void guest_line_put(struct guest_line *line, u8 byte)
{
	if (byte == '\r') {
		return;
	}
	/* The line was cut exactly where it ended: no empty line after it */
	bool cut_end = byte == '\n' && line->len == 0 && line->split;

	line->split = false;
	if (cut_end) {
		return;
	}
	if (byte == '\n') {
		line->done = true;
	} else {
		line->text[line->len++] = (char)byte;
		line->split = line->len == GUEST_LINE_MAX;
		line->done = line->split;
	}
}

void guest_line_end(struct guest_line *line)
{
	if (line->len > 0) {
		line->done = true;
	}
}

void guest_line_next(struct guest_line *line)
{
	line->done = false;
	line->len = 0;
}
