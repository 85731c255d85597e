/* SPDX-License-Identifier: MIT */
/*
 * What the debug console prints: raw bytes in a ring of their own, which go
 * before all lines. One writer at a time: the boot CPU in root mode, or the CPU
 * that runs a command and was handed the answer.
 */
#ifndef HV_CORE_CONSOLE_ANSWER_H
#define HV_CORE_CONSOLE_ANSWER_H

#include "base/types.h"

#define CONSOLE_ANSWER_SIZE (8u << 10)

/* Free bytes. */
size_t console_answer_room(void);

/* Appends bytes as they are; what has no room is dropped. */
void console_answer_put(const char *text, size_t len);

/* True while bytes wait. Any state. */
bool console_answer_pending(void);

/*
 * True if lines were printed below an answer that did not end with "\n", such
 * as a prompt and what is typed: the writer prints it again. The next
 * console_answer_put() makes it false.
 */
bool console_answer_is_hidden(void);

/*
 * What is put next answers a line whose end came at `since` or later, TSC, not
 * 0: the time until its first byte is sent counts. One at a time, others are
 * not counted. Boot CPU.
 */
void console_answer_begins(u64 since);

/* TSC ticks of that kind, the most so far; and since it was asked last. */
u64 console_answer_latest(void);
u64 console_answer_latest_recent(void);

/* For the drainer: takes the oldest byte; notes that lines follow. */
bool console_answer_take(char *byte);
void console_answer_hide(void);

#endif
