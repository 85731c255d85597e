/* SPDX-License-Identifier: MIT */
/*
 * Lines of the console: appending to the ring and draining it. A
 * line is appended as a whole or not at all; waiting for the UART happens in
 * log_flush() only.
 */
#include "core/console/log.h"

#include "common/lib/format.h"
#include "common/lib/mem.h"
#include "core/console/log_ring.h"
#include "core/port/port.h"
#include "core/state/lock.h"

#define LINE_MAX 512u

/* Room that guest output leaves free for the hypervisor's own lines */
#define RESERVE 4096u

/* Attempts without progress before log_flush() gives up */
#define PATIENCE (1u << 20)

static struct {
	struct lock lock;
	u64 dropped;  /* under lock: lines since the last report of them */
	u32 draining; /* any CPU, atomic: 1 while a CPU drains */
	struct log_ring ring;
} console;

static const char hex[] = "0123456789abcdef";

/* A line that is being put together after the ring's put position. */
struct line {
	bool measure; /* only count, write nothing */
	size_t len;
};

static void line_add(struct line *line, char byte)
{
	if (!line->measure) {
		log_ring_put(&console.ring, line->len, byte);
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
	const char *prefix; /* a string */
	const char *text;
	size_t text_len;
};

static size_t line_build(const struct parts *parts, bool measure)
{
	struct line line = {.measure = measure};
	size_t prefix_len = 0;

	while (parts->prefix[prefix_len] != 0) {
		prefix_len++;
	}
	line_add_text(&line, parts->prefix, prefix_len);
	line_add_text(&line, parts->text, parts->text_len);
	line_add(&line, '\n');
	return line.len;
}

/* Pre: the log lock is held. */
static bool append_locked(const struct parts *parts, size_t reserve)
{
	if (line_build(parts, true) + reserve > log_ring_room(&console.ring)) {
		return false;
	}
	log_ring_commit(&console.ring, line_build(parts, false));
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
 * Appends a line that says how many lines were dropped, if `room` bytes remain
 * after it for the next line. Pre: the log lock is held.
 */
static void report_dropped_locked(size_t room)
{
	char text[64];

	if (console.dropped == 0) {
		return;
	}
	struct parts parts = {
		.prefix = "",
		.text = text,
		.text_len = format(text, sizeof(text),
				   "[%u] log: dropped lines=%lu",
				   port_cpu_number(), console.dropped),
	};

	if (append_locked(&parts, room)) {
		console.dropped = 0;
	}
}

void log_line(const char *area, const char *fmt, ...)
{
	char text[LINE_MAX];
	va_list args;

	size_t len = format(text, sizeof(text), "[%u] %s: ", port_cpu_number(),
			    area);

	va_start(args, fmt);
	len += log_format(text + len, sizeof(text) - len, fmt, args);
	va_end(args);

	struct parts parts = {.prefix = "", .text = text, .text_len = len};

	lock_acquire(&console.lock);
	report_dropped_locked(line_build(&parts, true));
	/* No line may be appended before the loss of earlier ones is
	   reported */
	if (console.dropped != 0 || !append_locked(&parts, 0)) {
		console.dropped++;
	}
	lock_release(&console.lock);
}

bool log_guest_line(const char *name, const char *text, size_t len)
{
	char prefix[64];
	struct parts parts = {.prefix = prefix, .text = text, .text_len = len};

	(void)format(prefix, sizeof(prefix), "%s| ", name);
	lock_acquire(&console.lock);
	bool ok = append_locked(&parts, RESERVE);

	lock_release(&console.lock);
	return ok;
}

/* Pre: this CPU drains. Returns the number of bytes sent. */
static size_t drain(size_t max)
{
	size_t sent = 0;

	while (sent < max && log_ring_used(&console.ring) > 0 &&
	       port_uart_can_put()) {
		port_uart_put((u8)log_ring_first(&console.ring));
		log_ring_drop_first(&console.ring);
		sent++;
	}
	return sent;
}

void log_drain(size_t max)
{
	/* Acquire and release: pair with each other on the next drainer */
	if (log_ring_used(&console.ring) == 0 ||
	    __atomic_exchange_n(&console.draining, 1, __ATOMIC_ACQUIRE) != 0) {
		return;
	}
	(void)drain(max);
	__atomic_store_n(&console.draining, 0, __ATOMIC_RELEASE);
}

/*
 * Sends only what is in the ring now, because another CPU may never stop
 * printing.
 */
void log_flush(void)
{
	u64 end = __atomic_load_n(&console.ring.put, __ATOMIC_ACQUIRE);
	u32 fruitless = 0;

	while (fruitless < PATIENCE && !port_panicking()) {
		u64 taken =
			__atomic_load_n(&console.ring.taken, __ATOMIC_ACQUIRE);

		if ((s64)(end - taken) <= 0) {
			break;
		}
		log_drain((size_t)(end - taken));
		if (__atomic_load_n(&console.ring.taken, __ATOMIC_ACQUIRE) !=
		    taken) {
			fruitless = 0;
			continue;
		}
		fruitless++;
		port_pause();
	}
}

bool log_pending(void)
{
	return log_ring_used(&console.ring) != 0;
}
