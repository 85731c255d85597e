/* SPDX-License-Identifier: MIT */
/* The debug console's ring. */
#include "core/console/answer.h"

#include "core/console/log_ring.h"
#include "core/port/port.h"

static char bytes[CONSOLE_ANSWER_SIZE];
static struct log_ring ring = {.bytes = bytes, .size = sizeof(bytes)};

/* Any CPU, atomic */
static bool hidden;

/* The answer whose first byte is waited for */
static struct {
	u64 since; /* atomic; hands the next one over; 0: none */
	u64 at;    /* position in the ring */
} first;

/* Written by the drainer, read as hints */
static u64 latest;
static u64 recent;

size_t console_answer_room(void)
{
	return log_ring_room(&ring);
}

void console_answer_put(const char *text, size_t len)
{
	size_t room = log_ring_room(&ring);

	len = len < room ? len : room;
	for (size_t i = 0; i < len; i++) {
		log_ring_put(&ring, i, text[i]);
	}
	__atomic_store_n(&hidden, false, __ATOMIC_RELAXED);
	log_ring_commit(&ring, len);
}

bool console_answer_pending(void)
{
	return log_ring_used(&ring) != 0;
}

bool console_answer_is_hidden(void)
{
	return __atomic_load_n(&hidden, __ATOMIC_RELAXED);
}

void console_answer_begins(u64 since)
{
	if (__atomic_load_n(&first.since, __ATOMIC_ACQUIRE) == 0) {
		first.at = log_ring_end(&ring);
		/* pairs with note_first() */
		__atomic_store_n(&first.since, since, __ATOMIC_RELEASE);
	}
}

static void note_first(void)
{
	u64 since = __atomic_load_n(&first.since, __ATOMIC_ACQUIRE);
	u64 ticks;

	if (since == 0 || (s64)(log_ring_taken(&ring) - first.at) < 0) {
		return;
	}
	ticks = port_tsc() - since;
	latest = ticks > latest ? ticks : latest;
	recent = ticks > recent ? ticks : recent;
	/* pairs with console_answer_begins() */
	__atomic_store_n(&first.since, 0, __ATOMIC_RELEASE);
}

u64 console_answer_latest(void)
{
	return latest;
}

u64 console_answer_latest_recent(void)
{
	u64 ticks = recent;

	recent = 0;
	return ticks;
}

bool console_answer_take(char *byte)
{
	if (log_ring_used(&ring) == 0) {
		return false;
	}
	note_first();
	*byte = log_ring_peek(&ring, 0);
	log_ring_drop(&ring, 1);
	return true;
}

void console_answer_hide(void)
{
	__atomic_store_n(&hidden, true, __ATOMIC_RELAXED);
}
