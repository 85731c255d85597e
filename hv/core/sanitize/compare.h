/* SPDX-License-Identifier: MIT */
/*
 * A leaf of a software TLB against the guest's tables as they are now. What a
 * leaf lacks is legal laziness; what it lets through and the guest's entry does
 * not is stale. Nothing here changes anything.
 */
#ifndef HV_CORE_SANITIZE_COMPARE_H
#define HV_CORE_SANITIZE_COMPARE_H

#include "core/paging/walk.h"
#include "core/state/sanitize.h"

struct shadow;

/* What is compared: all of one VP, on its own CPU. */
struct sanitize_view {
	struct partition *p;
	struct shadow *s;
	struct sanitize *z;
	struct walk_state state; /* the guest's view, by the loaded root */
	u32 vp;                  /* its number */
};

/* What the guest's tables say of an address. */
struct sanitize_entry {
	bool is_known; /* false: they do not decide */
	bool is_present;
	bool is_small; /* the page has 4 KiB, or an entry for that lacks */
	u32 level;     /* of the entry that is not present */
	u64 entry;     /* that maps the page; 0: not present */
	u64 gpa;       /* of the 4 KiB at the address */
	u64 all;       /* AND and OR of the entries on the way */
	u64 any;
};

struct sanitize_difference {
	enum sanitize_kind kind;
	bool writes_only; /* of the accesses only writes are concerned */
	bool is_lazy;     /* the leaf lets through less */
};

/*
 * The walk for `gva`, a linear address as shadow_table_linear() makes it.
 * `leaf` is the VP's leaf there: a global one may be from another root, so an
 * entry of the highest level that is not present decides nothing about it.
 */
void sanitize_look(const struct sanitize_view *v, u64 gva, u64 leaf,
		   struct sanitize_entry *entry);

/* Compares all kinds of access. `leaf` at `level` is not armed. */
struct sanitize_difference sanitize_compare(const struct sanitize_view *v,
					    u64 gva, u64 leaf, u32 level,
					    const struct sanitize_entry *entry);

/*
 * Is this access (WALK_*), at the CPL and AC of v->state, a use of what the
 * leaf has too much? NONE: no, or the leaf does not let it through.
 */
enum sanitize_kind sanitize_kind_of(const struct sanitize_view *v, u64 gva,
				    u64 leaf, u32 level,
				    const struct sanitize_entry *entry,
				    u64 access);

#endif
