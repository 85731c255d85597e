/* SPDX-License-Identifier: MIT */
/*
 * The console's lines: formatted into a memory ring, sent to the UART by
 * log_drain() from places where waiting harms nobody. Line format, stable:
 * `[cpu] area: message key=value key=value`.
 */
#ifndef HV_CORE_CONSOLE_LOG_H
#define HV_CORE_CONSOLE_LOG_H

#include "base/types.h"

/*
 * Formats one line (without "\n") and appends it. Conversions: %s %c %u %d %x
 * with optional l/ll, width and 0 flag; %% . A line that does not fit into the
 * ring is dropped and counted; the count is printed when there is room again.
 * Takes the log lock: never call it with the run word or flush_seq odd, or in
 * the NMI handler.
 */
void log_line(const char *area, const char *fmt, ...) __printf(2, 3);

/*
 * Appends one line of guest output as `name| text`. `text` needs no final 0;
 * bytes outside 0x20-0x7e and TAB are printed as \xNN. Returns false, with
 * nothing appended, if the ring has no room for it now.
 */
bool log_guest_line(const char *name, const char *text, size_t len);

/*
 * Sends up to `max` bytes from the ring to the UART, as long as it takes them
 * without waiting. Does nothing if another CPU is draining.
 */
void log_drain(size_t max);

/* True if bytes wait in the ring. Callable in any state. */
bool log_pending(void);

/* Sends all of the ring and waits for the UART: before launch and power-off. */
void log_flush(void);

#endif
