/* SPDX-License-Identifier: MIT */
/* What every format is given, and the formats. */
#ifndef TOOLS_LETHE_TRACE_OUTPUT_H
#define TOOLS_LETHE_TRACE_OUTPUT_H

#include <stdio.h>

#include "filter.h"
#include "model.h"

struct output {
	const struct model *m;
	const struct filter *filter;
	FILE *to;         /* NULL for a format that writes a folder */
	const char *path; /* of the folder */
	u32 call;         /* which hypercall */
	s64 mark;   /* times count from this mark; OUTPUT_ANY_MARK: the last */
	bool ticks; /* times are ticks */
};

#define OUTPUT_ANY_MARK (-1)

/* What a dump holds: frames, records, what is missing. */
void summary_write(const struct output *o);

/* A line for each record. */
void lines_write(const struct output *o);

/* JSON Lines: an object for each record, for programs. */
void jsonl_write(const struct output *o);

/* JSON for Perfetto and chrome://tracing. */
void chrome_write(const struct output *o);

/* A folder that babeltrace2 reads: Common Trace Format 1.8. */
void ctf_write(const struct output *o);

/* A picture of one hypercall on all CPUs that take part. */
void svg_call_write(const struct output *o);

/* A picture of how many hypercalls took how many ticks. */
void svg_histogram_write(const struct output *o);

#endif
