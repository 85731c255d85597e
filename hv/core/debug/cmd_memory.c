/* SPDX-License-Identifier: MIT */
/* `x`: guest-physical memory, as the guest sees it. */
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/paging/overlay.h"
#include "core/port/port.h"
#include "core/state/partition.h"

#define ROW         16u /* bytes in a line */
#define LEN_DEFAULT 64

static char printable(u8 byte)
{
	return byte >= ' ' && byte < 0x7f ? (char)byte : '.';
}

static void print_row(struct debug_call *call, u64 gpa, const u8 *bytes,
		      u32 len)
{
	debug_print(call, "0x%08llx ", (unsigned long long)gpa);
	for (u32 i = 0; i < ROW; i++) {
		debug_print(call, i % 8 == 0 ? "  " : " ");
		if (i < len) {
			debug_print(call, "%02x", bytes[i]);
		} else {
			debug_print(call, "  ");
		}
	}
	debug_print(call, "  ");
	for (u32 i = 0; i < len; i++) {
		debug_print(call, "%c", printable(bytes[i]));
	}
	debug_print(call, "\n");
}

/* A row does not cross a page. */
static bool read_row(struct partition *p, u64 gpa, u8 *bytes, u32 len)
{
	if (gpa >= p->memory_len ||
	    port_read_guest(p, (gpa_t){gpa}, bytes, len) != ERR_OK) {
		return false;
	}
	(void)overlay_read(p, (gpa_t){gpa}, bytes, len);
	return true;
}

enum debug_end cmd_x(struct debug_call *call)
{
	u64 len = call->given == 2 ? call->value[1] : LEN_DEFAULT;
	u64 *at = &call->cursor[0];

	while (*at < len) {
		u64 gpa = call->value[0] + *at;
		u64 step = ROW - gpa % ROW;
		u8 bytes[ROW];

		if (!debug_has_room(call)) {
			return DEBUG_MORE;
		}
		step = step < len - *at ? step : len - *at;
		if (!read_row(call->partition, gpa, bytes, (u32)step)) {
			debug_print(call,
				    "0x%08llx is outside RAM: 0 to 0x%llx\n",
				    (unsigned long long)gpa,
				    (unsigned long long)(call->partition
								 ->memory_len -
							 1));
			return DEBUG_DONE;
		}
		print_row(call, gpa, bytes, (u32)step);
		*at += step;
	}
	return DEBUG_DONE;
}
