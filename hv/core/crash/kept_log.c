/* SPDX-License-Identifier: MIT */
/*
 * A ring of bytes whose sums are right after each byte, because the machine may
 * be reset at any time.
 */
#include "core/crash/kept_log.h"

#include "common/lib/mem.h"

static struct crash_log *area; /* NULL: none */
static bool recording;
static struct kept_log_before before;

static u64 sum_of(const struct crash_log *log)
{
	u64 sum = 0;

	for (u32 i = 0; i < CRASH_LOG_TEXT_LEN; i++) {
		sum += (u64)log->text[i] * (i + 1);
	}
	return sum;
}

/* Odd factors: a change of one field always changes the result. */
static u64 check_of(const struct crash_log *log)
{
	return log->magic + log->put * 3 + log->sum * 5 + log->boots * 7ull +
	       log->panics * 11ull;
}

static bool is_valid(const struct crash_log *log)
{
	return log->magic == CRASH_LOG_MAGIC && log->check == check_of(log) &&
	       log->sum == sum_of(log);
}

struct kept_log_before kept_log_open(struct crash_log *from)
{
	area = from;
	recording = false;
	before = (struct kept_log_before){0};
	if (area == NULL || !is_valid(area)) {
		return before;
	}
	before.boots = area->boots;
	before.panics = area->panics;
	before.len = area->put < CRASH_LOG_TEXT_LEN ? (u32)area->put
						    : CRASH_LOG_TEXT_LEN;
	return before;
}

size_t kept_log_line(u32 *at, char *to, size_t room, bool *more)
{
	size_t len = 0;

	*more = *at < before.len;
	while (*at < before.len) {
		u64 place = area->put - before.len + *at;
		u8 byte = area->text[place % CRASH_LOG_TEXT_LEN];

		(*at)++;
		if (byte == '\n') {
			break;
		}
		if (len < room) {
			to[len++] = (char)byte;
		}
	}
	return len;
}

void kept_log_begin(void)
{
	if (area == NULL) {
		return;
	}
	memset(area, 0, sizeof(*area));
	area->magic = CRASH_LOG_MAGIC;
	area->boots = before.boots + 1;
	area->panics = before.panics;
	area->check = check_of(area);
	before.len = 0;
	recording = true;
}

void kept_log_put(u8 byte)
{
	if (!recording) {
		return;
	}
	u32 place = (u32)(area->put % CRASH_LOG_TEXT_LEN);
	u64 factor = place + 1;

	area->sum += byte * factor - area->text[place] * factor;
	area->text[place] = byte;
	area->put++;
	area->check = check_of(area);
}

u32 kept_log_panicked(bool alone)
{
	if (!recording) {
		return 0;
	}
	area->panics = alone ? 1 : before.panics + 1;
	/* a CPU may have stopped in the middle of kept_log_put() */
	area->sum = sum_of(area);
	area->check = check_of(area);
	return area->panics;
}

u32 kept_log_panics(void)
{
	return before.panics;
}

void kept_log_forget(void)
{
	if (recording) {
		recording = false;
		area->magic = ~CRASH_LOG_MAGIC;
	}
}
