/* SPDX-License-Identifier: MIT */
/* Two frames for each slot, or for each large page, alternate. */
#include "suites/paging/slots.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"

struct slot {
	u32 page; /* of the region */
	u32 level;
	u64 flags;
};

#define SMALL  1, PTE_PRESENT | PTE_WRITE
#define GLOBAL 1, PTE_PRESENT | PTE_WRITE | PTE_GLOBAL
#define LARGE  2, PTE_PRESENT | PTE_WRITE | PTE_LARGE

static const struct slot slots[SLOT_COUNT] = {
	{0x5ff, SMALL},
	{0x600, SMALL},
	{0x601, SMALL},
	{0x602, SMALL},
	{0x603, SMALL},
	{0x604, 1, PTE_PRESENT},
	{0x7ff, SMALL},
	{0x800, LARGE},
	{0x9ff, LARGE},
	{0xa00, SMALL},
	{0xa01, GLOBAL},
	{0xa02, SMALL},
	/* both large pages share their frames, so it is not their first word */
	{0xc01, LARGE | PTE_GLOBAL},
	{0xe00, SMALL},
	{0x15ff, SMALL},
	{0x1600, SMALL},
	{0x3ffff, SMALL},
	{0x40000, SMALL},
	{0x7ffff, SMALL},
	{0x80000, SMALL},
};

#define VPS         3
#define EPOCH_SHIFT 8 /* of the word in a frame; below it the slot */

static u64 frames[2][SLOT_COUNT];
static u64 epoch;
static u64 seen[SLOT_COUNT]; /* by the VP that looks */

static void make_frames(void)
{
	for (u32 k = 0; k < 2; k++) {
		u64 large = page_gpa(page_alloc_large());

		for (u32 i = 0; i < SLOT_COUNT; i++) {
			frames[k][i] =
				slots[i].level == 2
					? large
					: page_gpa(page_alloc(PAGE_SIZE));
		}
	}
}

/* An epoch begins, without any flush. */
static void change(void)
{
	if (frames[0][0] == 0) {
		make_frames();
	}
	epoch++;
	for (u32 i = 0; i < SLOT_COUNT; i++) {
		const struct slot *s = &slots[i];
		u64 gva = region_gva(s->page);
		u64 frame = frames[epoch & 1][i];

		cpu_write64(frame + (gva & (PTE_SIZE(s->level) - 1)),
			    epoch << EPOCH_SHIFT | i);
		region_set(region_entry(gva, s->level), frame | s->flags);
	}
}

static void look_job(void *arg)
{
	(void)arg;
	for (u32 i = 0; i < SLOT_COUNT; i++) {
		seen[i] = cpu_read64(region_gva(slots[i].page));
	}
}

void slots_expect(u32 n, u64 gone, enum slots_others others)
{
	region_run_on(n, look_job, NULL);
	for (u32 i = 0; i < SLOT_COUNT; i++) {
		u64 fresh = epoch << EPOCH_SHIFT | i;
		u64 old = (epoch - 1) << EPOCH_SHIFT | i;
		u64 page = slots[i].page;

		if ((gone & BIT(i)) != 0) {
			tap_equal("gone, but read as before",
				  seen[i] == fresh ? 0 : page, 0);
		} else if (others == SLOTS_OLD) {
			tap_equal("kept, but read as new",
				  seen[i] == old ? 0 : page, 0);
		} else {
			tap_true("read what was written",
				 seen[i] == old || seen[i] == fresh);
		}
	}
}

u32 slots_vps(void)
{
	return smp_count() < VPS ? smp_count() : VPS;
}

static void expect_everywhere(u64 gone, enum slots_others others)
{
	for (u32 n = 0; n < slots_vps(); n++) {
		slots_expect(n, gone, others);
	}
}

void slots_begin(enum slots_others others)
{
	change();
	region_forget();
	expect_everywhere(SLOT_ALL, others);
	change();
	expect_everywhere(0, others);
}

void slots_end(void)
{
	region_forget();
	expect_everywhere(SLOT_ALL, SLOTS_OLD);
	region_expect_no_eviction();
}
