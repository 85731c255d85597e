/* SPDX-License-Identifier: MIT */
/*
 * Reads the ring of a CPU, also while that CPU goes on writing. A record counts
 * if its place was not taken again until it had been copied; all others are
 * dropped and counted. Also what the console does with the rings: on, off,
 * clear. All functions are the console's, so one CPU at a time calls them.
 */
#ifndef HV_CORE_TRACE_READ_H
#define HV_CORE_TRACE_READ_H

#include "core/trace/record.h"

/* A walk through a ring, the oldest record first. */
struct read {
	const struct cpu *cpu;
	u16 at;   /* offset of the record that comes next */
	u32 left; /* records that are still to come */
	u64 tsc;  /* of the record before */
	u64 lost;
};

/* The last `count` records of `cpu`, at most all of them. */
void read_begin(struct read *r, const struct cpu *cpu, u32 count);

/* False: that was the last one. The record is a copy. */
bool read_next(struct read *r, struct trace_record *to);

/* True if the records of `cpu` go to its ring, not to the spare one. */
bool read_is_on(const struct cpu *cpu);

/*
 * Turns the trace of all CPUs on or off. While it is off the rings keep what
 * they had; a CPU that is about to write may add one record more.
 */
void read_switch(bool on);

/* Records from before are not shown any more. */
void read_clear(void);

#endif
