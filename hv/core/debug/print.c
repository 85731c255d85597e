/* SPDX-License-Identifier: MIT */
/* The text of one call of a command. */
#include "core/debug/print.h"

#include "common/lib/format.h"
#include "core/emulate/console_input.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

void debug_keep_up(const struct debug_call *call)
{
	if (!call->elsewhere) {
		console_input_keep_up();
	}
}

void debug_print(struct debug_call *call, const char *fmt, ...)
{
	va_list args;

	debug_keep_up(call);

	va_start(args, fmt);
	call->len += log_format(call->text + call->len,
				sizeof(call->text) - call->len, fmt, args);
	va_end(args);
}

void debug_pad(struct debug_call *call, u32 column)
{
	size_t start = call->len;

	while (start > 0 && call->text[start - 1] != '\n') {
		start--;
	}
	do {
		debug_print(call, " ");
	} while (call->len - start < column &&
		 call->len + 1 < sizeof(call->text));
}

bool debug_has_room(const struct debug_call *call)
{
	return sizeof(call->text) - call->len > DEBUG_ROW_MAX;
}

static u32 end_partition(const struct debug_call *call)
{
	return call->partition != NULL ? call->partition->number + 1
				       : machine.partition_count;
}

struct vp *debug_next_vp(struct debug_call *call)
{
	u64 *at = call->cursor;

	if (call->partition != NULL && at[0] < call->partition->number) {
		at[0] = call->partition->number;
	}
	while (at[0] < end_partition(call) && debug_has_room(call)) {
		const struct partition *p = machine.partitions[at[0]];

		if (at[1] < p->vp_count) {
			return p->vps[at[1]++];
		}
		at[0]++;
		at[1] = 0;
	}
	return NULL;
}

enum debug_end debug_end_of_vps(const struct debug_call *call)
{
	return call->cursor[0] < end_partition(call) ? DEBUG_MORE : DEBUG_DONE;
}

const char *debug_state_name(const struct vp *vp)
{
	static const char *const names[] = {
		[VP_RUNNABLE] = "runnable",   [VP_HALTED] = "halted",
		[VP_WAIT_SIPI] = "wait-sipi", [VP_SUSPENDED] = "suspended",
		[VP_STOPPED] = "stopped",
	};

	return names[__atomic_load_n(&vp->own.state, __ATOMIC_RELAXED)];
}
