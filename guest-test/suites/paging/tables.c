/* SPDX-License-Identifier: MIT */
/*
 * Page tables that a hypervisor must not trust: they point to themselves or to
 * tables of another level, or change while it walks them. Each access ends as
 * on a CPU, and soon.
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/rng.h"
#include "suites/paging/access.h"
#include "suites/paging/tree.h"

#include "x86/cr.h"

/* A PML4 entry that nothing else uses; in `recursive` it is the PML4 itself. */
#define LOOP       (REGION + 2 * PTE_SIZE(4))
#define LOOP_INDEX PTE_INDEX(LOOP, PTE_LEVELS)
#define TARGET     region_gva(0x900000) /* pages that only this file uses */
#define AD         (PTE_ACCESSED | PTE_DIRTY)
#define SIGN       GENMASK(63, 48)
#define VALUE      0x7461626c65
#define ENTRIES    512
#define RACE_READS 4000

static u64 root(void)
{
	return cpu_cr3() & CR3_BASE;
}

static u64 frame_of_target(void)
{
	static u64 frame;

	if (frame == 0) {
		frame = page_gpa(page_alloc(PAGE_SIZE));
	}
	cpu_write64(frame, VALUE);
	return frame;
}

static void end(void)
{
	region_set(region_entry(LOOP, PTE_LEVELS), 0);
	region_forget();
	region_expect_no_eviction();
}

/* Where a PML4 entry that names the PML4 shows the entry for `gva`. */
static u64 shown_at(u64 gva, u32 level)
{
	u64 at = gva & ~SIGN;

	for (u32 i = 0; i < level; i++) {
		at = at >> 9 | LOOP_INDEX << 39;
	}
	return SIGN | (at & ~7ull);
}

/* Reads and writes entries of each level through the PML4 itself. */
static void recursive(const void *arg)
{
	u64 *entry = region_entry(TARGET, 1);
	u64 *above = region_entry(TARGET, 2);

	(void)arg;
	region_set(region_entry(LOOP, PTE_LEVELS),
		   root() | PTE_PRESENT | PTE_WRITE);
	region_set(entry, 0);
	region_set(above, region_get(above) & ~AD);
	region_forget();
	for (u32 level = 1; level <= PTE_LEVELS; level++) {
		tap_equal("entry", cpu_read64(shown_at(TARGET, level)) & ~AD,
			  region_get(region_entry(TARGET, level)) & ~AD);
	}
	tap_equal("bits of a table that was read", region_get(above) & AD,
		  PTE_ACCESSED);
	cpu_write64(shown_at(TARGET, 1),
		    frame_of_target() | PTE_PRESENT | PTE_WRITE);
	tap_equal("bits of a table that was written", region_get(above) & AD,
		  AD);
	tap_equal("read", cpu_read64(TARGET), VALUE);
	cpu_write64(shown_at(TARGET, 1), 0);
	cpu_invlpg(TARGET);
	tap_equal("vector", trap_read64(TARGET, &(u64){0}), TRAP_PF);
	region_set(above, region_get(above) & ~PTE_DIRTY);
	end();
}

/* A page table that one of its own entries maps, to change itself. */
static void own_table(const void *arg)
{
	u64 *table = region_entry(TARGET, 1);
	u64 at = TARGET + 5 * PAGE_SIZE;

	(void)arg;
	region_set(&table[5], page_gpa(table) | PTE_PRESENT | PTE_WRITE);
	region_forget();
	tap_equal("own entry", cpu_read64(at + 5 * sizeof(u64)) & ~AD,
		  page_gpa(table) | PTE_PRESENT | PTE_WRITE);
	cpu_write64(at + 6 * sizeof(u64), frame_of_target() | PTE_PRESENT);
	tap_equal("page that it mapped", cpu_read64(TARGET + 6 * PAGE_SIZE),
		  VALUE);
	tap_equal("A and D", region_get(&table[5]) & AD, AD);
	/* the write ends what maps it */
	cpu_write64(at + 5 * sizeof(u64), 0);
	cpu_invlpg(at);
	tap_equal("vector", trap_read64(at, &(u64){0}), TRAP_PF);
	region_set(&table[6], 0);
	end();
}

/* What a walk without any TLB reads, A and D left out; false: a fault. */
static bool walk(u64 gva, u64 *value)
{
	u64 table = root();

	for (u32 level = PTE_LEVELS; level > 0; level--) {
		u64 entry = cpu_read64(table + PTE_INDEX(gva, level) * 8);

		if ((entry & PTE_PRESENT) == 0) {
			return false;
		}
		table = entry & PTE_ADDR;
	}
	*value = cpu_read64(table + (gva & (PAGE_SIZE - 1))) & ~AD;
	return true;
}

/* Tables of four levels of its own; table[level] has entries of that level. */
static u64 *tables[PTE_LEVELS + 1];

/* All entries of each table lead to the next one; those of level 1 to `to`. */
static void make_tables(const u64 *to)
{
	for (u32 level = 1; level < PTE_LEVELS; level++) {
		if (tables[level] == NULL) {
			tables[level] = page_alloc(PAGE_SIZE);
		}
	}
	tables[PTE_LEVELS] = (u64 *)root();
	for (u32 level = 1; level < PTE_LEVELS; level++) {
		const u64 *next = level == 1 ? to : tables[level - 1];

		for (u32 i = 0; i < ENTRIES; i++) {
			region_set(&tables[level][i],
				   page_gpa(next) | PTE_PRESENT | PTE_WRITE);
		}
	}
	region_set(region_entry(LOOP, PTE_LEVELS),
		   page_gpa(tables[3]) | PTE_PRESENT | PTE_WRITE);
	region_forget();
}

static void compare(u64 gva)
{
	u64 value = 0;
	u64 want = 0;
	u32 vector = trap_read64(gva, &value);

	tap_equal("vector", vector, walk(gva, &want) ? TRAP_NONE : TRAP_PF);
	tap_equal("value", value & ~AD, want);
}

/*
 * An entry of each level leads to a table of each level, also its own. The
 * indices are such that the PML4 has some of them.
 */
static void loops(const void *arg)
{
	u64 gva = LOOP + PTE_SIZE(3) + 2 * PAGE_SIZE + sizeof(u64);

	(void)arg;
	for (u32 level = 1; level < PTE_LEVELS; level++) {
		for (u32 to = 1; to <= PTE_LEVELS; to++) {
			make_tables((const u64 *)frame_of_target());
			region_set(&tables[level][PTE_INDEX(gva, level)],
				   page_gpa(tables[to]) | PTE_PRESENT |
					   PTE_WRITE);
			compare(gva);
			compare(gva + PTE_SIZE(2));
			compare(gva + PAGE_SIZE);
		}
	}
	end();
}

/* ---- another VP changes the tables meanwhile ---- */

struct race {
	bool has_loops; /* what is read may be an entry then */
};

static volatile u32 race_over;

/* An entry on the way to page 0, as it is, and as it is in the other tree. */
struct race_entry {
	u64 *entry;
	u64 old;
	u64 other;
};

static void change(const struct race_entry *e, u64 how)
{
	switch (how) {
	case 0:
		region_set(e->entry, 0);
		break;
	case 1:
		region_set(e->entry, e->other);
		break;
	case 2:
		region_set(e->entry, e->old | PTE_DIRTY);
		break;
	default: /* to the table that it is in */
		region_set(e->entry,
			   (page_gpa(e->entry) & PAGE_MASK) | REGION_TABLE);
		break;
	}
	region_set(e->entry, e->old);
}

/* One entry after the other becomes another one, and is again as it was. */
static void race_job(void *arg)
{
	const struct race *race = arg;
	const struct tree *old = &tree_old;
	const struct tree *other = &tree_new;
	const struct race_entry entries[] = {
		{&old->pt[0][0], old->frame | REGION_TABLE,
		 other->frame | REGION_TABLE},
		{&old->pd[0][0], tree_entry(old->pt[0]),
		 tree_entry(other->pt[0])},
		{&old->pdpt[0], tree_entry(old->pd[0]),
		 tree_entry(other->pd[0])},
		{region_entry(TREE, PTE_LEVELS), tree_entry(old->pdpt),
		 tree_entry(other->pdpt)},
	};
	struct rng rng;

	rng_init(&rng, cmdline_get()->seed, vp_self()->id);
	while (race_over == 0) {
		u64 i = rng_below(&rng, ARRAY_SIZE(entries));

		change(&entries[i], rng_below(&rng, race->has_loops ? 4 : 3));
		relax_yield();
	}
}

static void raced(const void *arg)
{
	static struct race race;

	race = *(const struct race *)arg;
	tree_restore(0);
	race_over = 0;
	smp_run(1, race_job, &race);
	for (u32 i = 0; i < RACE_READS; i++) {
		struct access a = {.gva = tree_gva(SAME_TABLE, 0)};

		cpu_invlpg(a.gva);
		if (!access_on(0, &a)) {
			tap_equal("vector", a.fault.vector, TRAP_PF);
		} else if (!race.has_loops) {
			tap_true("read what was written",
				 a.value == TREE_OLD || a.value == TREE_NEW);
		}
	}
	race_over = 1;
	smp_wait(1);
	tree_restore(0);
	region_expect_no_eviction();
}

static const struct race changes = {.has_loops = false};
static const struct race with_loops = {.has_loops = true};

#define WALKS "SDM 3A: 4-Level Paging and 5-Level Paging"

/* clang-format off */
static const struct check checks[] = {
	{"recursive", WALKS, recursive, NULL, 1, NEED_HV},
	{"own_table", WALKS, own_table, NULL, 1, NEED_HV},
	{"loops", WALKS, loops, NULL, 1, NEED_HV},
	{"raced", WALKS, raced, &changes, 2, NEED_HV},
	{"raced_loops", WALKS, raced, &with_loops, 2, NEED_HV},
};
/* clang-format on */

SUITE("tables", 098, checks);
