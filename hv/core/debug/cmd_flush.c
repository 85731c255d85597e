/* SPDX-License-Identifier: MIT */
/* Commands about flushes: what was counted, and the console's inhibit. */
#include "core/debug/commands.h"
#include "core/debug/histogram.h"
#include "core/debug/print.h"
#include "core/flush/inhibit.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

static unsigned long long count(const u64 *counter)
{
	/* of another CPU: a hint */
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void print_vp(struct debug_call *call, const struct vp *vp)
{
	const u64 *type = vp->own.invvpid_type;

	debug_print(call,
		    "%s:%u flushed=%llu invvpids=%llu (address=%llu "
		    "single=%llu all=%llu retain=%llu)\n",
		    vp->partition->config->name, vp->number,
		    count(&vp->own.flushes_done), count(&vp->own.invvpid_count),
		    count(&type[INVVPID_ADDRESS]), count(&type[INVVPID_SINGLE]),
		    count(&type[INVVPID_ALL]),
		    count(&type[INVVPID_SINGLE_RETAIN_GLOBALS]));
}

/* Ticks of all flush calls, from the exit to the end of its handler. */
static void print_ticks(struct debug_call *call, const struct vp *vp)
{
	static const u16 codes[] = {
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX,
	};
	struct histogram h = {0};

	for (u32 i = 0; STATS_ON && i < ARRAY_SIZE(codes); i++) {
		histogram_add(&h, vp, stats_slot_of_call(codes[i]));
	}
	debug_print(call, "  calls, ticks:");
	histogram_print(call, &h);
}

enum debug_end cmd_flush(struct debug_call *call)
{
	const struct vp *vp;

	while ((vp = debug_next_vp(call)) != NULL) {
		print_vp(call, vp);
		print_ticks(call, vp);
	}
	return debug_end_of_vps(call);
}

/* Who inhibits the VP: what is left when the console's part has ended. */
static void print_owners(struct debug_call *call, const struct vp *vp)
{
	u64 word = inhibit_word(vp);
	u64 owners = FIELD_GET(INHIBIT_OWNERS, word);

	debug_print(call, "%s:%u is %sinhibited", vp->partition->config->name,
		    vp->number, word != 0 ? "" : "not ");
	if (word != 0) {
		debug_print(call, " by%s%s%s",
			    word & INHIBIT_CONSOLE ? " the console" : "",
			    owners & ~FIELD_GET(INHIBIT_OWNERS, INHIBIT_CONSOLE)
				    ? " partitions"
				    : "",
			    word & INHIBIT_COUNT ? " translations" : "");
	}
	debug_print(call, "\n");
}

enum debug_end cmd_inhibit(struct debug_call *call)
{
	if (call->given == 2 && call->value[1] == 0) {
		inhibit_console_set(call->vp);
	} else if (call->given == 2) {
		inhibit_console_end(call->vp);
	}
	print_owners(call, call->vp);
	return DEBUG_DONE;
}
