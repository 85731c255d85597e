/* SPDX-License-Identifier: MIT */
/*
 * Rooms: what waits for the line, a ring of whole lines for the hypervisor and
 * one for each partition, and which line is sent next.
 * docs/decisions/0029-one-line-many-speakers.md.
 */
#ifndef HV_CORE_CONSOLE_LOG_ROOM_H
#define HV_CORE_CONSOLE_LOG_ROOM_H

#include "core/console/log_ring.h"

#define LOG_ROOM_SIZE (64u << 10) /* bytes of each */

/* As long as so many bytes wait in all, lines leave in order of arrival. */
#define LOG_ROOM_BACKLOG 4096u

/* Bytes before the text of each line in a ring */
#define LOG_ROOM_HEADER 12u

struct log_room {
	/* written once, under the log lock */
	const char *name; /* of the partition; NULL: the hypervisor's */

	/* the writer is whoever holds the log lock, the reader the drainer */
	struct log_ring ring;
	u64 dropped; /* under the log lock: lines, since their last report */

	/* the drainer's: start-time fair queueing, in bytes */
	u64 start;    /* tag of the oldest line, while there is one */
	u64 finish;   /* tag at which the line before ended */
	bool waiting; /* `start` is valid */
};

struct log_room_line {
	struct log_room *room;
	u32 len;    /* bytes, with the "\n" */
	u32 prefix; /* of them, the partition's name */
};

/*
 * Gives partition `number` a room for lines with this `name`, compared by its
 * address. Before launch.
 */
void log_room_open(u32 number, const char *name);

/* The room of `name`; that of the hypervisor for all others. */
struct log_room *log_room_of(const char *name);

/* Room number `i`, NULL after the last one. */
struct log_room *log_room_at(u32 i);

/*
 * True if a line of `len` bytes fits and `reserve` bytes stay free. Pre: the
 * log lock is held, here and below.
 */
bool log_room_fits(const struct log_room *room, size_t len, size_t reserve);

/* Byte `offset` of a line that fits; the line waits after the commit. */
void log_room_put(struct log_room *room, size_t offset, char byte);
void log_room_commit(struct log_room *room, size_t len, size_t prefix);

/* True if bytes wait in a room. Any state. */
bool log_room_any(void);

/*
 * The line that is sent next; false: none waits. Its text is taken from
 * line->room->ring by the caller, who says at last that it is out. Drainer
 * only.
 */
bool log_room_next(struct log_room_line *line);
void log_room_done(const struct log_room_line *line);

#endif
