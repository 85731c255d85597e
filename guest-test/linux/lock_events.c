/* SPDX-License-Identifier: MIT */
/* Linux, Documentation/trace/ftrace.rst, "The File System", trace: a line is
 * `COMMAND-THREAD [CPU] FLAGS TICKS: EVENT: FIELDS`. */
#include "linux/lock_events.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct name {
	const char *name;
	enum lock_event_kind kind;
};

/* Events that need nothing of their fields; flush_* and split_* are probes of
 * our own. */
static const struct name names[] = {
	{"mmap_lock_start_locking", LOCK_EVENT_ASKS},
	{"mmap_lock_released", LOCK_EVENT_GIVES},
	{"flush_begin", LOCK_EVENT_FLUSHES},
	{"flush_end", LOCK_EVENT_FLUSHED},
	{"split_begin", LOCK_EVENT_SPLITS},
	{"split_end", LOCK_EVENT_SPLIT},
	{"call_function_entry", LOCK_EVENT_ANSWERS},
	{"call_function_exit", LOCK_EVENT_ANSWERED},
	{"call_function_single_entry", LOCK_EVENT_ANSWERS},
	{"call_function_single_exit", LOCK_EVENT_ANSWERED},
};

/* Whether the event at the start of the text has that name. */
static bool is_named(const char *text, const char *name)
{
	size_t len = strlen(name);

	return strncmp(text, name, len) == 0 && text[len] == ':';
}

/* The number after the first `key` in the text; 0 without it. */
static uint64_t number_after(const char *text, const char *key, int base)
{
	const char *at = strstr(text, key);

	return at == NULL ? 0 : strtoull(at + strlen(key), NULL, base);
}

/* The thread before ` [`, which ends the name of its command and a hyphen. */
static bool read_thread(const char *line, const char *bracket, uint32_t *thread)
{
	const char *end = bracket;
	const char *at;

	while (end > line && end[-1] == ' ') {
		end--;
	}
	for (at = end; at > line && at[-1] >= '0' && at[-1] <= '9'; at--) {
	}
	*thread = (uint32_t)strtoul(at, NULL, 10);
	return at < end && at > line && at[-1] == '-';
}

/* ` [000] `; the name of a command can have brackets too. */
static const char *find_cpu(const char *line)
{
	const char *at = strstr(line, " [");

	while (at != NULL && (at[2] < '0' || at[2] > '9')) {
		at = strstr(at + 2, " [");
	}
	return at;
}

/* Reads thread and ticks, and returns the event's name and what follows it;
 * NULL if the line has none. */
static const char *read_head(const char *line, struct lock_event *event)
{
	const char *bracket = find_cpu(line);
	const char *at;
	char *end;

	if (bracket == NULL || !read_thread(line, bracket, &event->thread)) {
		return NULL;
	}
	at = strstr(bracket, "] ");
	at = at == NULL ? NULL : strchr(at + 2, ' '); /* after the flags */
	if (at == NULL) {
		return NULL;
	}
	event->ticks = strtoull(at, &end, 10);
	return end > at && strncmp(end, ": ", 2) == 0 ? end + 2 : NULL;
}

static size_t read_switch(const char *fields, struct lock_event *found)
{
	found[1] = found[0];
	found[0].kind = LOCK_EVENT_OUT;
	found[1].kind = LOCK_EVENT_IN;
	found[1].thread = (uint32_t)number_after(fields, " next_pid=", 10);
	return 2;
}

/* `contention_begin: 00000000b3e0e2f5 (flags=WRITE)` */
static size_t read_contention(const char *fields, struct lock_event *found)
{
	bool begins = is_named(fields, "contention_begin");

	found->lock = number_after(fields, ": ", 16);
	found->kind = LOCK_EVENT_HAS;
	if (begins) {
		found->kind = strstr(fields, "SPIN") == NULL ? LOCK_EVENT_QUEUES
							     : LOCK_EVENT_SPINS;
	}
	return 1;
}

size_t lock_events_read(const char *line,
			struct lock_event found[LOCK_EVENTS_OF_LINE])
{
	const char *event;

	memset(found, 0, LOCK_EVENTS_OF_LINE * sizeof(*found));
	event = read_head(line, &found[0]);
	if (event == NULL) {
		return 0;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (is_named(event, names[i].name)) {
			found[0].kind = names[i].kind;
			return 1;
		}
	}
	if (is_named(event, "mmap_lock_acquire_returned")) {
		found[0].kind = strstr(event, "success=true") == NULL
					? LOCK_EVENT_FAILS
					: LOCK_EVENT_TAKES;
		return 1;
	}
	if (is_named(event, "contention_begin") ||
	    is_named(event, "contention_end")) {
		return read_contention(event, found);
	}
	return is_named(event, "sched_switch") ? read_switch(event, found) : 0;
}
