/* SPDX-License-Identifier: MIT */
/* The page walk on random tables, compared with support/second_walker.c. */
#include "core/paging/walk.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"
#include "support/second_walker.h"
#include "support/walk_tables.h"

#define TABLES 6 /* tables lie in so many pages from ROOT on */

static bool one_in(u32 n)
{
	return call_random_below(n) == 0;
}

/*
 * Mostly good entries, so that walks get far; sometimes one that is bad in some
 * way.
 */
static u64 random_entry(void)
{
	u64 entry = ROOT + PAGE_SIZE * call_random_below(TABLES);
	u64 flags = call_random() & (P | W | US | A | D | BIT(3) | BIT(4));

	if (one_in(4)) {
		entry |= PS;
		entry &= one_in(3) ? ~0ull : ~0x1ff000ull;
	}
	entry |= one_in(6) ? NX : 0;
	entry |= one_in(12) ? BIT(call_random_below(64)) : 0;
	entry |= one_in(20) ? call_random() & PTE_ADDR : 0;
	flags |= one_in(10) ? 0 : P;
	flags |= one_in(3) ? 0 : W | US;
	return entry | flags;
}

static u64 flip(u64 bit)
{
	return one_in(2) ? bit : 0;
}

static void random_state(void)
{
	static const u32 widths[] = {32, 36, 39, 40, 46, 52};

	walk_regs.cr0 = CR0_PE | CR0_PG | flip(CR0_WP);
	walk_regs.cr4 =
		flip(CR4_PSE) | flip(CR4_PAE) | flip(CR4_SMEP) | flip(CR4_SMAP);
	walk_regs.efer = flip(EFER_NXE) | EFER_SCE;
	if (one_in(3)) {
		walk_regs.efer |= EFER_LMA | EFER_LME;
		walk_regs.cr4 |= CR4_PAE;
	}
	walk_regs.rflags = flip(RFLAGS_AC);
	walk_regs.pat = one_in(2) ? PAT_RESET : 0x0701060504010007;
	walk_regs.cpl = one_in(2) ? 3 : call_random_below(3);
	walk_regs.address_bits = widths[call_random_below(ARRAY_SIZE(widths))];
	walk_regs.has_1g_pages = one_in(2);
	walk_regs.cr3 = ROOT + PAGE_SIZE * call_random_below(TABLES);
	walk_regs.cr3 |= one_in(10) ? call_random() & CR3_BASE : 0;
	for (u32 i = 0; i < 4; i++) {
		walk_regs.pdpte[i] =
			random_entry() & ~(one_in(8) ? 0 : 0x1e6 | NX);
	}
}

static u64 random_gva(void)
{
	u64 gva = call_random();

	if (one_in(2)) {
		return (u32)gva;
	}
	return one_in(8) ? gva : (u64)((s64)(gva << 16) >> 16);
}

/* The entries that a walk for `gva` may read in any table and mode */
static void fill_tables(u64 gva)
{
	static const u32 shifts[] = {12, 21, 30, 39};

	for (u32 i = 0; i < TABLES; i++) {
		u64 table = ROOT + i * PAGE_SIZE;

		if (walk_regs.cr4 & CR4_PAE) {
			for (u32 k = 0; k < 4; k++) {
				walk_put(table + 8 * ((gva >> shifts[k]) & 511),
					 random_entry(), 8);
			}
		} else {
			walk_put(table + 4 * ((gva >> 22) & 1023),
				 random_entry() & 0xffffffff, 4);
			walk_put(table + 4 * ((gva >> 12) & 1023),
				 random_entry() & 0xffffffff, 4);
		}
	}
}

static void check_memory(const u8 *before, const struct second_walk *want)
{
	static u8 expected[TABLES * PAGE_SIZE];

	memcpy(expected, before, sizeof(expected));
	for (u32 i = 0; i < want->writes; i++) {
		if (want->write[i].at - ROOT < sizeof(expected)) {
			u8 *at = expected + (want->write[i].at - ROOT);
			u64 bits = want->write[i].value & (A | D);

			/* one entry may be used at two levels */
			*at |= (u8)bits;
		}
	}
	CHECK(memcmp(fake_ram(walk_p, ROOT), expected, sizeof(expected)) == 0);
}

static void t_random_tables(void)
{
	static u8 before[TABLES * PAGE_SIZE];
	u32 seen[WALK_AGAIN + 1] = {0};

	walk_setup();
	call_seed(3);
	for (u32 i = 0; i < 60000; i++) {
		u64 gva = random_gva();
		u64 flags = (call_random() & 0x1f) | BIT(call_random_below(3));
		struct second_walk want;
		struct walk_result result;
		enum walk_status status;

		random_state();
		fill_tables(gva);
		memcpy(before, fake_ram(walk_p, ROOT), sizeof(before));
		want = second_walk(walk_p, &walk_regs, gva, flags);
		status = walk_go(gva, flags, &result);
		CHECK_EQ(status, want.status);
		seen[status]++;
		if (status == WALK_OK) {
			CHECK_EQ(result.gpa.v, want.gpa);
			CHECK_EQ(result.memory_type, want.memory_type);
		}
		check_memory(before, &want);
	}
	/* enough walks succeeded */
	for (u32 i = WALK_OK; i <= WALK_UNMAPPED; i++) {
		CHECK(seen[i] > 2000);
	}
}

static const struct test tests[] = {
	{"random-tables", t_random_tables},
};

const struct suite suite_walk_random = SUITE("walk_random", tests);
