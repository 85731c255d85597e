/* SPDX-License-Identifier: MIT */
/* The regular end of a run: the last console line, then power-off. */
#include "common/lib/format.h"
#include "core/console/log.h"
#include "core/console/raw.h"
#include "core/crash/kept_log.h"
#include "core/port/port.h"
#include "x86/panic.h"
#include "x86/panic_stop.h"
#include "x86/poweroff.h"
#include "x86/reset.h"
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

void port_restart(void)
{
	log_close();
	serial_end_line();
	kept_log_forget();
	reset_now();
}

void port_finish(u32 exit_code, const char *reason)
{
	char text[96];
	size_t len;

	panic_check();
	if (panic_stop_owner != 0) {
		/* `poweroff` on the console after this CPU's panic */
		exit_code = 255;
		reason = "panic";
	}
	len = line(text, sizeof(text), "exit code=%u reason=%s\n", exit_code,
		   reason);
	steps_report();
	raw_flush();
	log_flush();
	log_close();
	serial_end_line();
	for (size_t i = 0; i < len; i++) {
		serial_put_wait((u8)text[i]);
	}
	serial_finish();
	kept_log_forget();
	poweroff_now();
}
