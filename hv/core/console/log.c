/* SPDX-License-Identifier: MIT */
/*
 * Lines of the console: appending to the rooms and draining them. A line is
 * appended as a whole or not at all; waiting for the UART happens in
 * log_flush() only.
 */
#include "core/console/log.h"

#include "common/lib/format.h"
#include "common/lib/mem.h"
#include "core/console/answer.h"
#include "core/console/log_room.h"
#include "core/console/log_sender.h"
#include "core/port/port.h"
#include "core/state/lock.h"

#define LOG_GUEST_MARK "| " /* after the name of the partition */

#define LINE_MAX 512u

/* What stays free of a room, so that lines of less weight do not use it up */
#define RESERVE_GUEST 4096u /* after a line of a guest */
#define RESERVE_OURS  2048u /* after a line of the hypervisor, but the last */

/* Attempts without progress before log_flush() gives up */
#define PATIENCE (1u << 20)

static struct {
	struct lock lock;
	u32 draining; /* any CPU, atomic: 1 while a CPU drains */
} console;

static const char hex[] = "0123456789abcdef";

/* A line that is being put together after the put position of its room. */
struct line {
	struct log_room *room; /* NULL: only count */
	size_t len;
};

static void line_add(struct line *line, char byte)
{
	if (line->room != NULL) {
		log_room_put(line->room, line->len, byte);
	}
	line->len++;
}

/* Escapes bytes that would break the line format or the terminal. */
static void line_add_text(struct line *line, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		u8 byte = (u8)text[i];

		if ((byte >= 0x20 && byte <= 0x7e) || byte == '\t') {
			line_add(line, text[i]);
			continue;
		}
		line_add(line, '\\');
		line_add(line, 'x');
		line_add(line, hex[byte >> 4]);
		line_add(line, hex[byte & 0xf]);
	}
}

struct parts {
	const char *name; /* of the guest that speaks; NULL: the hypervisor */
	const char *text;
	size_t text_len;
};

static size_t text_len(const char *text)
{
	size_t len = 0;

	while (text[len] != 0) {
		len++;
	}
	return len;
}

/* With `room` NULL the line is measured only. */
static size_t line_build(const struct parts *parts, struct log_room *room)
{
	struct line line = {.room = room};

	if (parts->name != NULL) {
		line_add_text(&line, parts->name, text_len(parts->name));
		line_add_text(&line, LOG_GUEST_MARK,
			      sizeof(LOG_GUEST_MARK) - 1);
	}
	line_add_text(&line, parts->text, parts->text_len);
	line_add(&line, '\n');
	return line.len;
}

/* Pre: the log lock is held. */
static bool append_locked(struct log_room *room, const struct parts *parts,
			  size_t reserve)
{
	/* escapes only make it longer: while a guest waits for room, each of
	   its accesses comes here */
	if (!log_room_fits(room, parts->text_len + 1, reserve) ||
	    !log_room_fits(room, line_build(parts, NULL), reserve)) {
		return false;
	}
	log_room_commit(room, line_build(parts, room),
			parts->name == NULL ? 0 : text_len(parts->name));
	return true;
}

static __printf(3, 4) size_t format(char *to, size_t room, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	size_t len = log_format(to, room, fmt, args);

	va_end(args);
	return len;
}

/*
 * Appends a line that says how many lines were dropped, if `reserve` bytes
 * remain after it. Pre: the log lock is held.
 */
static void report_dropped_locked(struct log_room *room, size_t reserve)
{
	char text[64];

	if (room->dropped == 0) {
		return;
	}
	struct parts parts = {
		.text = text,
		.text_len = format(text, sizeof(text),
				   "[%u] log: dropped lines=%lu",
				   port_cpu_number(), room->dropped),
	};

	if (append_locked(room, &parts, reserve)) {
		room->dropped = 0;
	}
}

static void append_ours(const char *area, const struct parts *parts,
			size_t reserve)
{
	struct log_room *room = log_room_of(area);

	lock_acquire(&console.lock);
	report_dropped_locked(room, line_build(parts, NULL) + LOG_ROOM_HEADER +
					    reserve);
	/* No line may be appended before the loss of earlier ones is
	   reported */
	if (room->dropped != 0 || !append_locked(room, parts, reserve)) {
		room->dropped++;
	}
	lock_release(&console.lock);
}

/* `[cpu] area: ` and the formatted text. `reserve` as for append_locked(). */
static void print_ours(const char *area, size_t reserve, const char *fmt,
		       va_list args)
{
	char text[LINE_MAX];
	struct parts parts = {.text = text};
	size_t len =
		format(text, LINE_MAX, "[%u] %s: ", port_cpu_number(), area);

	parts.text_len =
		len + log_format(text + len, LINE_MAX - len, fmt, args);
	append_ours(area, &parts, reserve);
}

void log_line(const char *area, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_ours(area, log_room_of(area)->name == NULL ? 0 : RESERVE_OURS,
		   fmt, args);
	va_end(args);
}

void log_last_line(const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_ours(name, 0, fmt, args);
	va_end(args);
}

bool log_guest_line(const char *name, const char *text, size_t len, bool last)
{
	struct parts parts = {.name = name, .text = text, .text_len = len};

	lock_acquire(&console.lock);
	bool ok = append_locked(log_room_of(name), &parts,
				last ? RESERVE_OURS : RESERVE_GUEST);

	lock_release(&console.lock);
	return ok;
}

/* Pre: this CPU drains. */
static void drain(size_t max)
{
	char byte;

	for (size_t sent = 0;
	     sent < max && log_sender_pending() &&
	     port_uart_can_put(PORT_UART_COM1) && log_sender_next(&byte);
	     sent++) {
		port_uart_put(PORT_UART_COM1, (u8)byte);
	}
}

void log_drain(size_t max)
{
	/* Acquire and release: pair with each other on the next drainer */
	if (!log_sender_pending() ||
	    __atomic_exchange_n(&console.draining, 1, __ATOMIC_ACQUIRE) != 0) {
		return;
	}
	drain(max);
	__atomic_store_n(&console.draining, 0, __ATOMIC_RELEASE);
}

void log_seize(void)
{
	lock_acquire(&console.lock);
	while (__atomic_exchange_n(&console.draining, 1, __ATOMIC_ACQUIRE)) {
		port_pause();
	}
}

void log_take_over(void)
{
	__atomic_store_n(&console.draining, 0, __ATOMIC_RELAXED);
}

/* Sends until `room` has come to `end`. */
static void flush_room(const struct log_room *room, u64 end)
{
	u32 fruitless = 0;

	while (fruitless < PATIENCE && !port_panicking()) {
		u64 taken = log_ring_taken(&room->ring);

		if ((s64)(end - taken) <= 0) {
			break;
		}
		log_drain(LINE_MAX);
		fruitless = log_ring_taken(&room->ring) != taken
				    ? 0
				    : fruitless + 1;
		port_pause();
	}
}

/*
 * Sends only what is in the rooms now, because another CPU may never stop
 * printing; of a line that is under way, all.
 */
void log_flush(void)
{
	for (u32 i = 0; log_room_at(i) != NULL; i++) {
		const struct log_room *room = log_room_at(i);

		flush_room(room, log_ring_end(&room->ring));
	}
	for (u32 i = 0; i < PATIENCE && console_answer_pending(); i++) {
		log_drain(LINE_MAX);
	}
}

void log_close(void)
{
	u32 fruitless = 0;

	while (__atomic_exchange_n(&console.draining, 1, __ATOMIC_ACQUIRE)) {
		if (++fruitless == PATIENCE || port_panicking()) {
			return;
		}
		port_pause();
	}
	for (fruitless = 0; fruitless < PATIENCE && log_sender_in_line();
	     fruitless++) {
		drain(1);
		port_pause();
	}
}

bool log_pending(void)
{
	return log_sender_pending();
}
