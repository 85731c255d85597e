/* SPDX-License-Identifier: MIT */
/* Turns format and arguments into one UTF-16 line for the firmware. */
#include "console.h"

#include <efi.h>
#include <stdarg.h>

#include "commit.h"
#include "common/lib/format.h"

#include "firmware.h"

/* boot/guest/, another application, defines its own */
#ifndef CONSOLE_NAME
#define CONSOLE_NAME "lethe"
#endif

#define PREFIX     CONSOLE_NAME ": "
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define LINE_ROOM  (PREFIX_LEN + 501)

/* The firmware needs CR, LF and a final 16-bit 0 after the text. */
static void send(const char *text, size_t len)
{
	static CHAR16 wide[LINE_ROOM + 2];
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = firmware.table->ConOut;

	for (size_t i = 0; i < len; i++) {
		wide[i] = (CHAR16)(u8)text[i];
	}
	wide[len] = '\r';
	wide[len + 1] = '\n';
	wide[len + 2] = 0;
	if (out) {
		out->OutputString(out, wide);
	}
}

void console_line(const char *fmt, ...)
{
	static char text[LINE_ROOM] = PREFIX;
	size_t len;
	va_list args;

	va_start(args, fmt);
	len = log_format(text + PREFIX_LEN, LINE_ROOM - PREFIX_LEN, fmt, args);
	va_end(args);
	send(text, PREFIX_LEN + len);
}

void console_banner(void)
{
	static const char text[] = CONSOLE_NAME
		" " LETHE_VERSION " commit " LETHE_COMMIT ": loader uefi";

	send(text, sizeof(text) - 1);
}
