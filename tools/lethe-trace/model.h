/* SPDX-License-Identifier: MIT */
/*
 * The dump of a log, as one list of records in the order of time. A log can
 * hold several dumps, one after the other.
 */
#ifndef TOOLS_LETHE_TRACE_MODEL_H
#define TOOLS_LETHE_TRACE_MODEL_H

#include "about.h"
#include "trace.h"

#define MODEL_NONE (~(size_t)0) /* no item */
#define MODEL_LAST 0            /* the last dump of the log */
#define MODEL_CPUS 1024         /* a frame of a CPU from here on is wrong */

struct model_item {
	struct trace_record r;
	u16 cpu;
	size_t order; /* place in the dump */
	/* what link.c finds out */
	u64 end; /* exit: TSC when its handler ended, or at least so late */
	u64 root_end; /* exit: TSC up to which its CPU was in root mode, at
			 least */
	size_t next;  /* kick: the exit that it caused, MODEL_NONE: none */
	size_t exit;  /* the exit in which its CPU wrote the record */
	u32 call;     /* exit of a hypercall, and the records written in it:
			 the number of the call, from 1; 0: none */
	bool is_end_known;
};

struct model {
	u32 dumps;    /* in the log */
	u32 dump;     /* which one this is, from 1; 0: there is none */
	u64 damaged;  /* frames of the log with a wrong checksum or content */
	u64 missing;  /* frames of the dump that are not in the log */
	u64 repeated; /* frames that were there twice; each counts once */
	u64 frames;
	u32 calls; /* number of the last hypercall */
	struct about about;
	struct about_total total;
	struct model_item *items; /* in the order of time */
	size_t count;
};

/*
 * Reads dump `number` of the log, or MODEL_LAST. The caller frees the model by
 * model_free().
 */
void model_read(struct model *m, const char *log, size_t len, u32 number);
void model_free(struct model *m);

/* Whether nothing of the dump is missing. */
bool model_is_complete(const struct model *m);

#endif
