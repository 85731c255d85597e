/* SPDX-License-Identifier: MIT */
/* Memory page by page. */
#include "core/gdb/memory.h"

#include "common/lib/mem.h"
#include "core/gdb/breakpoints.h"
#include "core/paging/overlay.h"
#include "core/paging/walk.h"
#include "core/port/port.h"

/* A write touches this many pages at most. */
#define PAGES_MAX (GDB_MEMORY_MAX / PAGE_SIZE + 2)

bool gdb_memory_find(const struct gdb_space *space, u64 address, gpa_t *at)
{
	struct walk_state state;
	struct walk_result result;

	if (space->paging == NULL) {
		at->v = address;
		return true;
	}
	walk_state(&state, space->paging);
	if (walk(space->partition, &state, (gva_t){address}, WALK_EXEMPT,
		 &result) != WALK_OK) {
		return false;
	}
	*at = result.gpa;
	return true;
}

/* Bytes from `address` to the end of its page, at most `len`. */
static size_t in_page(u64 address, size_t len)
{
	size_t left = (size_t)(PAGE_SIZE - (address & (PAGE_SIZE - 1)));

	return left < len ? left : len;
}

static bool read_page(struct partition *p, gpa_t from, u8 *to, size_t len)
{
	if (overlay_covers(p, from)) {
		memcpy(to, overlay_bytes() + (from.v & (PAGE_SIZE - 1)), len);
		return true;
	}
	if (port_read_guest(p, from, to, len) != ERR_OK) {
		return false;
	}
	gdb_breakpoints_hide(from, to, len);
	return true;
}

size_t gdb_memory_read(const struct gdb_space *space, u64 address, u8 *to,
		       size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t part = in_page(address + done, len - done);
		gpa_t from;

		if (!gdb_memory_find(space, address + done, &from) ||
		    !read_page(space->partition, from, to + done, part)) {
			break;
		}
		done += part;
	}
	return done;
}

/* Is there RAM at all of it? */
static bool is_writable(struct partition *p, gpa_t at, size_t len)
{
	u8 unused;

	return !overlay_covers(p, at) &&
	       port_read_guest(p, (gpa_t){at.v + len - 1}, &unused, 1) ==
		       ERR_OK;
}

bool gdb_memory_write(const struct gdb_space *space, u64 address, u8 *bytes,
		      size_t len)
{
	gpa_t at[PAGES_MAX];
	u32 pages = 0;
	size_t done;

	for (done = 0; done < len; pages++) {
		size_t part = in_page(address + done, len - done);

		if (!gdb_memory_find(space, address + done, &at[pages]) ||
		    !is_writable(space->partition, at[pages], part)) {
			return false;
		}
		done += part;
	}
	done = 0;
	for (u32 i = 0; i < pages; i++) {
		size_t part = in_page(address + done, len - done);

		gdb_breakpoints_keep(at[i], bytes + done, part);
		if (port_write_guest(space->partition, at[i], bytes + done,
				     part) != ERR_OK) {
			return false;
		}
		done += part;
	}
	return true;
}
