/* SPDX-License-Identifier: MIT */
/* On this CPU, or by way of at_vp.h. */
#include "core/debug/run.h"

#include "core/debug/at_vp.h"
#include "core/debug/print.h"
#include "core/debug/symbol.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

static void move(struct debug_run *run, enum debug_run_state state, u64 now)
{
	run->state = state;
	run->since = now;
}

/* The function was called once. */
static void called(struct debug_run *run, u64 now)
{
	move(run, run->call.end == DEBUG_DONE ? DEBUG_RUN_IDLE : DEBUG_RUN_DUE,
	     now);
}

static bool is_late(const struct debug_run *run, u64 now)
{
	return now - run->since > machine.tsc_hz;
}

void debug_run_begin(struct debug_run *run, u64 now)
{
	run->refused = false;
	move(run, DEBUG_RUN_DUE, now);
}

/* Somebody else's call, or one that was given up, may still be under way. */
static void post(struct debug_run *run, u64 now)
{
	const struct vp *vp = debug_at_vp_owner();

	if (debug_at_vp_post(&run->call)) {
		move(run, DEBUG_RUN_AWAY, now);
	} else if (is_late(run, now) && vp != NULL) {
		debug_print(&run->call,
			    "cpu %u has not answered the last question about "
			    "%s:%u\n",
			    vp->cpu->number, vp->partition->config->name,
			    vp->number);
		debug_run_end(run);
	}
}

static void fetch(struct debug_run *run, u64 now)
{
	const struct vp *vp = run->call.vp;

	if (debug_at_vp_poll(&run->call) == DEBUG_AT_VP_ANSWERED) {
		called(run, now);
	} else if (is_late(run, now)) {
		debug_print(&run->call,
			    "cpu %u does not answer: %s:%u was not looked at\n",
			    vp->cpu->number, vp->partition->config->name,
			    vp->number);
		debug_run_end(run);
	}
}

static void look_up(struct debug_run *run)
{
	if (debug_symbol_look(&run->call, &run->error)) {
		run->refused = true;
		debug_run_end(run);
	}
}

void debug_run_step(struct debug_run *run, u64 now)
{
	if (run->state == DEBUG_RUN_AWAY) {
		fetch(run, now);
	} else if (run->state == DEBUG_RUN_DUE && run->call.symbol.len != 0) {
		look_up(run);
		run->since = now;
	} else if (run->state == DEBUG_RUN_DUE &&
		   (run->call.command->flags & DEBUG_AT_VP)) {
		post(run, now);
	} else if (run->state == DEBUG_RUN_DUE) {
		run->call.end = run->call.command->fn(&run->call);
		run->call.steps++;
		called(run, now);
	}
}

void debug_run_end(struct debug_run *run)
{
	if (run->state == DEBUG_RUN_AWAY) {
		debug_at_vp_give_up(&run->call);
	}
	if (run->state == DEBUG_RUN_DUE && run->call.given_up != NULL) {
		run->call.given_up();
	}
	run->state = DEBUG_RUN_IDLE;
}
