/* SPDX-License-Identifier: MIT */
/*
 * The loader's lines, on the firmware's text console. Firmware with a serial
 * console sends the same text there.
 */
#ifndef BOOT_CONSOLE_H
#define BOOT_CONSOLE_H

#include "base/types.h"

/*
 * Prints "lethe: ", the text and an end of line. Conversions: those of
 * log_format(). Only while boot services run. Text beyond 500 characters is cut
 * off.
 */
void console_line(const char *fmt, ...) __printf(1, 2);

/* Prints the first line: name, version and commit of the loader. */
void console_banner(void);

#endif
