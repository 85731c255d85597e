/* SPDX-License-Identifier: MIT */
/*
 * Looks at the live page tables, those of CR3: counts leaves, and names
 * addresses for reports. All tables lie in the pool, so in the direct map.
 */
#include "x86/paging_walk.h"

#include "core/state/cpu.h"
#include "x86/cr.h"
#include "x86/insn.h"
#include "x86/paging.h"
#include "x86/pte.h"
#include "x86/section.h"
#include "x86/stack.h"

#define LOWER_HALF_END   (1ull << 47)
#define UPPER_HALF_START (~0ull << 47)

/* What one walk found: a leaf, or a hole of `size` bytes. */
struct found {
	u64 size;
	bool present;
	bool writable;
	bool executable;
};

static struct found walk(u64 va)
{
	struct found found = {.writable = true, .executable = true};
	u64 table = insn_read_cr3() & CR3_BASE;

	for (u32 level = PTE_LEVELS; level > 0; level--) {
		const u64 *entries = paging_direct((hpa_t){table});
		u64 entry = entries[PTE_INDEX(va, level)];

		found.size = PTE_SIZE(level);
		if (!(entry & PTE_PRESENT)) {
			return found;
		}
		found.writable = found.writable && (entry & PTE_WRITE);
		found.executable = found.executable && !(entry & PTE_NX);
		if (level == 1 || (entry & PTE_LARGE)) {
			found.present = true;
			return found;
		}
		table = entry & PTE_ADDR;
	}
	return found;
}

static u64 next_va(u64 va, u64 size)
{
	u64 next = (va & ~(size - 1)) + size;

	return next == LOWER_HALF_END ? UPPER_HALF_START : next;
}

static u32 count_leaves(bool only_wx)
{
	u32 count = 0;
	u64 va = 0;

	do {
		struct found found = walk(va);

		if (found.present &&
		    (!only_wx || (found.writable && found.executable))) {
			count++;
		}
		va = next_va(va, found.size);
	} while (va != 0);
	return count;
}

u32 paging_count_leaves(void)
{
	return count_leaves(false);
}

u32 paging_count_wx(void)
{
	return count_leaves(true);
}

struct area {
	const u8 *start;
	const u8 *end;
	const char *name;
};

static const struct area areas[] = {
	{section_text_start, section_text_end, "text"},
	{section_rodata_start, section_rodata_end, "rodata"},
	{section_ro_after_launch_start, section_ro_after_launch_end,
	 "ro-after-launch"},
	{section_boot_guard, section_boot_guard + PAGE_SIZE,
	 "stack-guard cpu=0"},
	{section_data_start, section_data_end, "data"},
};

/* "stack-guard cpu=63": the number has at most two digits */
static const char *guard_name(u32 number)
{
	static char name[] = "stack-guard cpu=NN";
	char *digits = &name[sizeof(name) - 3];

	_Static_assert(CPUS_MAX <= 100, "two digits");
	if (number >= 10) {
		*digits++ = (char)('0' + number / 10);
	}
	*digits++ = (char)('0' + number % 10);
	*digits = 0;
	return name;
}

const char *paging_name(u64 va)
{
	u32 number;

	for (size_t i = 0; i < ARRAY_SIZE(areas); i++) {
		if (va >= (u64)areas[i].start && va < (u64)areas[i].end) {
			return areas[i].name;
		}
	}
	if (stack_is_guard(va, &number)) {
		return guard_name(number);
	}
	if (!walk(va).present) {
		return "unmapped";
	}
	return va >= STACK_AREA_BASE ? "stack" : "direct-map";
}
