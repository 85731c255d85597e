/* SPDX-License-Identifier: MIT */
/*
 * Page faults of the software TLB: which are the guest's, with which error
 * code, and which leaf the others install.
 */
#include "core/paging/shadow.h"

#include "support/check.h"
#include "support/shadow_vp.h"

#define HERE   0x40201000ull
#define FRAME  0x200000ull
#define BEYOND 0x400000ull /* RAM ends here */

#define LONG SHADOW_MODE_LONG
#define PAE  SHADOW_MODE_PAE
#define OLD  SHADOW_MODE_32BIT

static void setup(enum shadow_mode mode)
{
	shadow_vp_setup(mode, SHADOW_TABLES_MIN, true);
}

/* A guest whose page has the entry `pte`; the access has to be refused. */
static const struct {
	const char *name;
	enum shadow_mode mode;
	u64 pte;
	u32 access;
	u64 cr4;
	bool nxe;
	u32 error_code;
} refused[] = {
	/* clang-format off */
	{"not present",           LONG, 0,         READ,          0,        1, 0},
	{"not present, write",    LONG, 0,         WRITE,         0,        1, 2},
	{"not present, user",     LONG, 0,         USER | WRITE,  0,        1, 6},
	{"not present, fetch",    LONG, 0,         FETCH,         0,        1, 16},
	{"no NXE: no I",          LONG, 0,         FETCH,         0,        0, 0},
	{"SMEP: I",               LONG, 0,         FETCH,         CR4_SMEP, 0, 16},
	{"system page",           LONG, P | W,     USER,          0,        1, 5},
	{"read-only",             LONG, P | US,    USER | WRITE,  0,        1, 7},
	{"read-only, system",     LONG, P,         WRITE,         0,        1, 3},
	{"NX",                    LONG, P | NX,    FETCH,         0,        1, 17},
	{"NX, user",              LONG, P | US | NX, USER | FETCH, 0,       1, 21},
	{"SMEP",                  LONG, P | US,    FETCH,         CR4_SMEP, 1, 17},
	{"SMAP",                  LONG, P | US,    READ,          CR4_SMAP, 1, 1},
	{"reserved: NX",          LONG, P | NX,    READ,          0,        0, 9},
	{"reserved: address",     LONG, P | BIT(40), USER | WRITE, 0,       1, 15},
	{"reserved, fetch",       LONG, P | BIT(51), FETCH,       0,        1, 25},
	{"PAE, not present",      PAE,  0,         FETCH,         0,        1, 16},
	{"PAE, reserved",         PAE,  P | BIT(52), READ,        0,        1, 9},
	{"32-bit has no I",       OLD,  0,         FETCH,         0,        1, 0},
	{"32-bit with SMEP",      OLD,  P | US,    FETCH,         CR4_SMEP, 0, 17},
	{"32-bit, user",          OLD,  P | W,     USER | WRITE,  0,        0, 7},
	/* clang-format on */
};

static void t_error_codes(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(refused); i++) {
		struct shadow_touch t;

		setup(refused[i].mode);
		walk_regs.cr4 |= refused[i].cr4;
		walk_regs.efer &= ~EFER_NXE;
		walk_regs.efer |= refused[i].nxe ? EFER_NXE : 0;
		walk_regs.cpl = refused[i].access & USER ? 3 : 0;
		shadow_vp_map(HERE, 1,
			      refused[i].pte ? refused[i].pte | FRAME : 0);
		t = shadow_vp_touch(HERE, refused[i].access);
		check_eq(t.end, SHADOW_PAGE_FAULT, refused[i].name, __FILE__,
			 __LINE__);
		check_eq(t.error_code, refused[i].error_code, refused[i].name,
			 __FILE__, __LINE__);
		CHECK_EQ(shadow_vp.reflected, 1);
		CHECK_EQ(shadow_vp.fills, 0);
		shadow_vp_lacks(HERE);
	}
}

/* A PDPTE register that is not present is no reserved bit, whatever it holds */
static void t_pdpte_not_present(void)
{
	setup(PAE);
	walk_regs.pdpte[1] = 0x6;
	shadow_vp_faults(HERE, WRITE, 2);
	/* all registers of the CPU have P only where there is a table */
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(shadow_vp.pdpte[i], 0);
	}
}

static void t_accessed_on_all_levels(void)
{
	setup(LONG);
	shadow_vp_map(HERE, 1, FRAME | P | W);
	shadow_vp_reaches(HERE, READ, FRAME);
	for (u32 level = 1; level <= 4; level++) {
		CHECK_EQ(walk_get(shadow_vp_entry(HERE, level), 8) & (A | D),
			 A);
	}
}

static void t_first_write_sets_dirty(void)
{
	static const enum shadow_mode modes[] = {LONG, PAE, OLD};

	for (u32 i = 0; i < ARRAY_SIZE(modes); i++) {
		u64 at;

		setup(modes[i]);
		shadow_vp_map(HERE, 1, FRAME | P | W);
		at = shadow_vp_entry(HERE, 1);
		shadow_vp_reaches(HERE, READ, FRAME);
		CHECK_EQ(walk_get(at, 4) & D, 0);
		CHECK_EQ(shadow_vp_touch(HERE, WRITE).faults, 1);
		CHECK_EQ(walk_get(at, 4) & D, D);
		/* and the next one does not fault */
		CHECK_EQ(shadow_vp_touch(HERE, WRITE).faults, 0);
		/* a page that is dirty already is writable at once */
		shadow_vp_map(HERE + PAGE_SIZE, 1, FRAME | P | W | D);
		shadow_vp_reaches(HERE + PAGE_SIZE, READ, FRAME);
		CHECK_EQ(shadow_vp_touch(HERE + PAGE_SIZE, WRITE).faults, 0);
	}
}

/* CR0.WP = 0: a supervisor writes to read-only pages of users */
static void t_wp_off(void)
{
	setup(LONG);
	walk_regs.cr0 &= ~CR0_WP;
	shadow_vp_map(HERE, 1, FRAME | P | US);
	shadow_vp_reaches(HERE, WRITE, FRAME);
	CHECK_EQ(walk_get(shadow_vp_entry(HERE, 1), 8) & (A | D), A | D);
	CHECK_EQ(shadow_vp_leaf(HERE) & (W | US | NX), W);
	/* without SMEP, the supervisor may run it */
	CHECK_EQ(shadow_vp_touch(HERE, FETCH).faults, 0);
	walk_regs.cpl = 3;
	shadow_vp_faults(HERE, USER | WRITE, 7);
	shadow_vp_lacks(HERE);
	walk_regs.cpl = 0;
	shadow_vp_reaches(HERE, WRITE, FRAME);
	walk_regs.cpl = 3;
	shadow_vp_reaches(HERE, USER | READ, FRAME);
	CHECK_EQ(shadow_vp_leaf(HERE) & (W | US | NX), US);
	shadow_vp_reaches(HERE, USER | FETCH, FRAME);
	shadow_vp_faults(HERE, USER | WRITE, 7);
}

static void t_wp_off_with_smep(void)
{
	setup(LONG);
	walk_regs.cr0 &= ~CR0_WP;
	walk_regs.cr4 |= CR4_SMEP;
	shadow_vp_map(HERE, 1, FRAME | P | US);
	shadow_vp_map(HERE + PAGE_SIZE, 1, FRAME | P);
	shadow_vp_reaches(HERE, WRITE, FRAME);
	CHECK_EQ(shadow_vp_leaf(HERE) & (W | US | NX), W | NX);
	shadow_vp_faults(HERE, FETCH, 17);
	/* its own pages stay executable */
	shadow_vp_reaches(HERE + PAGE_SIZE, WRITE, FRAME);
	CHECK_EQ(shadow_vp_touch(HERE + PAGE_SIZE, FETCH).faults, 0);
}

/* The global tree keeps what all may do; only the copy is open */
static void t_wp_off_and_global(void)
{
	setup(LONG);
	walk_regs.cr0 &= ~CR0_WP;
	shadow_vp_map(HERE, 1, FRAME | P | US | PTE_GLOBAL);
	shadow_vp_reaches(HERE, WRITE, FRAME);
	CHECK_EQ(shadow_vp_leaf(HERE) & (W | US), W);
	shadow_vp_map(HERE, 1, 0);
	walk_regs.cpl = 3;
	shadow_vp_reaches(HERE, USER | READ, FRAME);
	CHECK_EQ(shadow_vp_leaf(HERE) & (W | US), US);
	walk_regs.cpl = 0;
	shadow_vp_load(walk_regs.cr3, false);
	shadow_vp_lacks(HERE);
	shadow_vp_reaches(HERE, READ, FRAME);
	shadow_vp_faults(HERE, WRITE, 2);
}

static void t_implicit_accesses(void)
{
	setup(LONG);
	walk_regs.cr4 |= CR4_SMAP;
	walk_regs.rflags = RFLAGS_AC;
	shadow_vp_map(HERE, 1, FRAME | P | US | W);
	shadow_vp_reaches(HERE, READ, FRAME);
	/* AC does not help an implicit access at CPL 0, nor at CPL 3 */
	shadow_vp_faults(HERE, READ | IMPLICIT, 1);
	shadow_vp_reaches(HERE, WRITE, FRAME);
	shadow_vp_faults(HERE, WRITE | IMPLICIT, 3);
	walk_regs.cpl = 3;
	/* known by the CPL: no leaf is filled first */
	CHECK_EQ(shadow_vp_touch(HERE, READ | IMPLICIT).faults, 1);
	shadow_vp_faults(HERE, READ | IMPLICIT, 1);
	shadow_vp_reaches(HERE, USER | READ, FRAME);
	shadow_vp_faults(HERE, READ | IMPLICIT, 1);
	/* a page of the supervisor */
	shadow_vp_map(HERE, 1, FRAME | P | W);
	shadow_vp_reaches(HERE, READ | IMPLICIT, FRAME);
	/* an explicit one without AC */
	walk_regs.cpl = 0;
	walk_regs.rflags = 0;
	shadow_vp_map(HERE, 1, FRAME | P | US | W);
	shadow_vp_reaches(HERE, READ, FRAME);
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){HERE}));
	shadow_vp_faults(HERE, READ, 1);
}

static void goes_outside(u64 gpa)
{
	struct shadow_touch t = shadow_vp_touch(HERE, READ);

	CHECK_EQ(t.end, SHADOW_OUTSIDE);
	CHECK_EQ(t.gpa, gpa);
	CHECK_EQ(shadow_vp.fills, 0);
	shadow_vp_lacks(HERE);
}

/* Everything beyond RAM, the tables of the TLB itself among it */
static void t_outside(void)
{
	static const u64 far[] = {BEYOND, SHADOW_VP_AREA, 0xfffffff000};

	for (u32 i = 0; i < ARRAY_SIZE(far); i++) {
		setup(LONG);
		shadow_vp_map(HERE, 1, far[i] | P);
		goes_outside(far[i]);
		CHECK_EQ(walk_get(shadow_vp_entry(HERE, 1), 8), far[i] | P);
		for (u32 level = 2; level <= 4; level++) {
			setup(LONG);
			walk_put(shadow_vp_entry(HERE, level), far[i] | P | US,
				 8);
			goes_outside(far[i] + (level == 2 ? 8 * 1 : 8));
		}
	}
	setup(LONG);
	shadow_vp_load(SHADOW_VP_AREA, false);
	goes_outside(SHADOW_VP_AREA);
	setup(PAE);
	walk_regs.pdpte[1] = SHADOW_VP_AREA | P;
	goes_outside(SHADOW_VP_AREA + 8);
	setup(OLD);
	shadow_vp_map(HERE, 2, 0x800000 | P);
	goes_outside(0x800000 + (HERE & 0x3ff000));
}

/* The guest maps the page anew whenever the walk is at its entry. */
static u64 leaf_at;
static u32 changes_left;

static void remap(u64 gpa)
{
	if (gpa == leaf_at && changes_left > 0) {
		changes_left--;
		walk_put(leaf_at, (FRAME + PAGE_SIZE * (changes_left % 8)) | P,
			 8);
	}
}

static void t_entries_that_change(void)
{
	struct shadow_answer answer;

	setup(LONG);
	shadow_vp_map(HERE, 1, FRAME | P);
	leaf_at = shadow_vp_entry(HERE, 1);
	fake.on_load = remap;
	changes_left = 5;
	shadow_vp_reaches(HERE, READ, FRAME);
	CHECK_EQ(changes_left, 0);
	CHECK_EQ(shadow_vp.fills, 1);
	/* for ever: the work ends, and nothing is installed */
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){HERE}));
	shadow_vp_map(HERE, 1, FRAME | P);
	changes_left = 1000;
	CHECK_EQ(shadow_fault(walk_p, &shadow_vp, &walk_regs, (gva_t){HERE}, 0,
			      &answer),
		 SHADOW_FILLED);
	CHECK(changes_left > 900);
	CHECK_EQ(shadow_vp.fills, 1);
	shadow_vp_lacks(HERE);
}

static const struct test tests[] = {
	{"error-codes", t_error_codes},
	{"pdpte-not-present", t_pdpte_not_present},
	{"accessed-on-all-levels", t_accessed_on_all_levels},
	{"first-write-sets-dirty", t_first_write_sets_dirty},
	{"wp-off", t_wp_off},
	{"wp-off-with-smep", t_wp_off_with_smep},
	{"wp-off-and-global", t_wp_off_and_global},
	{"implicit-accesses", t_implicit_accesses},
	{"outside", t_outside},
	{"entries-that-change", t_entries_that_change},
};

const struct suite suite_shadow_fault = SUITE("shadow_fault", tests);
