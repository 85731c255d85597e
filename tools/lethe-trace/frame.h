/* SPDX-License-Identifier: MIT */
/*
 * Finds the frames of trace dumps (core/trace/dump.h) in any bytes, such as the
 * log of a console. Everything outside frames is passed over.
 */
#ifndef TOOLS_LETHE_TRACE_FRAME_H
#define TOOLS_LETHE_TRACE_FRAME_H

#include "base/types.h"
#include "core/trace/dump.h"

struct frame {
	enum dump_kind kind;
	u16 cpu;
	u16 records; /* number of records that the payload should have */
	u32 stream;
	u32 seq;
	size_t len; /* of the payload */
	u8 payload[DUMP_PAYLOAD + 3];
};

struct frame_finder {
	const char *bytes;
	size_t len;
	size_t at;   /* where to look on; 0 at first */
	u64 damaged; /* marks so far that no valid frame follows */
};

/* The next valid frame; false: there is none up to the end. */
bool frame_next(struct frame_finder *f, struct frame *frame);

#endif
