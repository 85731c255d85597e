/* SPDX-License-Identifier: MIT */
/*
 * The order of the bytes on COM1: answers of the debug console first, then
 * lines. One CPU at a time, the drainer, calls it.
 */
#ifndef HV_CORE_CONSOLE_LOG_SENDER_H
#define HV_CORE_CONSOLE_LOG_SENDER_H

#include "base/types.h"

/* A line of which more is left is cut for an answer. */
#define LOG_SENDER_REST 128u

/* A line's cut piece ends with ~, and its rest begins with `NAME|~ `. */
#define LOG_SENDER_CUT      "~\n"
#define LOG_SENDER_CONTINUE "|~ "

/* The next byte to send; false: nothing waits. */
bool log_sender_next(char *byte);

/* True if the last byte was of a line, and not its end. The drainer. */
bool log_sender_in_line(void);

/* True if log_sender_next() has bytes. Any state. */
bool log_sender_pending(void);

#endif
