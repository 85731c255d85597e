/* SPDX-License-Identifier: MIT */
/*
 * Translations of 32-bit code: 32-bit paging, PAE paging, none. What is cached,
 * and what removes it. mode32.h maps the pages.
 */
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "suites/paging/mode32.h"

#include "x86/pte.h"

#define OLD     MODE32_OLD
#define NEW     MODE32_NEW
#define PAGE    MODE32_PAGE
#define LARGE   MODE32_LARGE /* the entry */
#define BIG     MODE32_BIG   /* flags of a large page */
#define AD      (PTE_ACCESSED | PTE_DIRTY)
#define ENTRIES 512

static u32 size_of_large(enum paging32 kind)
{
	return (u32)(kind == PAGING32_PAE ? PAGE_LARGE : (2 * PAGE_LARGE));
}

static void invlpg(const void *arg)
{
	const struct mode32 *m = arg;

	mode32_change(m, PAGE);
	script32_do(SCRIPT32_INVLPG, mode32_gva(m) + PAGE_SIZE, 0);
	script32_read_kept(mode32_gva(m), OLD);
	script32_do(SCRIPT32_INVLPG, mode32_gva(m), 0);
	script32_read(mode32_gva(m), NEW);
	mode32_end(m);
}

static void mov_cr3(const void *arg)
{
	const struct mode32 *m = arg;

	mode32_change(m, PAGE);
	script32_do(SCRIPT32_CR3, mode32_cr3(m), 0);
	script32_read(mode32_gva(m), NEW);
	mode32_end(m);
}

static void global(const void *arg)
{
	const struct mode32 *m = arg;

	mode32_change(m, PAGE | PTE_GLOBAL);
	script32_do(SCRIPT32_CR3, mode32_cr3(m), 0);
	script32_read_kept(mode32_gva(m), OLD);
	script32_do(SCRIPT32_INVLPG, mode32_gva(m), 0);
	script32_read(mode32_gva(m), NEW);
	mode32_end(m);
}

static void flush_list(const void *arg)
{
	const struct mode32 *m = arg;
	u32 cr3 = mode32_cr3(m);

	mode32_change(m, PAGE);
	mode32_flush(0, LIST, cr3, 0, mode32_gva(m) + PAGE_SIZE);
	script32_read_kept(mode32_gva(m), OLD);
	mode32_flush(1, LIST, cr3 ^ BIT(13), 0, mode32_gva(m));
	script32_read_kept(mode32_gva(m), OLD);
	mode32_flush(2, LIST, cr3, 0, mode32_gva(m));
	script32_read(mode32_gva(m), NEW);
	mode32_end(m);
}

static void flush_space(const void *arg)
{
	const struct mode32 *m = arg;
	u32 cr3 = mode32_cr3(m);

	mode32_change(m, PAGE);
	mode32_flush(0, SPACE, cr3 ^ BIT(13), NON_G, 0);
	script32_read_kept(mode32_gva(m), OLD);
	mode32_flush(1, SPACE, cr3, NON_G, 0);
	script32_read(mode32_gva(m), NEW);
	mode32_end(m);
	mode32_change(m, PAGE | PTE_GLOBAL);
	mode32_flush(0, SPACE, cr3, NON_G, 0);
	script32_read_kept(mode32_gva(m), OLD);
	mode32_flush(1, SPACE, cr3, 0, 0);
	script32_read(mode32_gva(m), NEW);
	mode32_end(m);
}

/* All parts of a large page go with one of them. */
static void large(const void *arg)
{
	const struct mode32 *m = arg;
	u32 gva = paging32_address(m->kind, true, LARGE);
	u32 entry = paging32_entry(m->kind, true, LARGE);
	u32 last = gva + size_of_large(m->kind) - (u32)PAGE_SIZE;

	mode32_begin(m, PAGE);
	paging32_set(m->kind, true, LARGE, mode32_large[0] | BIG);
	script32_read(gva, OLD);
	script32_read(last, OLD);
	script32_do(SCRIPT32_WRITE, entry, (u32)(mode32_large[1] | BIG));
	script32_read_kept(gva, OLD);
	script32_read_kept(last, OLD);
	script32_do(SCRIPT32_INVLPG, last, 0);
	script32_read(gva, NEW);
	script32_read(last, NEW);
	script32_do(SCRIPT32_WRITE, entry, (u32)(mode32_large[0] | BIG));
	script32_read_kept(last, NEW);
	mode32_flush(0, LIST, mode32_cr3(m), 0, gva);
	script32_read(gva, OLD);
	script32_read(last, OLD);
	script32_bits(entry, AD, PTE_ACCESSED);
	script32_do(SCRIPT32_WRITE, gva, OLD);
	script32_bits(entry, AD, AD);
	mode32_end(m);
	paging32_set(m->kind, true, LARGE, 0);
}

/*
 * The directory's entry leads to another table, all pages of which are the new
 * frame. A page that was not read yet is found by the former way.
 */
static void way(const void *arg)
{
	static u8 table[PAGE_SIZE] __aligned(4096);
	const struct mode32 *m = arg;
	u32 entry = paging32_entry(m->kind, true, 0);
	u64 before = paging32_get(m->kind, true, 0);

	mode32_begin(m, PAGE);
	memset(table, 0, sizeof(table));
	for (u32 i = 0; i < ENTRIES; i++) {
		((u64 *)table)[i] = mode32_small[1] | PAGE;
	}
	if (m->kind == PAGING32_CLASSIC) {
		for (u32 i = 0; i < 2 * ENTRIES; i++) {
			((u32 *)table)[i] = (u32)(mode32_small[1] | PAGE);
		}
	}
	script32_read(mode32_gva(m), OLD);
	script32_do(SCRIPT32_WRITE, entry, (u32)(page_gpa(table) | PAGE));
	script32_read_kept(mode32_gva(m) + (u32)PAGE_SIZE, OLD);
	script32_do(SCRIPT32_INVLPG, PAGING32_BASE, 0);
	script32_read_kept(mode32_gva(m), OLD);
	script32_read(mode32_gva(m) - (u32)PAGE_SIZE, NEW);
	mode32_end(m);
	paging32_set(m->kind, true, 0, before);
}

/* ---- no paging ---- */

static void unpaged(const void *arg)
{
	const struct mode32 *m = arg;
	u32 at;

	mode32_begin(m, PAGE);
	at = (u32)mode32_small[0];
	script32_read(at, OLD);
	script32_do(SCRIPT32_WRITE, at, NEW);
	script32_read(at, NEW);
	script32_do(SCRIPT32_INVLPG, at, 0);
	script32_do(SCRIPT32_CR3, (u32)cpu_cr3(), 0);
	mode32_flush(0, LIST, cpu_cr3(), 0, at);
	mode32_flush(1, SPACE, cpu_cr3(), 0, 0);
	script32_read(at, NEW);
	mode32_end(m);
	/* 64-bit code goes on with its own translations */
	tap_equal("written", *(volatile u32 *)mode32_small[0], NEW);
}

static const struct mode32 none = {PAGING32_CLASSIC, SCRIPT32_UNPAGED};

#define REMOVED                                                                \
	"SDM 3A: Operations that Invalidate TLBs and Paging-Structure Caches"

/* clang-format off */
#define CHECK(_mode, _name, _heading)                                          \
	{#_mode "_" #_name, _heading, _name, &mode32_##_mode, 1, NEED_HV}
#define BOTH(_name, _heading)                                                  \
	CHECK(pae, _name, _heading), CHECK(classic, _name, _heading)

static const struct check checks[] = {
	BOTH(invlpg, REMOVED),
	BOTH(mov_cr3, REMOVED),
	BOTH(global, REMOVED),
	BOTH(flush_list, "TLFS: HvCallFlushVirtualAddressList"),
	BOTH(flush_space, "TLFS: HvCallFlushVirtualAddressSpace"),
	BOTH(large, REMOVED),
	BOTH(way, "SDM 3A: Caches for Paging Structures"),
	{"unpaged", "SDM 3A: Paging Modes and Control Bits", unpaged, &none, 1,
	 NEED_HV},
};
/* clang-format on */

SUITE("modes", 097, checks);
