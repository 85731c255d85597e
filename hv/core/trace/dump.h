/* SPDX-License-Identifier: MIT */
/*
 * Trace records as lines of the console (docs/trace.md, "The dump"). Each line
 * is a frame that can be read without the others:
 *
 *     ~LT1 kind base64 of (header, payload, CRC-32) ~
 *
 * without the blanks. Only base64 characters are between the marks, so that a
 * frame is found again after any text, and the checksum finds text inside.
 */
#ifndef HV_CORE_TRACE_DUMP_H
#define HV_CORE_TRACE_DUMP_H

#include "base/types.h"
#include "config.h" /* include/config.h */
#include "core/trace/pack.h"

#define DUMP_MARK     "~LT1" /* no other line of the console begins so */
#define DUMP_END_MARK '~'
#define DUMP_LINE_MAX 480 /* characters of a line, with the newline */

#define DUMP_HEADER     16 /* struct dump_header */
#define DUMP_CRC        4
#define DUMP_FRAME_MAX  351 /* bytes before base64: 468 characters */
#define DUMP_PAYLOAD    (DUMP_FRAME_MAX - DUMP_HEADER - DUMP_CRC)
#define DUMP_COMMIT_MAX 48

enum dump_kind {
	DUMP_BEGIN = 'B',   /* struct dump_about */
	DUMP_RECORDS = 'R', /* packed records of one CPU; the first is packed
			       as the first of all */
	DUMP_END = 'E',     /* struct dump_total */
};

/*
 * The header, as bytes: u16 length of header, payload and CRC; u16 CPU; u16
 * records; u16 0; u32 stream; u32 sequence number.
 */

struct dump_partition {
	const char *name;
	u8 number; /* RUN_PARTITION of its VPs */
	u16 vps;
	u16 stride; /* VP n has VP index n x stride */
};

/*
 * What a dump tells of the machine. As bytes: u64 tsc_hz, tsc_start, tsc_now;
 * u16 cpus; u8 count of partitions; u8 length of the commit, its characters;
 * for each partition u8 number, u16 vps, u16 stride, u8 length of the name, its
 * characters.
 */
struct dump_about {
	u64 tsc_hz;
	u64 tsc_start; /* times count from here */
	u64 tsc_now;
	u16 cpus;
	u8 partitions;
	const char *commit; /* cut after DUMP_COMMIT_MAX characters */
	struct dump_partition partition[CONFIG_PARTITIONS_MAX];
};

/* A dump that is being sent; the caller sends one line after the other. */
struct dump {
	u32 stream; /* the same in all frames of a dump */
	u32 seq;    /* of the next frame; the first frame has 0 */
	u64 records;
	u64 lost; /* the caller counts what could not be read */
	struct pack pack;
	u8 frame[DUMP_FRAME_MAX];
};

/* Begins a dump. `stream` tells it from other dumps of the same console. */
void dump_start(struct dump *d, u32 stream);

/*
 * Each writes one line, which ends with a newline, and returns its length; the
 * lines of a dump are one of dump_begin(), those of dump_records(), one of
 * dump_end(). No 0 follows the line.
 */
size_t dump_begin(struct dump *d, const struct dump_about *about,
		  char line[DUMP_LINE_MAX]);

/*
 * The first `*taken` of `count` records, at least one: as many as a frame
 * holds. Pre: count is not 0; the records are of this CPU, the oldest first.
 */
size_t dump_records(struct dump *d, u16 cpu, const struct trace_record *records,
		    size_t count, size_t *taken, char line[DUMP_LINE_MAX]);

/*
 * The total, as bytes: u64 records, u64 lost, u32 frames with this one.
 */
size_t dump_end(struct dump *d, char line[DUMP_LINE_MAX]);

#endif
