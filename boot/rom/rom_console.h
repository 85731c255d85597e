/* SPDX-License-Identifier: MIT */
/* The ROM loader's lines, on COM1, and its way to end the emulator. */
#ifndef BOOT_ROM_ROM_CONSOLE_H
#define BOOT_ROM_ROM_CONSOLE_H

#include "base/types.h"

/* COM1 at 115200 baud, 8N1, FIFOs on, no interrupts; prints the first line. */
void rom_console_start(void);

/* Prints "lethe: ", the text and an end of line; log_format() conversions. */
void rom_console_line(const char *fmt, ...) __printf(1, 2);

/*
 * Says why nothing was started, in the same way; the last line is always
 * "lethe: nothing started". Powers off.
 */
void rom_console_refuse(const char *fmt, ...) __printf(1, 2)
	__attribute__((noreturn));

#endif
