/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any registers and any entries for the page walk. Compares
 * status, address, memory type and the tables after it with
 * support/second_walker.c.
 */
#include "core/paging/walk.h"

#include <string.h>

#include "fuzz/fuzz.h"
#include "support/second_walker.h"
#include "support/walk_tables.h"

#define TABLES 6 /* pages that begin at ROOT */

static struct fuzz_bytes bytes;

static u64 below(u64 limit)
{
	return fuzz_below(&bytes, limit);
}

static u64 flip(u64 bit)
{
	return below(2) ? bit : 0;
}

/* Mostly an entry that leads to a table; sometimes any 64 bits */
static u64 any_entry(void)
{
	u64 entry = ROOT + PAGE_SIZE * below(TABLES);

	switch (below(8)) {
	case 0:
		return below(0);
	case 1:
		return entry | P | (1ull << below(64));
	case 2:
		return (entry & ~0x1fffffull) | P | W | US | PS | below(512);
	default:
		return entry | P | (below(256) & ~PS) | flip(NX);
	}
}

static void any_registers(void)
{
	memset(&walk_regs, 0, sizeof(walk_regs));
	walk_regs.cr0 = CR0_PE | CR0_PG | flip(CR0_WP);
	walk_regs.cr4 =
		flip(CR4_PSE) | flip(CR4_PAE) | flip(CR4_SMEP) | flip(CR4_SMAP);
	walk_regs.efer = flip(EFER_NXE);
	if (below(2)) {
		walk_regs.efer |= EFER_LMA | EFER_LME;
		walk_regs.cr4 |= CR4_PAE;
	}
	walk_regs.rflags = flip(RFLAGS_AC);
	walk_regs.pat = below(2) ? PAT_RESET : 0x0701060504010007;
	walk_regs.cpl = (u32)below(4);
	walk_regs.address_bits = 32 + (u32)below(21);
	walk_regs.has_1g_pages = below(2) != 0;
	walk_regs.cr3 = ROOT + PAGE_SIZE * below(TABLES);
	for (u32 i = 0; i < ARRAY_SIZE(walk_regs.pdpte); i++) {
		walk_regs.pdpte[i] = any_entry() & ~(0x1e6 | NX);
	}
}

/* The entries that a walk for `gva` may read, in any table and mode */
static void fill_tables(u64 gva)
{
	static const u32 shifts[] = {12, 21, 30, 39};
	bool wide = (walk_regs.cr4 & CR4_PAE) != 0;

	memset(fake_ram(walk_p, ROOT), 0, TABLES * PAGE_SIZE);
	for (u32 i = 0; i < TABLES; i++) {
		u64 table = ROOT + i * PAGE_SIZE;

		for (u32 k = 0; wide && k < ARRAY_SIZE(shifts); k++) {
			walk_put(table + 8 * (gva >> shifts[k] & 511),
				 any_entry(), 8);
		}
		for (u32 k = 12; !wide && k <= 22; k += 10) {
			walk_put(table + 4 * (gva >> k & 1023),
				 any_entry() & 0xffffffff, 4);
		}
	}
}

static void check_memory(const u8 *before, const struct second_walk *want)
{
	static u8 expected[TABLES * PAGE_SIZE];

	memcpy(expected, before, sizeof(expected));
	for (u32 i = 0; i < want->writes; i++) {
		u64 at = want->write[i].at - ROOT;

		if (at < sizeof(expected)) {
			/* one entry may be used at two levels */
			expected[at] |= (u8)(want->write[i].value & (A | D));
		}
	}
	FUZZ_EXPECT(memcmp(fake_ram(walk_p, ROOT), expected,
			   sizeof(expected)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static u8 before[TABLES * PAGE_SIZE];
	struct second_walk want;
	struct walk_result result;
	u64 gva;
	u64 flags;

	if (walk_p == NULL) {
		walk_setup();
	}
	bytes = (struct fuzz_bytes){data, len};
	any_registers();
	gva = below(4) ? below(1ull << 48) : below(0);
	gva = below(2) ? (u64)((s64)(gva << 16) >> 16) : gva;
	flags = below(32) | 1ull << below(3);
	fill_tables(gva);
	memcpy(before, fake_ram(walk_p, ROOT), sizeof(before));
	want = second_walk(walk_p, &walk_regs, gva, flags);
	FUZZ_EXPECT_EQ(walk_go(gva, flags, &result), want.status);
	if (want.status == WALK_OK) {
		FUZZ_EXPECT_EQ(result.gpa.v, want.gpa);
		FUZZ_EXPECT_EQ(result.memory_type, want.memory_type);
	}
	check_memory(before, &want);
	return 0;
}
