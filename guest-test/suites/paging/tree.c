/* SPDX-License-Identifier: MIT */
/* The tables come from page_alloc(), at the first use, and stay. */
#include "suites/paging/tree.h"
#include "kernel/cpu.h"
#include "kernel/page.h"

#define ENTRIES 512

struct tree tree_old;
struct tree tree_new;

u64 tree_gva(enum reach reach, u32 page)
{
	static const u64 offset[] = {0, PTE_SIZE(2), PTE_SIZE(3)};

	return TREE + offset[reach] + (u64)page * PAGE_SIZE;
}

u64 tree_entry(const u64 *table)
{
	return page_gpa(table) | REGION_TABLE;
}

u64 tree_large_frame(void)
{
	static u64 frame;

	if (frame == 0) {
		frame = page_gpa(page_alloc_large());
		for (u32 i = 0; i < ENTRIES; i++) {
			cpu_write64(frame + i * PAGE_SIZE, TREE_NEW);
		}
	}
	return frame;
}

static void make(struct tree *t)
{
	t->pdpt = page_alloc(PAGE_SIZE);
	for (u32 i = 0; i < ARRAY_SIZE(t->pd); i++) {
		t->pd[i] = page_alloc(PAGE_SIZE);
	}
	for (u32 i = 0; i < ARRAY_SIZE(t->pt); i++) {
		t->pt[i] = page_alloc(PAGE_SIZE);
	}
	t->frame = page_gpa(page_alloc(PAGE_SIZE));
}

static void fill(struct tree *t, u64 flags, u64 value)
{
	if (t->pdpt == NULL) {
		make(t);
	}
	for (u32 k = 0; k < ARRAY_SIZE(t->pt); k++) {
		for (u32 i = 0; i < ENTRIES; i++) {
			region_set(&t->pt[k][i],
				   t->frame | PTE_PRESENT | PTE_WRITE);
		}
	}
	region_set(&t->pt[SAME_TABLE][0],
		   t->frame | PTE_PRESENT | PTE_WRITE | flags);
	region_set(&t->pd[0][0], tree_entry(t->pt[SAME_TABLE]));
	region_set(&t->pd[0][1], tree_entry(t->pt[SAME_DIRECTORY]));
	region_set(&t->pd[1][0], tree_entry(t->pt[SAME_PDPT]));
	region_set(&t->pdpt[0], tree_entry(t->pd[0]));
	region_set(&t->pdpt[1], tree_entry(t->pd[1]));
	cpu_write64(t->frame, value);
}

void tree_restore(u64 flags)
{
	fill(&tree_old, flags, TREE_OLD);
	fill(&tree_new, flags, TREE_NEW);
	region_set(region_entry(TREE, 4), tree_entry(tree_old.pdpt));
	region_forget();
}
