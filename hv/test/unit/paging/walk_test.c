/* SPDX-License-Identifier: MIT */
/* The page walk: every mode, page sizes, reserved bits, the end of RAM. */
#include "core/paging/walk.h"

#include "support/check.h"
#include "support/walk_tables.h"

static void t_without_paging_all_is_itself(void)
{
	struct walk_result result;

	walk_setup();
	walk_regs.cr0 = CR0_PE;
	walk_regs.cpl = 3;
	walk_goes_to(0x1234, 0x1234);
	walk_goes_to(FAKE_RAM + 5, FAKE_RAM + 5);
	walk_goes_to(0xffffffff, 0xffffffff);
	walk_goes_to(0x123456789, 0x23456789);
	CHECK_EQ(walk_go(0, ALL3 | WALK_SET_BITS, &result), WALK_OK);
}

static void t_four_levels(void)
{
	walk_long_mode();
	walk_goes_to(GVA, PAGE | 0xabc);
	walk_fails(GVA - 0x1000, WALK_READ, WALK_NOT_PRESENT);
	walk_fails(BIT(47), WALK_READ, WALK_BAD_FLAGS);
	walk_fails(0ull - BIT(47) - 1, WALK_READ, WALK_BAD_FLAGS);
	walk_fails(BIT(47) - 1, WALK_READ, WALK_NOT_PRESENT);
	walk_fails(0ull - BIT(47), WALK_READ, WALK_NOT_PRESENT);
	/* PCID and PWT in CR3 are not part of the address */
	walk_regs.cr3 |= 0xfff;
	walk_goes_to(GVA, PAGE | 0xabc);
	walk_put(ROOT + 8 * 511, TABLE | P, 8);
	walk_put(TABLE + 8 * 511, TABLE2 | P, 8);
	walk_put(TABLE2 + 8 * 511, TABLE3 | P, 8);
	walk_put(TABLE3 + 8 * 511, 0x3000 | P, 8);
	walk_goes_to(~0ull, 0x3fff);
}

static void t_large_pages(void)
{
	walk_long_mode();
	walk_put(walk_entry_at[2], 0x200000 | P | PS, 8);
	walk_goes_to(GVA, 0x201abc);
	walk_put(walk_entry_at[1], P | PS, 8);
	walk_goes_to(GVA, 0x201abc);
	walk_regs.has_1g_pages = false;
	walk_fails(GVA, WALK_READ, WALK_BAD_FLAGS);
	walk_put(walk_entry_at[1], TABLE2 | P, 8);
	walk_put(walk_entry_at[0], TABLE | P | PS, 8);
	walk_fails(GVA, WALK_READ, WALK_BAD_FLAGS);
}

static void t_two_levels(void)
{
	walk_setup();
	walk_put(ROOT + 4 * 0x100, TABLE | P, 4);
	walk_put(TABLE + 4 * 0x201, PAGE | P, 4);
	walk_goes_to(GVA, PAGE | 0xabc);
	/* linear addresses have 32 bits */
	walk_goes_to(GVA | BIT(32) | BIT(63), PAGE | 0xabc);
	/* bit 7 means something only with CR4.PSE */
	walk_put(ROOT + 4 * 0x100, TABLE | P | PS, 4);
	walk_goes_to(GVA, PAGE | 0xabc);
	walk_regs.cr4 = CR4_PSE;
	walk_put(ROOT + 4 * 0x100, P | PS, 4);
	walk_goes_to(GVA, GVA & 0x3fffff);
	walk_put(ROOT + 4 * 0x100, P | PS | BIT(21), 4);
	walk_fails(GVA, WALK_READ, WALK_BAD_FLAGS);
	/*
	 * PSE-36: bits 20:13 are address bits 39:32: the page lies outside RAM
	 */
	walk_put(ROOT + 4 * 0x100, P | PS | BIT(20), 4);
	walk_fails(GVA, WALK_READ, WALK_UNMAPPED);
	walk_regs.address_bits = 39;
	walk_fails(GVA, WALK_READ, WALK_BAD_FLAGS);
	walk_regs.address_bits = 46;
	walk_fails(GVA, WALK_READ, WALK_UNMAPPED);
	/* NXE has no effect here */
	walk_regs.efer = EFER_NXE;
	walk_put(ROOT + 4 * 0x100, P | PS, 4);
	struct walk_result result;

	CHECK_EQ(walk_go(GVA, WALK_EXECUTE, &result), WALK_OK);
}

static void t_pae_starts_in_registers(void)
{
	walk_setup();
	walk_regs.cr4 = CR4_PAE;
	walk_regs.cr3 = 0x3fffe0; /* ignored */
	walk_regs.pdpte[1] = TABLE2 | P;
	walk_put(TABLE2 + 8, TABLE3 | P | W | US, 8);
	walk_put(TABLE3 + 8, PAGE | P | W | US, 8);
	walk_goes_to(GVA, PAGE | 0xabc);
	walk_goes_to(GVA | BIT(40), PAGE | 0xabc);
	walk_fails(GVA + BIT(30), WALK_READ, WALK_NOT_PRESENT);
	for (u32 bit = 0; bit < 64; bit++) {
		bool good = bit == 0 || bit == 3 || bit == 4 ||
			    (bit >= 9 && bit < 40);

		walk_regs.pdpte[1] = TABLE2 | P | BIT(bit);
		if (bit < 12) {
			walk_fails(GVA, WALK_READ,
				   good ? WALK_OK : WALK_BAD_FLAGS);
		} else if (!good) {
			walk_fails(GVA, WALK_READ, WALK_BAD_FLAGS);
		}
	}
	walk_regs.pdpte[1] = TABLE2 | P;
	/* 62:52 are reserved, other than in 4-level paging */
	walk_put(TABLE3 + 8, PAGE | P | BIT(52), 8);
	walk_fails(GVA, WALK_READ, WALK_BAD_FLAGS);
	walk_put(TABLE3 + 8, PAGE | P | NX, 8);
	walk_fails(GVA, WALK_READ, WALK_BAD_FLAGS);
	walk_regs.efer = EFER_NXE;
	walk_goes_to(GVA, PAGE | 0xabc);
	walk_fails(GVA, WALK_EXECUTE, WALK_DENIED);
	walk_put(TABLE2 + 8, 0x200000 | P | PS, 8);
	walk_goes_to(GVA, 0x201abc);
}

/* What each additional bit does in each entry of the 4-level walk */
static void t_reserved_bits(void)
{
	for (u32 level = 0; level < 4; level++) {
		for (u32 bit = 40; bit < 64; bit++) {
			walk_long_mode();
			walk_put(walk_entry_at[level],
				 walk_get(walk_entry_at[level], 8) | BIT(bit),
				 8);
			walk_fails(GVA, WALK_READ,
				   bit < 52 ? WALK_BAD_FLAGS : WALK_OK);
		}
		walk_long_mode();
		walk_regs.efer &= ~EFER_NXE;
		walk_put(walk_entry_at[level],
			 walk_get(walk_entry_at[level], 8) | NX, 8);
		walk_fails(GVA, WALK_READ, WALK_BAD_FLAGS);
	}
	for (u32 bit = 13; bit < 30; bit++) {
		walk_long_mode();
		walk_put(walk_entry_at[1], P | PS | BIT(bit), 8);
		walk_fails(GVA, WALK_READ, WALK_BAD_FLAGS);
		walk_put(walk_entry_at[1], TABLE2 | P, 8);
		walk_put(walk_entry_at[2], P | PS | BIT(bit), 8);
		walk_fails(GVA, WALK_READ,
			   bit < 21   ? WALK_BAD_FLAGS
			   : bit < 22 ? WALK_OK
				      : WALK_UNMAPPED);
	}
	/* in an entry that is not present, nothing else counts */
	walk_long_mode();
	walk_put(walk_entry_at[3], ~P, 8);
	walk_fails(GVA, WALK_READ, WALK_NOT_PRESENT);
	/* with a MAXPHYADDR of 52, bits 51:12 are all address bits */
	walk_regs.address_bits = 52;
	walk_put(walk_entry_at[3], BIT(51) | P, 8);
	walk_fails(GVA, WALK_READ, WALK_UNMAPPED);
}

static void t_ram_ends(void)
{
	struct walk_result result;

	walk_long_mode();
	walk_put(walk_entry_at[3], (FAKE_RAM - PAGE_SIZE) | P | W | US, 8);
	walk_goes_to(GVA, FAKE_RAM - PAGE_SIZE + 0xabc);
	walk_put(walk_entry_at[3], FAKE_RAM | P | W | US, 8);
	walk_fails(GVA, WALK_READ, WALK_UNMAPPED);
	/* without the right, the result says nothing about the page */
	walk_put(walk_entry_at[3], FAKE_RAM | P, 8);
	walk_fails(GVA, WALK_WRITE, WALK_DENIED);
	for (u32 level = 0; level < 3; level++) {
		walk_long_mode();
		walk_put(walk_entry_at[level], FAKE_RAM | P | W | US, 8);
		walk_fails(GVA, WALK_READ, WALK_UNMAPPED);
	}
	walk_long_mode();
	walk_regs.cr3 = FAKE_RAM;
	walk_fails(GVA, WALK_READ, WALK_UNMAPPED);
	walk_regs.cr3 = CR3_BASE;
	walk_fails(GVA, WALK_READ, WALK_UNMAPPED);
	/* and the walk has set no bit */
	walk_long_mode();
	walk_put(walk_entry_at[3], FAKE_RAM | P | W | US, 8);
	CHECK_EQ(walk_go(GVA, WALK_WRITE | WALK_SET_BITS, &result),
		 WALK_UNMAPPED);
	CHECK_EQ(walk_get(walk_entry_at[0], 8), TABLE | P | W | US);
}

static void t_state_of_registers(void)
{
	struct published regs = {.cr0 = 1,
				 .cr3 = 2,
				 .cr4 = 3,
				 .efer = 4,
				 .rflags = 5,
				 .ss_access = 0xc0f3,
				 .pat = 6,
				 .pdpte = {7, 8, 9, 10}};

	walk_setup();
	walk_state(&walk_regs, &regs);
	CHECK_EQ(walk_regs.cr0, 1);
	CHECK_EQ(walk_regs.cr3, 2);
	CHECK_EQ(walk_regs.cr4, 3);
	CHECK_EQ(walk_regs.efer, 4);
	CHECK_EQ(walk_regs.rflags, 5);
	CHECK_EQ(walk_regs.pat, 6);
	CHECK_EQ(walk_regs.pdpte[0], 7);
	CHECK_EQ(walk_regs.pdpte[3], 10);
	CHECK_EQ(walk_regs.cpl, 3);
	CHECK_EQ(walk_regs.address_bits, 36);
	CHECK(!walk_regs.has_1g_pages);
	fake_cpuid_set(0x80000008, 0, 0x3027, 0, 0, 0);
	fake_cpuid_set(0x80000001, 0, 0, 0, 0, (u32)BIT(26));
	walk_state(&walk_regs, &regs);
	CHECK_EQ(walk_regs.address_bits, 0x27);
	CHECK(walk_regs.has_1g_pages);
}

static const struct test tests[] = {
	{"without-paging-all-is-itself", t_without_paging_all_is_itself},
	{"four-levels", t_four_levels},
	{"large-pages", t_large_pages},
	{"two-levels", t_two_levels},
	{"pae-starts-in-registers", t_pae_starts_in_registers},
	{"reserved-bits", t_reserved_bits},
	{"ram-ends", t_ram_ends},
	{"state-of-registers", t_state_of_registers},
};

const struct suite suite_walk = SUITE("walk", tests);
