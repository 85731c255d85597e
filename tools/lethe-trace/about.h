/* SPDX-License-Identifier: MIT */
/* What the first and the last frame of a dump say: core/trace/dump.h. */
#ifndef TOOLS_LETHE_TRACE_ABOUT_H
#define TOOLS_LETHE_TRACE_ABOUT_H

#include "frame.h"

#define ABOUT_PARTITIONS 16 /* all that a record can name */
#define ABOUT_NAME       32

struct about_partition {
	u8 number; /* RUN_PARTITION */
	u16 vps;
	u16 stride;
	char name[ABOUT_NAME]; /* letters, digits, `_`, `-`, `.`; others are ?
				*/
};

struct about {
	bool known; /* there was a frame; otherwise the rest is a guess */
	u64 tsc_hz; /* not 0 */
	u64 tsc_start;
	u64 tsc_now;
	u32 cpus;
	u32 partitions;
	struct about_partition partition[ABOUT_PARTITIONS];
	char commit[DUMP_COMMIT_MAX + 1];
};

struct about_total {
	bool known;
	u64 records;
	u64 lost; /* records that could not be read */
	u32 frames;
};

/* False: the payload is no such frame's; then `*about` is as before. */
bool about_begin(struct about *about, const struct frame *frame);
bool about_end(struct about_total *total, const struct frame *frame);

/* The partition with that number; NULL: the dump names none. */
const struct about_partition *about_partition(const struct about *about,
					      u32 number);

#endif
