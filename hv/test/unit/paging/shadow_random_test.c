/* SPDX-License-Identifier: MIT */
/*
 * The software TLB on random tables, registers and accesses: with its faults
 * handled it lets through exactly what support/second_walker.c does, to the
 * same page, with the same error codes, memory types, accessed and dirty bits.
 */
#include "core/paging/shadow.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"
#include "support/second_walker.h"
#include "support/shadow_vp.h"

#define GROUPS   170000 /* of tables and registers */
#define ACCESSES 6      /* to each of them */
#define TABLES   5      /* the guest's, from ROOT on */
#define GVAS     2
#define BYTES    (TABLES * PAGE_SIZE)

/* Entry i of the guest's PAT has this type + i, so that types tell them apart
 */
#define TYPE 8

static u64 gvas[GVAS];
static u8 expected[BYTES];
static u32 seen[WALK_AGAIN + 1];

static bool one_in(u32 n)
{
	return call_random_below(n) == 0;
}

static u64 flip(u64 bit)
{
	return one_in(2) ? bit : 0;
}

/* Mostly good entries, so that walks get far */
static u64 random_entry(void)
{
	u64 word = call_random();
	u64 entry = ROOT + PAGE_SIZE * ((word >> 32) % TABLES);

	entry |= word & (W | US | A | D | BIT(3) | BIT(4) | PTE_GLOBAL);
	entry |= word & BIT(20) ? W | US : 0;
	entry |= (word >> 21) % 16 ? P : 0;
	if ((word >> 25) % 4 == 0) {
		entry = (entry & 0xfff) | PS | flip(0x200000) |
			flip(PTE_PAT_LARGE);
	}
	if ((word >> 40) % 8 == 0) {
		entry |= NX;
	} else if ((word >> 43) % 32 == 0) {
		entry |= BIT(call_random_below(64));
	}
	return entry;
}

static void random_state(void)
{
	static const u32 widths[] = {32, 36, 40, 46, 52};

	walk_regs.cr0 = CR0_PE | CR0_PG | flip(CR0_WP);
	walk_regs.cr4 = flip(CR4_PSE) | flip(CR4_PAE) | flip(CR4_SMEP) |
			flip(CR4_SMAP) | flip(CR4_PGE);
	walk_regs.efer = flip(EFER_NXE);
	if (one_in(3)) {
		walk_regs.efer |= EFER_LMA | EFER_LME;
		walk_regs.cr4 |= CR4_PAE;
	}
	walk_regs.pat = 0x0f0e0d0c0b0a0908;
	walk_regs.address_bits = widths[call_random_below(ARRAY_SIZE(widths))];
	walk_regs.cr3 = ROOT + PAGE_SIZE * call_random_below(TABLES);
	for (u32 i = 0; i < 4; i++) {
		/* as MOV CR3 accepts them */
		walk_regs.pdpte[i] =
			(ROOT + PAGE_SIZE * (i % TABLES)) | (one_in(8) ? 0 : P);
	}
}

static void random_gvas(void)
{
	static const u64 apart[] = {0x1000, 0x200000, 0x40000000, 1ull << 39};
	u64 gva = call_random();

	gva = one_in(2) ? (u32)gva : (u64)((s64)(gva << 16) >> 16);
	gvas[0] = gva;
	gvas[1] = gva ^ apart[call_random_below(ARRAY_SIZE(apart))];
	if (!(walk_regs.efer & EFER_LMA)) {
		gvas[0] = (u32)gvas[0];
		gvas[1] = (u32)gvas[1];
	}
}

/* The entries that a walk for one of the addresses may read */
static void fill_tables(void)
{
	bool wide = (walk_regs.cr4 & CR4_PAE) != 0;
	u32 bits = wide ? 9 : 10;
	u32 size = wide ? 8 : 4;
	u32 levels = walk_regs.efer & EFER_LMA ? 4 : 2;

	for (u32 i = 0; i < TABLES * levels * GVAS; i++) {
		u64 gva = gvas[i % GVAS];
		u64 shift = 12 + bits * (i / GVAS % levels);
		u64 table = ROOT + i / GVAS / levels * PAGE_SIZE;

		walk_put(table + size * (gva >> shift & (BIT(bits) - 1)),
			 random_entry() & (wide ? ~0ull : 0xffffffff), size);
	}
	memcpy(expected, fake_ram(walk_p, ROOT), BYTES);
}

/* SMAP does not see the user pages that are open for supervisors */
static bool smap_is_blind(void)
{
	return !(walk_regs.cr0 & CR0_WP) && (walk_regs.cr4 & CR4_SMAP);
}

/*
 * Implicit accesses at CPL 0 to 2 are left out: the first one looks like an
 * explicit one that AC allows, and so sets accessed and dirty bits.
 */
static u32 random_access(void)
{
	static const u32 kinds[] = {READ, WRITE, FETCH};
	u32 access = kinds[call_random_below(3)];

	walk_regs.cpl = call_random_below(4);
	walk_regs.rflags = flip(RFLAGS_AC);
	if (walk_regs.cpl == 3) {
		return access |
		       (access == FETCH || !one_in(4) ? USER : IMPLICIT);
	}
	return access;
}

static u32 expected_code(enum walk_status status, u32 access)
{
	bool fetches_show =
		(walk_regs.cr4 & CR4_SMEP) ||
		((walk_regs.cr4 & CR4_PAE) && (walk_regs.efer & EFER_NXE));

	return (access & (WRITE | USER)) | (fetches_show ? access & FETCH : 0) |
	       (status == WALK_NOT_PRESENT ? 0 : 1) |
	       (status == WALK_BAD_FLAGS ? 8 : 0);
}

/* What the guest's tables give, and how they have to look after the access */
static struct second_walk naive(u64 gva, u32 access)
{
	struct walk_state state = walk_regs;
	u64 flags = access & FETCH   ? WALK_EXECUTE
		    : access & WRITE ? WALK_WRITE
				     : WALK_READ;
	struct second_walk want;

	state.cpl = access & USER ? 3 : 0;
	state.rflags &= access & IMPLICIT ? 0 : ~0ull;
	want = second_walk(walk_p, &state, gva, flags | WALK_SET_BITS);
	for (u32 i = 0; i < want.writes; i++) {
		u64 at = want.write[i].at - ROOT;

		/* one entry may be used at two levels */
		if (at < BYTES) {
			expected[at] |= (u8)(want.write[i].value & (A | D));
		}
	}
	return want;
}

static void check_access(u64 gva, u32 access)
{
	struct second_walk want = naive(gva, access);
	struct shadow_touch t = shadow_vp_touch(gva, access);

	seen[want.status]++;
	if (want.status == WALK_OK) {
		CHECK_EQ(t.end, SHADOW_FILLED);
		CHECK_EQ(t.gpa, want.gpa);
		CHECK_EQ(shadow_vp_pat(gva), want.memory_type - TYPE);
	} else if (want.status == WALK_UNMAPPED) {
		CHECK_EQ(t.end, SHADOW_OUTSIDE);
		CHECK(t.gpa >= walk_p->memory_len);
	} else {
		CHECK_EQ(t.end, SHADOW_PAGE_FAULT);
		CHECK_EQ(t.error_code, expected_code(want.status, access));
	}
}

static void random_group(void)
{
	random_state();
	random_gvas();
	fill_tables();
	shadow_vp.walk_cache = one_in(2);
	SHADOW_VP_DO(shadow_drop_all(&shadow_vp));
	SHADOW_VP_DO(shadow_load(&shadow_vp, &walk_regs, false));
	for (u32 i = 0; i < ACCESSES; i++) {
		check_access(gvas[call_random_below(GVAS)], random_access());
		if (smap_is_blind()) {
			SHADOW_VP_DO(shadow_drop_all(&shadow_vp));
		}
	}
	CHECK(memcmp(fake_ram(walk_p, ROOT), expected, BYTES) == 0);
}

static void t_random_tables(void)
{
	shadow_vp_setup(SHADOW_MODE_LONG, SHADOW_TABLES_MIN, true);
	call_seed(11);
	memset(seen, 0, sizeof(seen));
	for (u32 i = 0; i < GROUPS; i++) {
		shadow_vp_watches = i % 64 == 0;
		random_group();
	}
	/* enough of each kind */
	for (u32 i = WALK_OK; i <= WALK_UNMAPPED; i++) {
		CHECK(seen[i] > 5000);
	}
}

static const struct test tests[] = {
	{"random-tables", t_random_tables},
};

const struct suite suite_shadow_random = SUITE("shadow_random", tests);
