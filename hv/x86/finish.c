/* SPDX-License-Identifier: MIT */
/* The regular end of a run: the last console line, then power-off. */
#include "common/lib/format.h"
#include "core/console/log.h"
#include "core/port/port.h"
#include "x86/panic.h"
#include "x86/poweroff.h"
#include "x86/serial.h"
#include "x86/steps.h"

static __attribute__((format(printf, 3, 4))) size_t line(char *to, size_t room,
							 const char *fmt, ...)
{
	va_list args;
	size_t len;

	va_start(args, fmt);
	len = log_format(to, room, fmt, args);
	va_end(args);
	return len;
}

void port_finish(u32 exit_code, const char *reason)
{
	char text[96];
	size_t len = line(text, sizeof(text), "exit code=%u reason=%s\n",
			  exit_code, reason);

	panic_check();
	steps_report();
	log_flush();
	for (size_t i = 0; i < len; i++) {
		serial_put_wait((u8)text[i]);
	}
	serial_finish();
	poweroff_now();
}
