/* SPDX-License-Identifier: MIT */
/* One access to memory by any VP, and the fault that it ended with. */
#ifndef GUEST_TEST_SUITES_PAGING_ACCESS_H
#define GUEST_TEST_SUITES_PAGING_ACCESS_H

#include "kernel/trap.h"
#include "suites/paging/region.h"

/* SDM 3A, "Page-Fault Exceptions": the error code */
#define PF_P    BIT(0) /* present */
#define PF_W    BIT(1) /* a write */
#define PF_U    BIT(2) /* at CPL 3 */
#define PF_RSVD BIT(3) /* a reserved bit is set */
#define PF_I    BIT(4) /* an instruction fetch */

/* Memory that is fetched has UD2 there: it is executed if nothing else faults.
 */
#define ACCESS_UD2 0x0b0f0b0f0b0f0b0full

enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

struct access {
	u64 gva;
	enum access_kind kind;
	bool is_user; /* at CPL 3 */
	bool has_ac;  /* with RFLAGS.AC = 1; not at CPL 3 */
	u64 value;    /* read, unless it faulted; or written; at CPL 0 only */
	/* afterwards; a fetch or an access at CPL 3 that succeeds ends in #UD
	 */
	struct trap_fault fault;
};

/*
 * VP n, which is free or the caller, reads or writes 8 bytes or fetches an
 * instruction. Returns whether it did so without a fault.
 */
bool access_on(u32 n, struct access *a);

#endif
