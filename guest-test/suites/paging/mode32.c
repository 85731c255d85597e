/* SPDX-License-Identifier: MIT */
/* The frames are allocated once; the tables are those of paging32. */
#include "suites/paging/mode32.h"
#include "call/flush.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "suites/paging/region.h"

#define OLD  MODE32_OLD
#define NEW  MODE32_NEW
#define SLOT MODE32_SLOT
#define MIB4 (2 * PAGE_LARGE)

const struct mode32 mode32_pae = {PAGING32_PAE, SCRIPT32_PAE};
const struct mode32 mode32_classic = {PAGING32_CLASSIC, SCRIPT32_CLASSIC};
const struct mode32 mode32_none = {PAGING32_CLASSIC, SCRIPT32_UNPAGED};

u64 mode32_small[2];
u64 mode32_large[2];

static u64 alloc_4m(void)
{
	u64 at = page_gpa(page_alloc_large());

	while ((at & (MIB4 - 1)) != 0) {
		at = page_gpa(page_alloc_large());
	}
	(void)page_alloc_large();
	return at;
}

static void write32(u64 at, u32 value)
{
	*(volatile u32 *)at = value;
}

static void make_frames(void)
{
	static const u32 values[] = {OLD, NEW};

	for (u32 i = 0; i < 2 && mode32_large[i] == 0; i++) {
		mode32_small[i] = page_gpa(page_alloc(PAGE_SIZE));
		mode32_large[i] = alloc_4m();
	}
	for (u32 i = 0; i < 2; i++) {
		write32(mode32_small[i], values[i]);
		for (u64 at = 0; at < MIB4; at += PAGE_SIZE) {
			write32(mode32_large[i] + at, values[i]);
		}
	}
}

u32 mode32_gva(const struct mode32 *m)
{
	return paging32_address(m->kind, false, SLOT);
}

u32 mode32_entry(const struct mode32 *m)
{
	return paging32_entry(m->kind, false, SLOT);
}

u32 mode32_cr3(const struct mode32 *m)
{
	paging32_select(m->kind);
	return paging32_cr3;
}

void mode32_begin(const struct mode32 *m, u64 flags)
{
	make_frames();
	paging32_set(m->kind, false, SLOT, mode32_small[0] | flags);
	paging32_set(m->kind, false, SLOT + 1, mode32_small[0] | flags);
}

void mode32_end(const struct mode32 *m)
{
	script32_run(m->mode);
	paging32_set(m->kind, false, SLOT, 0);
	paging32_set(m->kind, false, SLOT + 1, 0);
	region_expect_no_eviction();
}

void mode32_change(const struct mode32 *m, u64 flags)
{
	mode32_begin(m, flags);
	script32_read(mode32_gva(m), OLD);
	script32_do(SCRIPT32_WRITE, mode32_entry(m),
		    (u32)(mode32_small[1] | flags));
	script32_read_kept(mode32_gva(m), OLD);
}

void mode32_flush(u32 i, u16 code, u64 space, u64 flags, u64 gva)
{
	static u8 blocks[4][PAGE_SIZE] __aligned(4096);
	struct flush_call call = {
		.code = code,
		.space = space,
		.flags = flags,
		.vps = vpset_one(0),
		.ranges = &gva,
		.count = 1,
	};

	script32_call(flush_call_build(&call, blocks[i]), blocks[i]);
}
