/* SPDX-License-Identifier: MIT */
/*
 * Gathers the bytes that a guest sends to lines. CR is ignored, LF ends a line,
 * and a line that reaches GUEST_LINE_MAX bytes is cut there. Calls nothing and
 * takes no lock; the power-on state is all 0.
 */
#ifndef HV_CORE_EMULATE_GUEST_LINE_H
#define HV_CORE_EMULATE_GUEST_LINE_H

#include "core/state/guest_line.h"

/* Adds a byte, which may complete the line. Pre: the line is not done. */
void guest_line_put(struct guest_line *line, u8 byte);

/* Completes a line that has begun: no more bytes follow. */
void guest_line_end(struct guest_line *line);

/* Begins the next line; the text is gone. */
void guest_line_next(struct guest_line *line);

#endif
