/* SPDX-License-Identifier: MIT */
/*
 * Leaves from entries of the guest. All rights are in the leaf, A is 1 and D is
 * W, so that the CPU never writes to the tables; the CPU's G is always 0. A
 * large page has its PAT bit elsewhere than a small one.
 */
#include "core/paging/shadow_page.h"

#include "core/paging/shadow_table.h"
#include "x86/cr.h"

struct shadow_page shadow_page_of_walk(const struct walk_state *state,
				       const struct walk_path *path, u64 gpa,
				       bool is_write, u64 ram_len)
{
	const struct walk_step *leaf = walk_from_leaf(path);
	bool is_large = leaf->shift != PTE_SHIFT(1);
	u64 pat = is_large ? PTE_PAT_LARGE : PTE_PAT;
	bool fits = (gpa | (SHADOW_LARGE - 1)) < ram_len;
	struct shadow_page page = {.gpa = gpa, .is_large = is_large};

	page.level = is_large && fits ? 2 : 1;
	page.bits = PTE_PRESENT | PTE_ACCESSED | SHADOW_LEAF |
		    (path->all & PTE_USER) | (path->any & PTE_NX) |
		    (leaf->entry & (PTE_PWT | PTE_PCD)) |
		    (leaf->entry & pat ? PTE_PAT : 0);
	/* without a dirty bit the first write has to fault */
	if ((is_write || (leaf->entry & PTE_DIRTY)) &&
	    (path->all & PTE_WRITE)) {
		page.bits |= PTE_WRITE | PTE_DIRTY;
	}
	if ((leaf->entry & PTE_GLOBAL) && (state->cr4 & CR4_PGE)) {
		page.bits |= SHADOW_GLOBAL;
	}
	return page;
}

struct shadow_page shadow_page_of_leaf(u64 entry, u32 level, u64 gva)
{
	struct shadow_page page = {.level = level};

	if (level == 1) {
		page.gpa = entry & PTE_ADDR;
		page.bits = entry & ~(PTE_ADDR | SHADOW_PIECE | SHADOW_USED);
		page.is_large = (entry & SHADOW_PIECE) != 0;
		return page;
	}
	page.gpa = (entry & PTE_ADDR & ~(SHADOW_LARGE - 1)) |
		   (gva & (SHADOW_LARGE - 1) & PAGE_MASK);
	page.bits = (entry & ~(PTE_ADDR | PTE_LARGE | SHADOW_USED)) |
		    (entry & PTE_PAT_LARGE ? PTE_PAT : 0);
	page.is_large = true;
	return page;
}

u64 shadow_page_leaf(const struct shadow_page *page, u32 level)
{
	if (level == 1) {
		return page->gpa | page->bits |
		       (page->is_large ? SHADOW_PIECE : 0);
	}
	return (page->gpa & ~(SHADOW_LARGE - 1)) | (page->bits & ~PTE_PAT) |
	       (page->bits & PTE_PAT ? PTE_PAT_LARGE : 0) | PTE_LARGE;
}

void shadow_page_open(struct shadow_page *page, const struct walk_state *state,
		      u64 all)
{
	if (all & PTE_WRITE) {
		return;
	}
	if ((page->bits & PTE_USER) && (state->cr4 & CR4_SMEP)) {
		page->bits |= PTE_NX;
	}
	page->bits &= ~PTE_USER;
	page->bits |= PTE_WRITE | PTE_DIRTY;
}
