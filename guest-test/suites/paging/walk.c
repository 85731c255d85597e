/* SPDX-License-Identifier: MIT */
/*
 * The way to a page table is cached like a translation: SDM 3A, "Caches for
 * Paging Structures". A VP reads a page; then an entry above its page table
 * changes. With paging = shadow, pages nearby that it has not read yet are
 * still found by the former way, until an event forgets it. A kernel that frees
 * a page table too early is found only so.
 */
#include "call/flush.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "suites/paging/access.h"
#include "suites/paging/tree.h"

#define ELSEWHERE (REGION + 0x10000 * PAGE_SIZE)
#define TARGETS   2

/* Pages of a table: one that is read first, and three for each VP. */
#define USED      0
#define BEFORE(n) (8 * (n) + 1)
#define AFTER(n)  (8 * (n) + 2)
#define LATER(n)  (8 * (n) + 3)

/* What an entry is changed to. */
enum change { TO_TABLE, TO_NOTHING, TO_READ_ONLY, TO_LARGE };

struct walk_row {
	u32 level; /* of the entry that changes: 2 to 4 */
	enum change change;
	enum reach reach;
	void (*event)(u32 target);
	bool keeps_way;  /* the event does not forget it */
	bool keeps_page; /* nor the page that was read first */
	bool is_global;  /* that page */
	bool is_strict;  /* paging = shadow: what is not forgotten is used */
};

static void change(const struct walk_row *row)
{
	const u64 *tables[] = {[2] = tree_new.pt[0],
			       [3] = tree_new.pd[0],
			       [4] = tree_new.pdpt};
	u64 *entry = region_entry(TREE, row->level);
	u64 value = region_get(entry);

	switch (row->change) {
	case TO_TABLE:
		value = tree_entry(tables[row->level]);
		break;
	case TO_NOTHING:
		value = 0;
		break;
	case TO_READ_ONLY:
		value &= ~PTE_WRITE;
		break;
	case TO_LARGE:
		value = tree_large_frame() | REGION_TABLE | PTE_LARGE;
		break;
	}
	region_set(entry, value);
}

static enum access_kind kind_of(const struct walk_row *row)
{
	return row->change == TO_READ_ONLY ? ACCESS_WRITE : ACCESS_READ;
}

/* VP n uses a page of that table; by the old way it finds the old frame. */
static void expect_old(const struct walk_row *row, u32 n, u32 page)
{
	u64 gva = tree_gva(row->reach, page);
	struct access a = {.gva = gva, .kind = kind_of(row), .value = TREE_OLD};

	(void)access_on(n, &a);
	if (row->is_strict) {
		tap_equal("vector by the cached way", a.fault.vector,
			  TRAP_NONE);
		tap_equal("value by the cached way", a.value, TREE_OLD);
	}
}

static void expect_new(const struct walk_row *row, u32 n, u32 page)
{
	u64 gva = tree_gva(row->reach, page);
	struct access a = {.gva = gva, .kind = kind_of(row), .value = TREE_OLD};

	(void)access_on(n, &a);
	if (row->change == TO_TABLE || row->change == TO_LARGE) {
		tap_equal("vector", a.fault.vector, TRAP_NONE);
		tap_equal("value", a.value, TREE_NEW);
		return;
	}
	tap_equal("vector", a.fault.vector, TRAP_PF);
	tap_equal("error code", a.fault.error,
		  row->change == TO_READ_ONLY ? PF_P | PF_W : 0);
	tap_equal("CR2", a.fault.cr2, gva);
}

static void expect_used(const struct walk_row *row, u32 n)
{
	struct access a = {.gva = tree_gva(SAME_TABLE, USED)};

	(void)access_on(n, &a);
	if (row->is_strict && row->keeps_page) {
		tap_equal("page that was read", a.value, TREE_OLD);
	}
}

static void look_after(const struct walk_row *row, u32 n, bool is_target)
{
	if (is_target && !row->keeps_way) {
		expect_new(row, n, AFTER(n));
	} else {
		expect_old(row, n, AFTER(n));
	}
	if (row->change == TO_TABLE) {
		expect_used(row, n);
	}
}

static u32 vps(void)
{
	return smp_count() < TARGETS ? smp_count() : TARGETS;
}

static void run_row(const void *arg)
{
	const struct walk_row *row = arg;

	for (u32 target = 0; target < vps(); target++) {
		tree_restore(row->is_global ? PTE_GLOBAL : 0);
		for (u32 n = 0; n < vps(); n++) {
			struct access a = {.gva = tree_gva(SAME_TABLE, USED)};

			(void)access_on(n, &a);
			tap_equal("first read", a.value, TREE_OLD);
		}
		change(row);
		for (u32 n = 0; n < vps(); n++) {
			expect_old(row, n, BEFORE(n));
		}
		row->event(target);
		for (u32 n = 0; n < vps(); n++) {
			look_after(row, n, n == target);
		}
		region_forget();
		for (u32 n = 0; n < vps(); n++) {
			expect_new(row, n, LATER(n));
		}
	}
	tree_restore(0);
	region_expect_no_eviction();
}

/* ---- events ---- */

static void invlpg_job(void *arg)
{
	cpu_invlpg(*(const u64 *)arg);
}

static void invlpg_elsewhere(u32 target)
{
	u64 gva = ELSEWHERE;

	region_run_on(target, invlpg_job, &gva);
}

static void cr3_job(void *arg)
{
	(void)arg;
	cpu_set_cr3(cpu_cr3());
}

static void mov_cr3(u32 target)
{
	region_run_on(target, cr3_job, NULL);
}

static void call(u32 target, u16 code, u64 space, u64 flags)
{
	static const u64 range = ELSEWHERE;
	struct flush_call call = {
		.code = code,
		.space = space,
		.flags = flags,
		.vps = vpset_one(target),
		.ranges = &range,
		.count = 1,
	};

	if (!flush_call_can_name(code, &call.vps)) {
		call.code = (u16)(code + SPACE_EX - SPACE);
	}
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
}

static void list_elsewhere(u32 target)
{
	call(target, LIST, cpu_cr3(), 0);
}

static void list_other_space(u32 target)
{
	call(target, LIST, cpu_cr3() ^ BIT(13), 0);
}

static void space(u32 target)
{
	call(target, SPACE, cpu_cr3(), NON_G);
}

static void other_space(u32 target)
{
	call(target, SPACE, cpu_cr3() ^ BIT(13), NON_G);
}

static void exits_job(void *arg)
{
	(void)arg;
	(void)cpu_cpuid(0, 0);
}

static void exits(u32 target)
{
	region_run_on(target, exits_job, NULL);
}

static void fault_elsewhere(u32 target)
{
	struct access a = {.gva = ELSEWHERE};

	(void)access_on(target, &a);
	tap_equal("vector", a.fault.vector, TRAP_PF);
}

/* ---- a fault forgets the way to its address ---- */

/*
 * By the former way the page is not present, by the new one it is. The fault
 * comes, and the same access then succeeds.
 */
static void fault_forgets(const void *arg)
{
	const struct walk_row *row = arg;
	struct access a = {.gva = tree_gva(row->reach, USED)};

	tree_restore(0);
	(void)access_on(0, &a);
	region_set(&tree_old.pt[row->reach][BEFORE(0)], 0);
	change(row);
	a.gva = tree_gva(row->reach, BEFORE(0));
	(void)access_on(0, &a);
	if (row->is_strict) {
		tap_equal("vector by the cached way", a.fault.vector, TRAP_PF);
		tap_equal("error code", a.fault.error, 0);
		tap_equal("CR2", a.fault.cr2, a.gva);
	}
	expect_new(row, 0, BEFORE(0));
	expect_new(row, 0, AFTER(0));
	tree_restore(0);
}

/* An entry that no access has used is not cached: it is read when it is. */
static void not_used(const void *arg)
{
	struct access a = {.gva = tree_gva(SAME_TABLE, USED)};

	(void)arg;
	tree_restore(0);
	(void)access_on(0, &a);
	region_set(&tree_old.pd[0][1], tree_entry(tree_new.pt[SAME_DIRECTORY]));
	region_set(&tree_old.pdpt[1], tree_entry(tree_new.pd[1]));
	region_set(&tree_old.pt[SAME_TABLE][AFTER(0)],
		   tree_new.frame | PTE_PRESENT);
	for (enum reach reach = SAME_TABLE; reach <= SAME_PDPT; reach++) {
		a.gva = tree_gva(reach, AFTER(0));
		(void)access_on(0, &a);
		tap_equal("vector", a.fault.vector, TRAP_NONE);
		tap_equal("value", a.value, TREE_NEW);
	}
	tree_restore(0);
}

#define HEADING "SDM 3A: Caches for Paging Structures"
#define ONE(_name, _fn, _needs, ...)                                           \
	{                                                                      \
		_name, HEADING, _fn, &(const struct walk_row){__VA_ARGS__}, 1, \
			NEED_HV | (_needs)                                     \
	}
/* NAME: the event forgets. NAME_cached: nothing else has forgotten before. */
#define BOTH(_name, _fn, ...)                                                  \
	ONE(_name, _fn, 0, __VA_ARGS__),                                       \
		ONE(_name "_cached", _fn, NEED_SHADOW, __VA_ARGS__,            \
		    .is_strict = true)
#define ROW(_name, _level, _change, _reach, _event, ...)                       \
	BOTH(_name, run_row, .level = (_level), .change = (_change),           \
	     .reach = (_reach), .event = (_event), __VA_ARGS__)
#define KEPT(_name, _event)                                                    \
	ONE(_name, run_row, NEED_SHADOW, .level = 2, .event = (_event),        \
	    .keeps_way = true, .keeps_page = true, .is_strict = true)
#define PAGE .keeps_page = true
#define GONE .keeps_page = false

/* clang-format off */
static const struct check checks[] = {
	/* each entry, and each page that it leads to */
	ROW("pde", 2, TO_TABLE, SAME_TABLE, invlpg_elsewhere, PAGE),
	ROW("pdpte", 3, TO_TABLE, SAME_TABLE, invlpg_elsewhere, PAGE),
	ROW("pdpte_directory", 3, TO_TABLE, SAME_DIRECTORY, invlpg_elsewhere,
	    PAGE),
	ROW("pml4e", 4, TO_TABLE, SAME_TABLE, invlpg_elsewhere, PAGE),
	ROW("pml4e_directory", 4, TO_TABLE, SAME_DIRECTORY, invlpg_elsewhere,
	    PAGE),
	ROW("pml4e_pdpt", 4, TO_TABLE, SAME_PDPT, invlpg_elsewhere, PAGE),
	/* each change */
	ROW("pde_freed", 2, TO_NOTHING, SAME_TABLE, invlpg_elsewhere, PAGE),
	ROW("pdpte_freed", 3, TO_NOTHING, SAME_DIRECTORY, invlpg_elsewhere,
	    PAGE),
	ROW("pml4e_freed", 4, TO_NOTHING, SAME_PDPT, invlpg_elsewhere, PAGE),
	ROW("pde_read_only", 2, TO_READ_ONLY, SAME_TABLE, invlpg_elsewhere,
	    PAGE),
	ROW("pdpte_read_only", 3, TO_READ_ONLY, SAME_DIRECTORY,
	    invlpg_elsewhere, PAGE),
	ROW("pml4e_read_only", 4, TO_READ_ONLY, SAME_PDPT, invlpg_elsewhere,
	    PAGE),
	ROW("pde_large", 2, TO_LARGE, SAME_TABLE, invlpg_elsewhere, PAGE),
	/* each event */
	ROW("mov_cr3", 2, TO_TABLE, SAME_TABLE, mov_cr3, GONE),
	ROW("mov_cr3_global", 4, TO_TABLE, SAME_TABLE, mov_cr3,
	    .is_global = true, PAGE),
	ROW("list", 2, TO_TABLE, SAME_TABLE, list_elsewhere, PAGE),
	ROW("list_pml4e", 4, TO_TABLE, SAME_PDPT, list_elsewhere, PAGE),
	ROW("space", 2, TO_TABLE, SAME_TABLE, space, GONE),
	ROW("space_global", 4, TO_TABLE, SAME_PDPT, space, .is_global = true,
	    PAGE),
	KEPT("kept_by_exits", exits),
	KEPT("kept_by_fault_elsewhere", fault_elsewhere),
	KEPT("kept_by_list_of_other_space", list_other_space),
	KEPT("kept_by_other_space", other_space),
	BOTH("fault_pde", fault_forgets, .level = 2),
	BOTH("fault_pdpte", fault_forgets, .level = 3, .reach = SAME_TABLE),
	BOTH("fault_pml4e", fault_forgets, .level = 4, .reach = SAME_TABLE),
	ONE("not_used", not_used, NEED_SHADOW, .level = 2),
};
/* clang-format on */

SUITE("walk", 093, checks);
