/* SPDX-License-Identifier: MIT */
/*
 * All six kinds of access are tried, with AC set: what SMAP refuses depends on
 * the instruction. The CPU always runs with WP = 1 on the leaves.
 */
#include "core/sanitize/compare.h"

#include "base/bits.h"
#include "core/paging/shadow_page.h"
#include "core/paging/shadow_table.h"
#include "core/state/partition.h"
#include "x86/cr.h"
#include "x86/msr.h"

/* The highest level whose entries lie in memory. */
static u32 top_level(const struct walk_state *state)
{
	return state->efer & EFER_LMA ? 4 : 2;
}

/* The entries that a walk has read; it says so only if it succeeds. */
static u32 steps_read(const struct walk_path *path)
{
	u32 steps = 0;

	while (steps < WALK_STEPS && path->step[steps].shift != 0) {
		steps++;
	}
	return steps;
}

void sanitize_look(const struct sanitize_view *v, u64 gva, u64 leaf,
		   struct sanitize_entry *entry)
{
	struct walk_path path = {.steps = 0};
	struct walk_table start;
	enum walk_status status = walk_from_cr3(&v->state, gva, &start);
	u32 top = top_level(&v->state);

	*entry = (struct sanitize_entry){.is_known = true};
	if (status == WALK_OK) {
		status = walk_from(v->p, &v->state, gva, &start, &path);
	} else {
		top++;
	}
	if (status != WALK_OK) {
		u32 steps = steps_read(&path);

		entry->level = top - steps;
		entry->is_small = entry->level == 1;
		entry->is_known = steps != 0 || !(leaf & SHADOW_GLOBAL);
		return;
	}
	entry->is_present = true;
	entry->is_small = walk_from_leaf(&path)->shift == PTE_SHIFT(1);
	entry->entry = walk_from_leaf(&path)->entry;
	entry->gpa = walk_from_page(&path, gva) & PAGE_MASK;
	entry->all = path.all;
	entry->any = path.any;
}

static bool leaf_lets(const struct walk_state *state, u64 leaf, u64 access)
{
	return (!(access & WALK_WRITE) || (leaf & PTE_WRITE)) &&
	       walk_allows(state, leaf, leaf, access);
}

static enum sanitize_kind kind_of(const struct walk_state *state,
				  const struct shadow_page *page,
				  const struct sanitize_entry *entry,
				  u64 access)
{
	if (!entry->is_known) {
		return SANITIZE_NONE;
	}
	if (!entry->is_present) {
		return entry->level > (page->is_large ? 2 : 1)
			       ? SANITIZE_TABLE
			       : SANITIZE_ABSENT;
	}
	if (entry->gpa != page->gpa) {
		return SANITIZE_FRAME;
	}
	if (!walk_allows(state, entry->all, entry->any, access)) {
		return SANITIZE_RIGHTS;
	}
	return (access & WALK_WRITE) && !(entry->entry & PTE_DIRTY)
		       ? SANITIZE_DIRTY
		       : SANITIZE_NONE;
}

enum sanitize_kind sanitize_kind_of(const struct sanitize_view *v, u64 gva,
				    u64 leaf, u32 level,
				    const struct sanitize_entry *entry,
				    u64 access)
{
	struct shadow_page page = shadow_page_of_leaf(leaf, level, gva);

	return leaf_lets(&v->state, leaf, access)
		       ? kind_of(&v->state, &page, entry, access)
		       : SANITIZE_NONE;
}

/* One kind of access. */
static void compare(const struct walk_state *state, u64 leaf,
		    const struct shadow_page *page,
		    const struct sanitize_entry *entry, u64 access,
		    struct sanitize_difference *d)
{
	enum sanitize_kind kind = kind_of(state, page, entry, access);

	if (!leaf_lets(state, leaf, access)) {
		d->is_lazy = d->is_lazy || kind == SANITIZE_NONE;
		return;
	}
	if (kind == SANITIZE_NONE) {
		return;
	}
	d->kind = d->kind == SANITIZE_NONE ? kind : d->kind;
	d->writes_only = d->writes_only && (access & WALK_WRITE) != 0;
}

struct sanitize_difference sanitize_compare(const struct sanitize_view *v,
					    u64 gva, u64 leaf, u32 level,
					    const struct sanitize_entry *entry)
{
	static const u64 accesses[] = {WALK_READ, WALK_WRITE, WALK_EXECUTE};
	struct sanitize_difference d = {.writes_only = true};
	struct shadow_page page = shadow_page_of_leaf(leaf, level, gva);
	struct walk_state state = v->state;

	if (!entry->is_known) {
		return d;
	}
	state.rflags |= RFLAGS_AC;
	for (u32 cpl = 0; cpl <= 3; cpl += 3) {
		state.cpl = cpl;
		for (u32 i = 0; i < ARRAY_SIZE(accesses); i++) {
			compare(&state, leaf, &page, entry, accesses[i], &d);
		}
	}
	d.writes_only = d.writes_only && d.kind != SANITIZE_NONE;
	d.is_lazy = d.is_lazy && d.kind == SANITIZE_NONE;
	return d;
}
