/* SPDX-License-Identifier: MIT */
/*
 * The console's lines: formatted into rooms in memory, sent to COM1 by
 * log_drain() from places where waiting harms nobody. Line format, stable:
 * `[cpu] area: message key=value key=value`.
 */
#ifndef HV_CORE_CONSOLE_LOG_H
#define HV_CORE_CONSOLE_LOG_H

#include "base/types.h"

/*
 * Formats one line (without "\n") and appends it. Conversions: %s %c %u %d %x
 * with optional l/ll, width and 0 flag; %% . If `area` is the name of a
 * partition (log_room_open()), the line follows that guest's lines, else it has
 * a room that no guest can fill. A line that does not fit is dropped and
 * counted; the count is printed when there is room again. Takes the log lock:
 * never call it with the run word or flush_seq odd, or in the NMI handler.
 */
void log_line(const char *area, const char *fmt, ...) __printf(2, 3);

/*
 * The same for the lines that end a partition's life: they have room even if
 * other lines about it have used up theirs.
 */
void log_last_line(const char *name, const char *fmt, ...) __printf(2, 3);

/*
 * Appends one line of guest output as `name| text`. `text` needs no final 0;
 * bytes outside 0x20-0x7e and TAB are printed as \xNN. Returns false, with
 * nothing appended, if the room has no space for it now. `last`: the guest has
 * stopped, the line may use what is kept free for the hypervisor's lines.
 */
bool log_guest_line(const char *name, const char *text, size_t len, bool last);

/*
 * Sends up to `max` bytes to the UART, as long as it takes them without
 * waiting. Does nothing if another CPU is draining.
 */
void log_drain(size_t max);

/* True if bytes wait. Callable in any state. */
bool log_pending(void);

/* For a selftest: takes lock and drain flag, and keeps them. */
void log_seize(void);

/*
 * For the CPU that panicked, once all others have stopped: the CPU that drained
 * is one of them, or this one, and drains no more.
 */
void log_take_over(void);

/* Sends all that waits now and waits for the UART: before launch and power-off.
 */
void log_flush(void);

/*
 * Sends the rest of a line that is under way; from then on log_drain() sends
 * nothing on any CPU, so that the caller can write to the UART itself. Waits
 * for a CPU that drains, and gives up on one that never ends. Before power-off,
 * with other CPUs still running.
 */
void log_close(void);

#endif
