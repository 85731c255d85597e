/* SPDX-License-Identifier: MIT */
/* Commands about the console itself. */
#include "core/console/answer.h"
#include "core/console/log_room.h"
#include "core/debug/commands.h"
#include "core/debug/parse.h"
#include "core/debug/print.h"
#include "core/emulate/console_input.h"
#include "core/state/partition.h"

#define USAGE_COLUMN 22

static void print_usage(struct debug_call *call,
			const struct debug_command *command)
{
	char usage[DEBUG_ROW_MAX / 2];

	debug_parse_usage(command, usage, sizeof(usage));
	debug_print(call, "%s", usage);
	debug_pad(call, USAGE_COLUMN);
	debug_print(call, "%s%s\n", command->help,
		    command->flags & DEBUG_CHANGES ? " (changes the guest)"
						   : "");
}

enum debug_end cmd_help(struct debug_call *call)
{
	const struct debug_command *command = call->about;

	if (command != NULL) {
		print_usage(call, command);
		return DEBUG_DONE;
	}
	while ((command = debug_command_at((u32)call->cursor[0])) != NULL) {
		if (!debug_has_room(call)) {
			return DEBUG_MORE;
		}
		print_usage(call, command);
		call->cursor[0]++;
	}
	debug_print(call, "P is a partition's name or number, N a VP's number; "
			  "numbers are decimal or 0x.\n");
	return DEBUG_DONE;
}

/* It is a line of the log that says so, for whoever reads the console. */
enum debug_end cmd_console(struct debug_call *call)
{
	console_input_give(call->partition);
	return DEBUG_DONE;
}

/* Counts are read while others change them: hints. */
enum debug_end cmd_log(struct debug_call *call)
{
	const struct log_room *room;

	for (u32 i = 0; (room = log_room_at(i)) != NULL; i++) {
		if (i != 0 && room->name == NULL) {
			continue;
		}
		debug_print(call, "%s: waiting=%lu of %lu bytes dropped=%llu\n",
			    room->name != NULL ? room->name : "hypervisor",
			    log_ring_used(&room->ring), (size_t)LOG_ROOM_SIZE,
			    (unsigned long long)room->dropped);
	}
	debug_print(call,
		    "input lost=%llu bytes looks=%llu ticks apart at most, "
		    "since the last log %llu\n",
		    (unsigned long long)console_input_lost(),
		    (unsigned long long)console_input_longest(),
		    (unsigned long long)console_input_longest_recent());
	debug_print(call,
		    "answers begin %llu ticks after the line's end at most, "
		    "since the last log %llu\n",
		    (unsigned long long)console_answer_latest(),
		    (unsigned long long)console_answer_latest_recent());
	return DEBUG_DONE;
}
