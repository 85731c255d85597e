/* SPDX-License-Identifier: MIT */
/*
 * The software TLB of a VP: core/paging/shadow.h. Its VP's own CPU alone reads
 * and writes it, in root mode.
 */
#ifndef HV_CORE_STATE_SHADOW_H
#define HV_CORE_STATE_SHADOW_H

#include "base/types.h"

/* Tables of a VP. With fewer than MIN a page fault might find no room; the key
   shadow-pages asks for more, so that a whole instruction finds it. */
#define SHADOW_TABLES_MIN 80

#define SHADOW_CONTEXTS 64    /* PCIDs whose translations are kept at once */
#define SHADOW_NONE     (~0u) /* instead of a table's number */

/* The paging mode of the guest, which decides the format of the tables */
enum shadow_mode {
	SHADOW_MODE_NONE, /* nothing was loaded yet */
	SHADOW_MODE_32BIT,
	SHADOW_MODE_PAE,
	SHADOW_MODE_LONG,
};

/*
 * What is known of a table, beside its 512 entries. The way is a memory of the
 * guest table that it stands for, as a CPU's paging-structure caches have it;
 * it is valid while `way_since` is the generation of the context.
 */
struct shadow_table {
	u64 used[8];   /* entries that may differ from 0 */
	u64 way;       /* GPA of the guest's table; W and U: AND of the entries
			  above it, NX: OR of them */
	u64 way_since; /* 0: never valid */
	u32 next;      /* in the list of its tree, or of free tables */
	u32 pieces;    /* leaves that are parts of a large page */
};

struct shadow_tree {
	u32 root;   /* SHADOW_NONE: no table at all */
	u32 first;  /* of its list of tables; the root is the last one */
	u32 tables; /* in the list */
	u64 leaves;
	u64 globals; /* of the leaves */
};

/* The translations of a PCID, but for the global ones. */
struct shadow_context {
	struct shadow_tree tree;
	u64 cr3;  /* of the last load, without bit 63 */
	u64 ways; /* generation in which its tables' ways are valid */
	u32 pcid;
	bool is_mixed; /* has translations of more roots than that of cr3 */
};

struct shadow {
	/* for the VMCS; may change in every call */
	u64 root;     /* GPA, for GUEST_CR3 */
	u64 pdpte[4]; /* while !is_long */
	bool is_long;
	bool invvpid_due; /* set here, cleared by who executes INVVPID */

	/* counters */
	u64 fills;     /* leaves put into the current tree by a fault */
	u64 reflected; /* faults that are the guest's */
	u64 evictions; /* of a tree or PCID, because there was no room */
	u64 removals;  /* leaves that were removed, for whatever reason */

	/* constant */
	u64 *tables;
	struct shadow_table *info;
	u32 count;
	gpa_t area; /* of table 0 */
	bool walk_cache;
	u32 address_bits; /* MAXPHYADDR */

	enum shadow_mode mode;
	u32 free;                       /* list of tables that are in no tree */
	u32 victim;                     /* context that was evicted last */
	u64 generation;                 /* the newest one */
	struct shadow_context *current; /* NULL before the first load */
	u64 contexts_used;              /* of context[], one bit each */
	/* Never loaded: faults copy its leaves into the current tree */
	struct shadow_tree global;
	struct shadow_context context[SHADOW_CONTEXTS];
};

#endif
