/* SPDX-License-Identifier: MIT */
/* Two frames for each page, and two page tables for the way, alternate. */
#include "suites/paging/spaces.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"

#define ENTRIES     512
#define BASE        0xa00000 /* page of the region that only these use */
#define BASE_LARGE  (BASE + ENTRIES)
#define BASE_WAY    (BASE + 2 * ENTRIES)
#define PCID_LAST   0xfff
#define EPOCH_SHIFT 8 /* of the word in a frame; below it the page */
#define VPS         2

struct page {
	u32 number; /* of the region */
	u32 level;  /* of the entry that changes */
	u64 flags;
};

static const struct page pages[AT_COUNT] = {
	{BASE, 1, PTE_PRESENT | PTE_WRITE},
	{BASE + 1, 1, PTE_PRESENT | PTE_WRITE},
	{BASE_LARGE + 3, 2, PTE_PRESENT | PTE_WRITE | PTE_LARGE},
	{BASE_WAY, 2, REGION_TABLE},
	{BASE + 2, 1, PTE_PRESENT | PTE_WRITE | PTE_GLOBAL},
};
#define WAY 3 /* the one that is found through another page table */

static u64 cr3[SPACES];
static u64 frames[2][AT_COUNT];
static u64 *tables[2];
static u64 epoch;
static u32 looks; /* of this epoch: each uses another page of the way's table */
static u64 seen[SPACES][AT_COUNT]; /* by the VP that looks */

u64 spaces_cr3(enum space space)
{
	return cr3[space];
}

u64 spaces_unused_root(void)
{
	return cr3[SPACE_OTHER] ^ BIT(13);
}

static u32 index_of(u64 page)
{
	u32 i = 0;

	while ((page & BIT(i)) == 0) {
		i++;
	}
	return i;
}

u64 spaces_gva(u64 page)
{
	return region_gva(pages[index_of(page)].number);
}

void spaces_enter(enum space space)
{
	cpu_set_cr3(cr3[space] | CR3_NO_FLUSH);
}

u32 spaces_vps(void)
{
	return smp_count() < VPS ? smp_count() : VPS;
}

/* ---- the pages ---- */

static void make_tables(u32 k)
{
	tables[k] = page_alloc(PAGE_SIZE);
	for (u32 i = 0; i < AT_COUNT; i++) {
		frames[k][i] = page_gpa(pages[i].flags & PTE_LARGE
						? page_alloc_large()
						: page_alloc(PAGE_SIZE));
	}
	for (u32 i = 0; i < ENTRIES; i++) {
		region_set(&tables[k][i],
			   frames[k][WAY] | PTE_PRESENT | PTE_WRITE);
	}
}

/* Two roots that differ in bit 12 only, and above bit 13 from the own one. */
static u64 make_roots(void)
{
	u64 own = cpu_cr3();
	u64 root;

	do {
		root = page_gpa(page_alloc(3 * PAGE_SIZE));
		root = (root + PAGE_SIZE) & ~(2 * PAGE_SIZE - 1);
	} while ((root ^ own) >> 14 == 0);
	memcpy((void *)root, (const void *)own, PAGE_SIZE);
	memcpy((void *)(root + PAGE_SIZE), (const void *)own, PAGE_SIZE);
	return root;
}

/* All entries above the pages are made before the roots are copied. */
static void make(void)
{
	u64 own = cpu_cr3();
	u64 root;

	make_tables(0);
	make_tables(1);
	for (u32 i = 0; i < AT_COUNT; i++) {
		(void)region_entry(region_gva(pages[i].number), pages[i].level);
	}
	tap_equal("PCID at first", own & CR3_PCID, 0);
	root = make_roots();
	cr3[SPACE_KERNEL] = own;
	cr3[SPACE_SAME] = own | 1;
	cr3[SPACE_OTHER] = root | 2;
	cr3[SPACE_HALF] = (root + PAGE_SIZE) | PCID_LAST;
}

/* An epoch begins, without any flush. */
static void change(void)
{
	u32 k;

	epoch++;
	looks = 0;
	k = epoch & 1;
	for (u32 i = 0; i < AT_COUNT; i++) {
		u64 gva = region_gva(pages[i].number);
		u64 offset =
			i == WAY ? 0 : gva & (PTE_SIZE(pages[i].level) - 1);
		u64 to = i == WAY ? page_gpa(tables[k]) : frames[k][i];

		cpu_write64(frames[k][i] + offset, epoch << EPOCH_SHIFT | i);
		region_set(region_entry(gva, pages[i].level),
			   to | pages[i].flags);
	}
}

/* ---- what a VP reads ---- */

static void look_job(void *arg)
{
	u32 look = *(const u32 *)arg;

	for (u32 space = 0; space < SPACES; space++) {
		spaces_enter(space);
		for (u32 i = 0; i < AT_COUNT; i++) {
			u64 page = pages[i].number + (i == WAY ? look : 0);

			seen[space][i] = cpu_read64(region_gva(page));
		}
	}
	spaces_enter(SPACE_KERNEL);
}

static void expect_page(u32 space, u32 i, bool is_gone, bool is_strict)
{
	u64 fresh = epoch << EPOCH_SHIFT | i;
	u64 old = (epoch - 1) << EPOCH_SHIFT | i;
	u64 is = seen[space][i];
	u64 name = cr3[space] << 32 | BIT(i);

	if (is_gone) {
		tap_equal("gone, but read as before", is == fresh ? 0 : name,
			  0);
	} else if (is_strict) {
		tap_equal("kept, but read as new", is == old ? 0 : name, 0);
	} else {
		tap_true("read what was written", is == old || is == fresh);
	}
}

void spaces_expect(u32 n, u64 gone, bool is_strict)
{
	/* VPs share the tables, and other pages of one are not read yet */
	u32 look = looks++;

	region_run_on(n, look_job, &look);
	for (u32 space = 0; space < SPACES; space++) {
		for (u32 i = 0; i < AT_COUNT; i++) {
			expect_page(space, i, (gone & IN(space, BIT(i))) != 0,
				    is_strict);
		}
	}
}

static void expect_everywhere(u64 gone, bool is_strict)
{
	for (u32 n = 0; n < spaces_vps(); n++) {
		spaces_expect(n, gone, is_strict);
	}
}

/* ---- begin and end ---- */

void spaces_pcids_on(void)
{
	if (cr3[SPACE_KERNEL] == 0) {
		make();
	}
	cpu_set_cr4(cpu_cr4() | CR4_PCIDE);
}

void spaces_pcids_off(void)
{
	cpu_set_cr4(cpu_cr4() & ~CR4_PCIDE);
}

static void on_job(void *arg)
{
	(void)arg;
	spaces_pcids_on();
}

static void off_job(void *arg)
{
	(void)arg;
	spaces_pcids_off();
}

void spaces_begin(bool is_strict)
{
	for (u32 n = 0; n < spaces_vps(); n++) {
		region_run_on(n, on_job, NULL);
	}
	change();
	region_forget();
	expect_everywhere(SPACES_EVERYTHING, is_strict);
	change();
	expect_everywhere(0, is_strict);
}

void spaces_end(void)
{
	region_forget();
	expect_everywhere(SPACES_EVERYTHING, true);
	for (u32 n = 0; n < spaces_vps(); n++) {
		region_run_on(n, off_job, NULL);
	}
	region_expect_no_eviction();
}
