/* SPDX-License-Identifier: MIT */
/*
 * The page walk: rights, memory types, accessed and dirty bits, and entries
 * that the guest changes meanwhile.
 */
#include "core/paging/walk.h"

#include "support/check.h"
#include "support/walk_tables.h"

/* Tables where all entries but the leaf give all rights; the leaf is `leaf`. */
static const struct {
	const char *name;
	u64 leaf;
	u64 flags;
	u64 cr4;
	u32 cpl;
	bool wp;
	bool ac;
	bool ok;
} rights[] = {
	/* clang-format off */
	{"user reads user",        US,      WALK_READ,    0,        3, 1, 0, true},
	{"user reads system",      W,      WALK_READ,    0,        3, 1, 0, false},
	{"user writes",            US | W,  WALK_WRITE,   0,        3, 1, 0, true},
	{"user writes read-only",  US,      WALK_WRITE,   0,        3, 0, 0, false},
	{"user runs",              US,      WALK_EXECUTE, 0,        3, 1, 0, true},
	{"user runs nx",           US | NX, WALK_EXECUTE, 0,        3, 1, 0, false},
	{"user runs system",       W,      WALK_EXECUTE, 0,        3, 1, 0, false},
	{"cpl 2 is system",        W,      WALK_READ,    0,        2, 1, 0, true},
	{"system reads",           0,      WALK_READ,    0,        0, 1, 0, true},
	{"system reads user",      US,      WALK_READ,    0,        0, 1, 0, true},
	{"system writes",          W,      WALK_WRITE,   0,        0, 1, 0, true},
	{"system writes ro",       0,      WALK_WRITE,   0,        0, 1, 0, false},
	{"system writes ro, wp 0", 0,      WALK_WRITE,   0,        0, 0, 0, true},
	{"user ro, wp 0",          US,      WALK_WRITE,   0,        0, 0, 0, true},
	{"system runs",            0,      WALK_EXECUTE, CR4_SMEP, 0, 1, 0, true},
	{"system runs nx",         NX,     WALK_EXECUTE, 0,        0, 1, 0, false},
	{"smep",                   US,      WALK_EXECUTE, CR4_SMEP, 0, 1, 0, false},
	{"smep off",               US,      WALK_EXECUTE, CR4_SMAP, 0, 1, 0, true},
	{"smep is for code",       US | W,  WALK_WRITE,   CR4_SMEP, 0, 1, 0, true},
	{"smap read",              US,      WALK_READ,    CR4_SMAP, 0, 1, 0, false},
	{"smap write",             US | W,  WALK_WRITE,   CR4_SMAP, 0, 1, 0, false},
	{"smap and AC",            US,      WALK_READ,    CR4_SMAP, 0, 1, 1, true},
	{"smap, user",             US,      WALK_READ,    CR4_SMAP, 3, 1, 0, true},
	{"smap, system page",      0,      WALK_READ,    CR4_SMAP, 0, 1, 0, true},
	{"exempt from user",       W,      WALK_READ | WALK_EXEMPT, 0, 3, 1, 0, true},
	{"exempt from smap",       US,      WALK_READ | WALK_EXEMPT, CR4_SMAP, 0, 1, 0, true},
	{"exempt from smep",       US,      WALK_EXECUTE | WALK_EXEMPT, CR4_SMEP, 0, 1, 0, true},
	{"not exempt from nx",     NX,     WALK_EXECUTE | WALK_EXEMPT, 0, 0, 1, 0, false},
	{"not exempt from wp",     US,      WALK_WRITE | WALK_EXEMPT, 0, 3, 1, 0, false},
	{"exempt, wp 0",           US,      WALK_WRITE | WALK_EXEMPT, 0, 3, 0, 0, true},
	{"all three",              US | W,  ALL3,         0,        3, 1, 0, true},
	{"all three but one",      US | W | NX, ALL3,     0,        3, 1, 0, false},
	/* clang-format on */
};

static void t_rights(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(rights); i++) {
		struct walk_result result;

		walk_long_mode();
		walk_regs.cr4 |= rights[i].cr4;
		walk_regs.cpl = rights[i].cpl;
		walk_regs.rflags = rights[i].ac ? RFLAGS_AC : 0;
		walk_regs.cr0 &= rights[i].wp ? ~0ull : ~CR0_WP;
		walk_put(walk_entry_at[3], PAGE | P | rights[i].leaf, 8);
		check_eq(walk_go(GVA, rights[i].flags, &result),
			 rights[i].ok ? WALK_OK : WALK_DENIED, rights[i].name,
			 __FILE__, __LINE__);
	}
}

/* A right that any level denies is denied. */
static void t_rights_of_all_levels(void)
{
	static const struct {
		u64 flip;
		u64 flags;
	} rows[] = {{W, WALK_WRITE}, {US, WALK_READ}, {NX, WALK_EXECUTE}};

	for (u32 level = 0; level < 4; level++) {
		for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
			walk_long_mode();
			walk_regs.cpl = 3;
			walk_fails(GVA, rows[i].flags, WALK_OK);
			walk_put(walk_entry_at[level],
				 walk_get(walk_entry_at[level], 8) ^
					 rows[i].flip,
				 8);
			walk_fails(GVA, rows[i].flags, WALK_DENIED);
		}
	}
}

static void t_memory_types(void)
{
	static const u64 bits[] = {PTE_PWT, PTE_PCD, BIT(7)};
	static const u32 types[] = {0, 1, 4, 5, 6, 0, 6, 0};
	struct walk_result result;

	for (u32 i = 0; i < 8; i++) {
		u64 leaf = PAGE | P;

		walk_long_mode();
		/* UC- of entry 5 counts as UC */
		walk_regs.pat = 0x0006070605040100;
		for (u32 bit = 0; bit < 3; bit++) {
			leaf |= i & BIT(bit) ? bits[bit] : 0;
		}
		walk_put(walk_entry_at[3], leaf, 8);
		CHECK_EQ(walk_go(GVA, WALK_READ, &result), WALK_OK);
		CHECK_EQ(result.memory_type, types[i]);
		/* large pages have the PAT bit elsewhere */
		walk_put(walk_entry_at[2],
			 (leaf & 0x18) | P | PS | (i & 4 ? BIT(12) : 0), 8);
		CHECK_EQ(walk_go(GVA, WALK_READ, &result), WALK_OK);
		CHECK_EQ(result.memory_type, types[i]);
	}
}

static void check_entries(u64 upper, u64 leaf)
{
	for (u32 level = 0; level < 4; level++) {
		CHECK_EQ(walk_get(walk_entry_at[level], 8) & (A | D),
			 level == 3 ? leaf : upper);
	}
}

static void t_accessed_and_dirty(void)
{
	struct walk_result result;

	walk_long_mode();
	CHECK_EQ(walk_go(GVA, ALL3, &result), WALK_OK);
	check_entries(0, 0);
	CHECK_EQ(walk_go(GVA, WALK_READ | WALK_SET_BITS, &result), WALK_OK);
	check_entries(A, A);
	CHECK_EQ(walk_go(GVA, WALK_EXECUTE | WALK_SET_BITS, &result), WALK_OK);
	check_entries(A, A);
	CHECK_EQ(walk_go(GVA, WALK_WRITE | WALK_SET_BITS, &result), WALK_OK);
	check_entries(A, A | D);
	walk_long_mode();
	walk_put(walk_entry_at[3], PAGE | P | US, 8);
	CHECK_EQ(walk_go(GVA, WALK_WRITE | WALK_SET_BITS, &result),
		 WALK_DENIED);
	check_entries(0, 0);
	/* 4-byte entries: the entry next to it stays as it is */
	walk_setup();
	walk_put(ROOT + 4 * 0x100, TABLE | P | W, 4);
	walk_put(TABLE + 4 * 0x201, PAGE | P | W, 4);
	walk_put(TABLE + 4 * 0x202, 0x5a5a5a5a, 4);
	CHECK_EQ(walk_go(GVA, WALK_WRITE | WALK_SET_BITS, &result), WALK_OK);
	CHECK_EQ(walk_get(ROOT + 4 * 0x100, 4), TABLE | P | W | A);
	CHECK_EQ(walk_get(TABLE + 4 * 0x201, 4), PAGE | P | W | A | D);
	CHECK_EQ(walk_get(TABLE + 4 * 0x202, 4), 0x5a5a5a5a);
}

/* The guest maps the page anew while the walk is at its entry. */
static u32 changes_left;

static void remap_once(u64 gpa)
{
	if (gpa == walk_entry_at[3] && changes_left > 0) {
		changes_left--;
		walk_put(walk_entry_at[3],
			 (PAGE + 0x1000 * (changes_left % 8 + 1)) | P | W, 8);
	}
}

static void t_entries_that_change(void)
{
	struct walk_result result;

	walk_long_mode();
	fake.on_load = remap_once;
	changes_left = 3;
	CHECK_EQ(walk_go(GVA, WALK_WRITE | WALK_SET_BITS, &result), WALK_OK);
	CHECK_EQ(result.gpa.v, (PAGE + 0x1000) | 0xabc);
	CHECK_EQ(walk_get(walk_entry_at[3], 8),
		 (PAGE + 0x1000) | P | W | A | D);
	/*
	 * with the bits set already, the walk writes nothing and does not
	 * notice
	 */
	changes_left = 1;
	CHECK_EQ(walk_go(GVA, WALK_WRITE, &result), WALK_OK);
	CHECK_EQ(changes_left, 0);
	changes_left = 1000;
	CHECK_EQ(walk_go(GVA, WALK_WRITE | WALK_SET_BITS, &result), WALK_AGAIN);
	CHECK(changes_left < 1000 && changes_left > 900);
	CHECK_EQ(walk_get(walk_entry_at[3], 8) & (A | D), 0);
}

/* The right goes away between the load and the LOCK CMPXCHG. */
static void unmap_once(u64 gpa)
{
	if (gpa == walk_entry_at[3] && changes_left > 0) {
		changes_left--;
		walk_put(walk_entry_at[3], PAGE | P | US, 8);
	}
}

static void t_a_right_that_goes_away(void)
{
	struct walk_result result;

	walk_long_mode();
	fake.on_load = unmap_once;
	changes_left = 1;
	CHECK_EQ(walk_go(GVA, WALK_WRITE | WALK_SET_BITS, &result),
		 WALK_DENIED);
	CHECK_EQ(walk_get(walk_entry_at[3], 8), PAGE | P | US);
}

static const struct test tests[] = {
	{"rights", t_rights},
	{"rights-of-all-levels", t_rights_of_all_levels},
	{"memory-types", t_memory_types},
	{"accessed-and-dirty", t_accessed_and_dirty},
	{"entries-that-change", t_entries_that_change},
	{"a-right-that-goes-away", t_a_right_that_goes_away},
};

const struct suite suite_walk_rights = SUITE("walk_rights", tests);
