/* SPDX-License-Identifier: MIT */
/* Commands that hold a VP, let it go, and send it an NMI. */
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/events/hold.h"
#include "core/events/post.h"
#include "core/state/partition.h"

/* The command acts on one VP, or without `:N` on all of a partition. */
static void act(const struct debug_call *call,
		void (*on)(struct vp *vp, u64 owner))
{
	const struct partition *p = call->partition;

	if (call->vp != NULL) {
		on(call->vp, HOLD_CONSOLE);
		return;
	}
	for (u32 i = 0; i < p->vp_count; i++) {
		on(p->vps[i], HOLD_CONSOLE);
	}
}

static enum debug_end print_all(struct debug_call *call)
{
	const struct partition *p = call->partition;
	u32 console = 0;
	u32 debugger = 0;

	for (u32 i = 0; i < p->vp_count; i++) {
		u64 owners = hold_owners(p->vps[i]);

		console += (owners & HOLD_CONSOLE) != 0;
		debugger += (owners & HOLD_GDB) != 0;
	}
	debug_print(call, "%s: of %u VPs the console holds %u, a debugger %u\n",
		    p->config->name, p->vp_count, console, debugger);
	return DEBUG_DONE;
}

static enum debug_end print_holders(struct debug_call *call)
{
	const struct vp *vp = call->vp;

	if (vp == NULL) {
		return print_all(call);
	}
	u64 owners = hold_owners(vp);

	debug_print(call, "%s:%u is %sheld%s%s\n", vp->partition->config->name,
		    vp->number, owners != 0 ? "" : "not ",
		    owners & HOLD_CONSOLE ? " by the console" : "",
		    owners & HOLD_GDB ? " by its debugger" : "");
	return DEBUG_DONE;
}

enum debug_end cmd_suspend(struct debug_call *call)
{
	act(call, hold_set);
	return print_holders(call);
}

enum debug_end cmd_resume(struct debug_call *call)
{
	act(call, hold_clear);
	return print_holders(call);
}

enum debug_end cmd_nmi(struct debug_call *call)
{
	const struct vp *vp = call->vp;
	bool stopped =
		__atomic_load_n(&vp->own.state, __ATOMIC_RELAXED) == VP_STOPPED;

	if (!stopped) {
		vp_post(call->vp, VP_EVENT_NMI);
	}
	debug_print(call, "%s:%u %s\n", vp->partition->config->name, vp->number,
		    stopped ? "has stopped" : "gets an NMI");
	return DEBUG_DONE;
}
