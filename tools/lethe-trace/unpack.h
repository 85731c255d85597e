/* SPDX-License-Identifier: MIT */
/* Reads the records of a frame: the other side of core/trace/pack.h. */
#ifndef TOOLS_LETHE_TRACE_UNPACK_H
#define TOOLS_LETHE_TRACE_UNPACK_H

#include "core/trace/pack.h"

/* Set `at` and `left` to a payload, and the rest to zero. */
struct unpack {
	const u8 *at;
	size_t left;
	struct pack pack;
};

/* The next record; false if the payload ends before it does, or is wrong. */
bool unpack_record(struct unpack *u, struct trace_record *record);

#endif
