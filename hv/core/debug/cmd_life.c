/* SPDX-License-Identifier: MIT */
/* Commands that stop a partition and start it again. */
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/lifecycle/start.h"
#include "core/lifecycle/stop.h"

/* What happens meanwhile is on the console: `stopped`, `started`. */
static enum debug_end answer(struct debug_call *call, bool taken,
			     const char *why, const char *what)
{
	const char *name = call->partition->config->name;

	if (taken) {
		debug_print(call, "%s: %s\n", name, what);
	} else {
		debug_print(call, "%s: refused: %s\n", name, why);
	}
	return DEBUG_DONE;
}

enum debug_end cmd_start(struct debug_call *call)
{
	const char *why = NULL;
	bool taken = partition_start(call->partition, &why);

	return answer(call, taken, why, "starts");
}

enum debug_end cmd_stop(struct debug_call *call)
{
	bool taken = partition_stop(call->partition, 0, "console");

	return answer(call, taken, "the partition does not run", "stops");
}

enum debug_end cmd_restart(struct debug_call *call)
{
	const char *why = NULL;
	bool taken = partition_restart(call->partition, &why);

	return answer(call, taken, why, "starts again");
}
