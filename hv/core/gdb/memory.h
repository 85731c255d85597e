/* SPDX-License-Identifier: MIT */
/*
 * Guest memory as the debugger sees it: through the page tables of a VP, or by
 * guest-physical address; without the INT3s of its breakpoints, and with the
 * hypercall page where that covers RAM. Used by the stub while all VPs of the
 * partition are out.
 */
#ifndef HV_CORE_GDB_MEMORY_H
#define HV_CORE_GDB_MEMORY_H

#include "base/types.h"

struct partition;
struct published;

/* The longest access: what a packet has room for */
#define GDB_MEMORY_MAX 2048u

struct gdb_space {
	struct partition *partition;
	const struct published *paging; /* NULL: addresses are physical */
};

/* Reads from `address` on; returns how many bytes could be read. */
size_t gdb_memory_read(const struct gdb_space *space, u64 address, u8 *to,
		       size_t len);

/*
 * Writes all of it, whatever the tables say about write access, or nothing:
 * false. Changes `bytes`. Pre: len <= GDB_MEMORY_MAX.
 */
bool gdb_memory_write(const struct gdb_space *space, u64 address, u8 *bytes,
		      size_t len);

/* False: nothing is mapped there. */
bool gdb_memory_find(const struct gdb_space *space, u64 address, gpa_t *at);

#endif
