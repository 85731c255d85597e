/* SPDX-License-Identifier: MIT */
/*
 * What the stub (on the boot CPU) and the VPs (each on its own CPU) have in
 * common. There is one debugger, because there is one COM2. The stub changes
 * breakpoints only while it holds all VPs of the partition and all are out; it
 * lets them go by an atomic operation, after which they see the change.
 */
#ifndef HV_CORE_GDB_LINK_H
#define HV_CORE_GDB_LINK_H

#include "core/gdb/registers.h"
#include "core/state/gdb.h"
#include "core/state/published.h"

struct partition;
struct vp;

#define GDB_HARDWARE_MAX 4u /* DR0 to DR3 */

/* What the debug registers of all VPs have to hold */
struct gdb_hardware {
	u32 generation; /* changes with the rest */
	u32 life;       /* of the partition, for which they are meant */
	u64 dr7;        /* 0: none is used */
	u64 address[GDB_HARDWARE_MAX];
	enum gdb_stop why[GDB_HARDWARE_MAX];
};

/*
 * Work for one VP's CPU, which is the owner from the post of vp->shared.gdb.
 * request until it sets `is_done`.
 */
struct gdb_job {
	u32 is_done; /* atomic */
	bool is_write;
	struct gdb_registers registers; /* as they are; after a read */
	struct gdb_registers wanted;    /* for a write */
	u32 refused;                    /* of a write */
	struct published paging;        /* after a read: what walks need */
};

struct gdb_link {
	struct vp *first; /* atomic: the VP that stopped the partition */
	struct gdb_hardware hardware;
	struct gdb_job job;
};

extern struct gdb_link gdb_link;

#endif
