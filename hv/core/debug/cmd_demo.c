/* SPDX-License-Identifier: MIT */
/*
 * `demo`: what an inhibit does to a flush, step by step. Each step is one call
 * of the function or waits, over several calls, for what it tells; all numbers
 * are measured. The guest's suite `demo` makes the flushes.
 */
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/flush/inhibit.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define WINDOW_DIVISOR 10 /* how long is counted: 100 ms */

/* call->cursor[] */
enum {
	STEP,
	SINCE,  /* TSC at which the step began */
	CALLER, /* number + 1 of the VP that is suspended */
	COUNT,  /* of flushes or exits when the step began */
};

static u64 counted(const u64 *counter)
{
	/* of another CPU: a hint */
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static bool is_over(const struct debug_call *call, u64 ticks)
{
	return port_tsc() - call->cursor[SINCE] >= ticks;
}

static void next(struct debug_call *call, u64 count)
{
	call->cursor[STEP]++;
	call->cursor[SINCE] = port_tsc();
	call->cursor[COUNT] = count;
}

static unsigned long long since(const struct debug_call *call)
{
	return port_tsc() - call->cursor[SINCE];
}

static const char *name(const struct debug_call *call)
{
	return call->vp->partition->config->name;
}

/* The VP that a flush of the target suspends, or NULL. A hint. */
static struct vp *suspended(const struct vp *target)
{
	struct partition *p = target->partition;

	for (u32 i = 0; i < p->vp_count; i++) {
		struct vp *vp = p->vps[i];

		if (__atomic_load_n(&vp->own.state, __ATOMIC_RELAXED) ==
			    VP_SUSPENDED &&
		    __atomic_load_n(&vp->own.waits_for, __ATOMIC_RELAXED) ==
			    target) {
			return vp;
		}
	}
	return NULL;
}

static enum debug_end begin(struct debug_call *call)
{
	struct partition *p = machine.partitions[0];

	if (call->vp == NULL && p->vp_count > 1) {
		call->vp = p->vps[1];
	}
	if (call->vp == NULL) {
		debug_print(call, "expected a partition with two VPs\n");
		return DEBUG_DONE;
	}
	next(call, counted(&call->vp->own.flushes_done));
	return DEBUG_MORE;
}

/* Counts flushes while nothing inhibits them, then inhibits. */
static enum debug_end before(struct debug_call *call)
{
	u64 window = machine.tsc_hz / WINDOW_DIVISOR;
	u64 done;

	if (!is_over(call, window)) {
		return DEBUG_MORE;
	}
	done = counted(&call->vp->own.flushes_done) - call->cursor[COUNT];
	debug_print(call, "1. Flushes of %s:%u in %llu ticks: %llu.\n",
		    name(call), call->vp->number, since(call),
		    (unsigned long long)done);
	if (done == 0) {
		debug_print(call, "   No VP flushes it: start the suite demo "
				  "(make run SUITE=demo).\n");
		return DEBUG_DONE;
	}
	inhibit_console_set(call->vp);
	debug_print(call,
		    "2. The console sets TlbFlushInhibit of %s:%u. Nobody may "
		    "flush it until that ends (after Ctrl-C: inhibit %s:%u "
		    "off).\n",
		    name(call), call->vp->number, name(call), call->vp->number);
	next(call, counted(&call->vp->own.flushes_done));
	return DEBUG_MORE;
}

static enum debug_end met(struct debug_call *call)
{
	const struct vp *caller = suspended(call->vp);

	if (caller == NULL && !is_over(call, machine.tsc_hz)) {
		return DEBUG_MORE;
	}
	if (caller == NULL) {
		inhibit_console_end(call->vp);
		debug_print(call, "3. No VP has called within a second; the "
				  "inhibit has ended.\n");
		return DEBUG_DONE;
	}
	debug_print(call,
		    "3. %s:%u called and is suspended, seen %llu ticks later. "
		    "Its RIP stays at the VMCALL; nothing was flushed.\n",
		    name(call), caller->number, since(call));
	call->cursor[CALLER] = caller->number + 1ull;
	next(call, counted(&caller->own.exit_count));
	return DEBUG_MORE;
}

static struct vp *caller_of(const struct debug_call *call)
{
	return call->vp->partition->vps[call->cursor[CALLER] - 1];
}

static enum debug_end waits(struct debug_call *call)
{
	const struct vp *caller = caller_of(call);

	if (!is_over(call, machine.tsc_hz / WINDOW_DIVISOR)) {
		return DEBUG_MORE;
	}
	debug_print(call,
		    "4. VM exits of %s:%u in the next %llu ticks: %llu. It "
		    "executes nothing; its CPU is free for other VPs.\n",
		    name(call), caller->number, since(call),
		    (unsigned long long)(counted(&caller->own.exit_count) -
					 call->cursor[COUNT]));
	next(call, counted(&call->vp->own.flushes_done));
	inhibit_console_end(call->vp);
	debug_print(call,
		    "5. The console ends the inhibit, which wakes %s:%u. "
		    "It makes the same call again.\n",
		    name(call), caller->number);
	return DEBUG_MORE;
}

static enum debug_end again(struct debug_call *call)
{
	u64 done = counted(&call->vp->own.flushes_done) - call->cursor[COUNT];

	if (done == 0 && !is_over(call, machine.tsc_hz)) {
		return DEBUG_MORE;
	}
	debug_print(call,
		    "6. Flushes of %s:%u since then: %llu, seen after %llu "
		    "ticks. Still inhibited: %s.\n",
		    name(call), call->vp->number, (unsigned long long)done,
		    since(call), inhibit_word(call->vp) != 0 ? "yes" : "no");
	return DEBUG_DONE;
}

enum debug_end cmd_demo(struct debug_call *call)
{
	static debug_fn *const steps[] = {begin, before, met, waits, again};

	return steps[call->cursor[STEP]](call);
}
