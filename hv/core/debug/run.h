/* SPDX-License-Identifier: MIT */
/*
 * A command that is carried out, call by call, for whoever asked: the shell, or
 * a debugger's monitor. Boot CPU only; nothing here waits.
 */
#ifndef HV_CORE_DEBUG_RUN_H
#define HV_CORE_DEBUG_RUN_H

#include "core/debug/command.h"
#include "core/debug/parse.h"

enum debug_run_state {
	DEBUG_RUN_IDLE, /* over, or not begun */
	DEBUG_RUN_DUE,  /* the next call of the function is due */
	DEBUG_RUN_AWAY, /* the CPU of call.vp has it */
};

struct debug_run {
	enum debug_run_state state;
	u64 since; /* TSC: when it became DUE or AWAY */

	/* IDLE because a name is none: what was expected, where in the line */
	bool refused;
	struct parse_error error;

	/* the caller parses into it, and takes its text after each step */
	struct debug_call call;
};

/* Begins the command that run->call was parsed to. */
void debug_run_begin(struct debug_run *run, u64 now);

/*
 * Goes on: at most one call of the function, or a piece of the search for the
 * symbol that an argument names, before the first call. call.text may have more
 * of the answer afterwards, which the caller takes and sets call.len to 0. The
 * command is over when the state is IDLE. A CPU that does not answer within 1 s
 * is given up, with a line in the text.
 */
void debug_run_step(struct debug_run *run, u64 now);

/* The rest is not wanted any more. */
void debug_run_end(struct debug_run *run);

#endif
