/* SPDX-License-Identifier: MIT */
/*
 * A page fault: a global leaf that the current tree lacks is copied; else the
 * guest's tables are walked, and the leaf is put in place or the fault is the
 * guest's.
 */
#include "core/paging/shadow_fill.h"

#include "core/paging/shadow_arm.h"
#include "core/paging/shadow_context.h"
#include "core/paging/shadow_drop.h"
#include "core/paging/shadow_page.h"
#include "core/paging/shadow_table.h"
#include "core/paging/shadow_way.h"
#include "core/paging/walk_from.h"
#include "core/state/partition.h"
#include "core/trace/record.h"
#include "x86/cr.h"
#include "x86/exception.h"
#include "x86/msr.h"

/* What may differ between two leaves of one page */
#define RIGHTS (PTE_WRITE | PTE_USER | PTE_NX | PTE_DIRTY | SHADOW_USED)

struct fault {
	struct partition *p;
	struct shadow *s;
	struct walk_state *state;  /* of this access, not of the instruction */
	u64 gva;                   /* by shadow_table_linear() */
	u64 access;                /* WALK_* */
	struct shadow_place place; /* in the current tree */
	struct walk_table start;
	struct walk_path path;
	u64 gpa;         /* the walk's result */
	bool has_global; /* the global tree translates the address */
};

static bool is_user(const struct fault *f)
{
	return f->state->cpl == 3;
}

/*
 * An access without the U bit at CPL 3 is an implicit one, for which AC does
 * not count. Those at other CPLs look like explicit ones; but if the leaf there
 * lets an explicit one through, SMAP has refused it for no other reason.
 */
static bool is_refused_by_smap(const struct fault *f, u64 leaf)
{
	return !is_user(f) && (leaf & PTE_USER) && (f->state->cr4 & CR4_SMAP) &&
	       !(f->access & WALK_EXECUTE) &&
	       (!(f->access & WALK_WRITE) || (leaf & PTE_WRITE));
}

/*
 * There is a leaf, which has not let the access through. True: because it is
 * armed. Not inlined: most faults are of pages without a leaf.
 */
static __attribute__((noinline)) bool meet_leaf(struct fault *f, u64 leaf)
{
	if (shadow_arm_traps(leaf, (f->access & WALK_WRITE) != 0)) {
		return true;
	}
	if (is_refused_by_smap(f, leaf)) {
		f->state->rflags &= ~RFLAGS_AC;
	}
	return false;
}

/* True: an armed leaf has caused the fault. */
static bool decode(struct fault *f, struct walk_state *state, u32 error_code)
{
	u32 cpl = state->cpl;
	u64 leaf = shadow_table_find(f->s, &f->s->current->tree, f->gva,
				     &f->place);

	f->state = state;
	f->access = error_code & X86_PF_FETCH   ? WALK_EXECUTE
		    : error_code & X86_PF_WRITE ? WALK_WRITE
						: WALK_READ;
	f->state->cpl = error_code & X86_PF_USER ? 3 : 0;
	if (!is_user(f) && cpl == 3) {
		f->state->rflags &= ~RFLAGS_AC;
	}
	return UNLIKELY(leaf != 0) && meet_leaf(f, leaf);
}

static bool lowers(u64 old, u64 entry)
{
	return ((old & ~entry & (PTE_WRITE | PTE_USER)) |
		(entry & ~old & PTE_NX)) != 0;
}

/*
 * install() where there is a leaf, or no table yet. Another page that is there
 * goes; of a global one all copies go, and also if the new leaf gives less.
 */
static __attribute__((noinline)) u32 install_at(struct fault *f,
						struct shadow_tree *tree,
						u32 level, u64 entry,
						struct shadow_place *place)
{
	struct shadow *s = f->s;
	u64 old = shadow_table_entry(s, place, f->gva);
	bool is_global = tree == &s->global;

	if (old != 0 && (place->level != level || ((old ^ entry) & ~RIGHTS) ||
			 (is_global && lowers(old, entry)))) {
		if (is_global) {
			shadow_context_remove_globals(s, f->gva, f->gva);
		} else {
			shadow_table_remove(s, tree, f->gva, f->gva,
					    shadow_table_any);
		}
	}
	if (!shadow_table_extend(s, tree, f->gva, level, place)) {
		return 0;
	}
	shadow_table_set(s, tree, place->table[level],
			 (u32)PTE_INDEX(f->gva, level), entry);
	return level;
}

/*
 * Puts the page into the tree, where shadow_table_find() has found `place`. A
 * page table that stands where a large page would be keeps its leaves, and the
 * large page comes in pieces. Returns the level of the leaf, 0: no table is
 * left. Inlined for what is most frequent: a table is there, and no leaf.
 */
static inline u32 install(struct fault *f, struct shadow_tree *tree,
			  const struct shadow_page *page,
			  struct shadow_place *place)
{
	u32 level = place->level == 1 ? 1 : page->level;
	u64 entry = shadow_page_leaf(page, level);

	if (LIKELY(place->level == level &&
		   shadow_table_entry(f->s, place, f->gva) == 0)) {
		shadow_table_add(f->s, tree, place->table[level],
				 (u32)PTE_INDEX(f->gva, level), entry);
		return level;
	}
	return install_at(f, tree, level, entry, place);
}

/* For the trace: a leaf at `level` was written. */
static void note(const struct fault *f, const struct shadow_page *page,
		 u32 level)
{
	if (RECORD_ON) {
		record_here(TRACE_FILL, level, f->gva,
			    shadow_page_leaf(page, level));
	}
}

/* A leaf of the global tree, if it allows the access on the CPU. */
static bool find_global(struct fault *f, struct shadow_page *page)
{
	const struct shadow_tree *tree = &f->s->global;
	struct shadow_place place;
	u64 entry = 0;

	if (shadow_table_has_region(f->s, tree, f->gva)) {
		entry = shadow_table_find(f->s, tree, f->gva, &place);
	}
	f->has_global = entry != 0;
	if (!f->has_global ||
	    ((f->access & WALK_WRITE) && !(entry & PTE_WRITE)) ||
	    !walk_allows(f->state, entry, entry, f->access)) {
		return false;
	}
	*page = shadow_page_of_leaf(entry, place.level, f->gva);
	return true;
}

static enum walk_status try_walk(struct fault *f)
{
	enum walk_status status = WALK_OK;

	if (!shadow_way_find(f->s, &f->place, &f->start)) {
		status = walk_from_cr3(f->state, f->gva, &f->start);
	}
	if (status == WALK_OK) {
		status = walk_from(f->p, f->state, f->gva, &f->start, &f->path);
	}
	if (status != WALK_OK) {
		return status;
	}
	if (!walk_allows(f->state, f->path.all, f->path.any, f->access)) {
		return WALK_DENIED;
	}
	f->gpa = walk_from_page(&f->path, f->gva) & PAGE_MASK;
	if (f->gpa >= f->p->memory_len) {
		f->path.at.v = f->gpa;
		return WALK_UNMAPPED;
	}
	return walk_from_set_bits(f->p, &f->path,
				  (f->access & WALK_WRITE) != 0);
}

/* False: no table is left. */
static bool put(struct fault *f)
{
	struct shadow *s = f->s;
	bool is_write = (f->access & WALK_WRITE) != 0;
	struct shadow_page page = shadow_page_of_walk(
		f->state, &f->path, f->gpa, is_write, f->p->memory_len);
	u32 level;

	if (page.bits & SHADOW_GLOBAL) {
		struct shadow_place place;

		/* where it is in pieces, so are the copies */
		shadow_table_find(s, &s->global, f->gva, &place);
		page.level = install(f, &s->global, &page, &place);
		if (page.level == 0) {
			return false;
		}
	} else if (f->has_global) {
		/* it was replaced */
		shadow_context_remove_globals(s, f->gva, f->gva);
	}
	if (is_write) {
		shadow_page_open(&page, f->state, f->path.all);
	}
	level = install(f, &s->current->tree, &page, &f->place);
	if (level == 0) {
		return false;
	}
	note(f, &page, level);
	shadow_way_learn(s, &f->place, &f->start, &f->path);
	return true;
}

/* Another tree goes, or the current one itself. */
static void make_room(struct fault *f)
{
	shadow_context_evict(f->s);
	shadow_table_find(f->s, &f->s->current->tree, f->gva, &f->place);
}

/* False: there is no such leaf in the global tree. */
static bool put_copy(struct fault *f)
{
	struct shadow_page page;
	u32 level;

	while (find_global(f, &page)) {
		level = install(f, &f->s->current->tree, &page, &f->place);
		if (level != 0) {
			note(f, &page, level);
			return true;
		}
		make_room(f);
	}
	return false;
}

static enum shadow_end filled(struct shadow *s)
{
	s->fills++;
	if (!s->is_long) {
		shadow_context_publish(s);
	}
	return SHADOW_FILLED;
}

/* shadow_page_fault(), without a search where there is nothing to remove. */
static void forget(struct fault *f)
{
	struct shadow *s = f->s;

	if (shadow_table_has_region(s, &s->global, f->gva) ||
	    shadow_table_may_have(s, &f->place, f->gva)) {
		shadow_page_fault(s, (gva_t){f->gva});
		return;
	}
	shadow_way_forget_at(s, &f->place);
	s->reflected++;
}

/* The error code as the guest sees it: SDM 3A, "Page-Fault Exceptions" */
static enum shadow_end reflect(struct fault *f, u32 error_code,
			       enum walk_status status,
			       struct shadow_answer *answer)
{
	u64 cr4 = f->state->cr4;
	bool has_nx = (cr4 & CR4_PAE) && (f->state->efer & EFER_NXE);
	u32 code = error_code & (u32)(X86_PF_WRITE | X86_PF_USER);

	if ((f->access & WALK_EXECUTE) && (has_nx || (cr4 & CR4_SMEP))) {
		code |= X86_PF_FETCH;
	}
	if (status != WALK_NOT_PRESENT) {
		code |= X86_PF_PRESENT;
	}
	if (status == WALK_BAD_FLAGS) {
		code |= X86_PF_RESERVED;
	}
	forget(f);
	answer->error_code = code;
	return SHADOW_PAGE_FAULT;
}

enum shadow_end shadow_fault(struct partition *p, struct shadow *s,
			     struct walk_state *state, gva_t gva,
			     u32 error_code, struct shadow_answer *answer)
{
	struct fault f;
	enum walk_status status;
	u32 tries = WALK_TRIES;

	f.p = p;
	f.s = s;
	f.gva = shadow_table_linear(s, gva);
	if (decode(&f, state, error_code)) {
		return SHADOW_TRAPPED;
	}
	if (put_copy(&f)) {
		return filled(s);
	}
	do {
		status = try_walk(&f);
	} while (status == WALK_AGAIN && --tries != 0);
	switch (status) {
	case WALK_OK:
		while (!put(&f)) {
			make_room(&f);
		}
		return filled(s);
	case WALK_AGAIN:
		return SHADOW_FILLED;
	case WALK_UNMAPPED:
		answer->outside = f.path.at;
		return SHADOW_OUTSIDE;
	case WALK_NOT_PRESENT:
	case WALK_DENIED:
	case WALK_BAD_FLAGS:
	default:
		return reflect(&f, error_code, status, answer);
	}
}
