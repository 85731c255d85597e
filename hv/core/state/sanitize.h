/* SPDX-License-Identifier: MIT */
/*
 * The sanitizer of a VP: core/sanitize. Its VP's own CPU alone writes it, in
 * root mode; at the end of the partition the CPU of the last VP reads it.
 */
#ifndef HV_CORE_STATE_SANITIZE_H
#define HV_CORE_STATE_SANITIZE_H

#include "base/types.h"

#define SANITIZE_WATCHES  32 /* uses whose grace runs, and entries reported */
#define SANITIZE_FINDINGS 32 /* that are kept, to print none twice */

/* What a leaf lets through that the guest's entry does not */
enum sanitize_kind {
	SANITIZE_NONE,   /* nothing */
	SANITIZE_ABSENT, /* the guest's entry is not present */
	SANITIZE_TABLE,  /* one above it is not: the table was taken out */
	SANITIZE_FRAME,  /* it leads to another frame */
	SANITIZE_RIGHTS, /* it allows less */
	SANITIZE_DIRTY,  /* D was cleared: a write would not set it again */
	SANITIZE_KINDS,
};

/* An access through a stale leaf. */
struct sanitize_use {
	u64 gva;
	u64 rip;
	u64 leaf;   /* as it was filled */
	u64 entry;  /* the guest's at the access; 0: not present */
	u64 access; /* WALK_* */
	u32 level;  /* of the leaf */
	u32 pcid;
	u32 cpl;      /* of the instruction */
	bool is_user; /* the access was made with the rights of CPL 3 */
	enum sanitize_kind kind;
};

enum sanitize_state {
	SANITIZE_FREE,
	SANITIZE_WAITS,    /* its grace runs */
	SANITIZE_REPORTED, /* until the leaf goes */
};

struct sanitize_watch {
	enum sanitize_state state;
	u64 age; /* ticks of the grace that have passed */
	struct sanitize_use use;
};

struct sanitize_counts {
	u64 passes; /* over all leaves of the current tree */
	u64 compared;
	u64 lazy;    /* leaves that let through less than the guest's entry */
	u64 armed;   /* times that a stale leaf was made to trap */
	u64 flushed; /* uses whose leaf went in time */
	u64 granted; /* uses that the guest's entry allowed at the end */
	u64 lost;    /* uses for which there was no room */
	u64 uses[SANITIZE_KINDS];
	u64 findings[SANITIZE_KINDS];
};

struct sanitize {
	u64 grace; /* constant: ticks */

	u64 cursor;     /* linear address from which the next step compares */
	u64 last;       /* TSC of the last step; 0: none yet */
	u64 pass_stale; /* leaves found stale in the pass so far … */
	u64 stale;      /* … and in the last whole pass */

	struct sanitize_counts count;

	u64 found; /* findings that differ; the last ones are kept: */
	struct sanitize_use finding[SANITIZE_FINDINGS];
	struct sanitize_watch watch[SANITIZE_WATCHES];
};

/* HANDOFF_POOL_PER_SANITIZER */
_Static_assert(sizeof(struct sanitize) <= 8192, "room in the pool");

#endif
