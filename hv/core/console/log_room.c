/* SPDX-License-Identifier: MIT */
/*
 * While little waits, the order of arrival decides. Under overload it is
 * start-time fair queueing with equal weights (Goyal, Vin, Cheng, "Start-Time
 * Fair Queuing", SIGCOMM 1996): a line's start tag is the later of the virtual
 * time at its arrival and the finish tag of its room's line before; the lowest
 * start tag is sent, and virtual time is the start tag of what is sent.
 */
#include "core/console/log_room.h"

#include "common/lib/mem.h"
#include "core/state/machine.h"

#define ROOMS (1 + PARTITIONS_MAX)

_Static_assert((LOG_ROOM_SIZE & (LOG_ROOM_SIZE - 1)) == 0, "a power of two");

/* In front of each line: when it arrived, and what log_room_line has. */
struct header {
	u64 arrival;
	u16 len;
	u16 prefix;
} __attribute__((packed));

_Static_assert(sizeof(struct header) == LOG_ROOM_HEADER, "log_room.h");

static char bytes[ROOMS][LOG_ROOM_SIZE];

#define ROOM(_i)                                                               \
	{                                                                      \
		.ring = {.bytes = bytes[_i], .size = LOG_ROOM_SIZE }           \
	}

static struct log_room rooms[ROOMS] = {ROOM(0), ROOM(1), ROOM(2), ROOM(3),
				       ROOM(4)};

_Static_assert(ROOMS == 5, "each room has its bytes");

static u64 arrivals;     /* under the log lock: lines so far */
static u64 virtual_time; /* the drainer's */
static u64 bytes_put;    /* atomic; written under the log lock */
static u64 bytes_done;   /* atomic; written by the drainer */

void log_room_open(u32 number, const char *name)
{
	rooms[1 + number].name = name;
}

struct log_room *log_room_of(const char *name)
{
	for (u32 i = 1; i < ROOMS; i++) {
		if (rooms[i].name == name) {
			return &rooms[i];
		}
	}
	return &rooms[0];
}

struct log_room *log_room_at(u32 i)
{
	return i < ROOMS ? &rooms[i] : NULL;
}

bool log_room_fits(const struct log_room *room, size_t len, size_t reserve)
{
	return LOG_ROOM_HEADER + len + reserve <= log_ring_room(&room->ring);
}

void log_room_put(struct log_room *room, size_t offset, char byte)
{
	log_ring_put(&room->ring, LOG_ROOM_HEADER + offset, byte);
}

void log_room_commit(struct log_room *room, size_t len, size_t prefix)
{
	struct header header = {arrivals++, (u16)len, (u16)prefix};
	char from[sizeof(header)];

	memcpy(from, &header, sizeof(header));
	for (size_t i = 0; i < sizeof(header); i++) {
		log_ring_put(&room->ring, i, from[i]);
	}
	log_ring_commit(&room->ring, sizeof(header) + len);
	__atomic_store_n(&bytes_put, bytes_put + len, __ATOMIC_RELEASE);
}

bool log_room_any(void)
{
	return __atomic_load_n(&bytes_put, __ATOMIC_RELAXED) !=
	       __atomic_load_n(&bytes_done, __ATOMIC_RELAXED);
}

static struct header read_header(const struct log_room *room)
{
	struct header header;
	char from[sizeof(header)];

	for (size_t i = 0; i < sizeof(header); i++) {
		from[i] = log_ring_peek(&room->ring, i);
	}
	memcpy(&header, from, sizeof(header));
	return header;
}

/* Gives the oldest line of a room that was empty its start tag. */
static void note_arrival(struct log_room *room)
{
	if (!room->waiting) {
		room->waiting = true;
		room->start = room->finish > virtual_time ? room->finish
							  : virtual_time;
	}
}

/* True if `a` goes before `b`, whose oldest lines have these headers. */
static bool goes_first(const struct log_room *a, const struct header *of_a,
		       const struct log_room *b, const struct header *of_b,
		       bool overload)
{
	if (overload && a->start != b->start) {
		return a->start < b->start;
	}
	return of_a->arrival < of_b->arrival;
}

bool log_room_next(struct log_room_line *line)
{
	bool overload = __atomic_load_n(&bytes_put, __ATOMIC_RELAXED) -
				__atomic_load_n(&bytes_done, __ATOMIC_RELAXED) >
			LOG_ROOM_BACKLOG;
	struct log_room *first = NULL;
	struct header of_first = {0, 0, 0};

	for (u32 i = 0; i < ROOMS; i++) {
		struct log_room *room = &rooms[i];

		if (log_ring_used(&room->ring) == 0) {
			continue;
		}
		struct header header = read_header(room);

		note_arrival(room);
		if (first == NULL ||
		    goes_first(room, &header, first, &of_first, overload)) {
			first = room;
			of_first = header;
		}
	}
	if (first == NULL) {
		return false;
	}
	log_ring_drop(&first->ring, LOG_ROOM_HEADER);
	*line = (struct log_room_line){first, of_first.len, of_first.prefix};
	return true;
}

void log_room_done(const struct log_room_line *line)
{
	struct log_room *room = line->room;

	if (room->start > virtual_time) {
		virtual_time = room->start;
	}
	room->finish = room->start + line->len;
	room->start = room->finish;
	room->waiting = log_ring_used(&room->ring) != 0;
	__atomic_store_n(&bytes_done, bytes_done + line->len, __ATOMIC_RELEASE);
}
