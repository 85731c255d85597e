/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any tables, registers, accesses and flushes for the software
 * TLB, and tables that change while it walks them. While the tables are as they
 * were when it was emptied, each access has to end as support/second_walker.c
 * says; always, support/shadow_vp.c checks what the CPU needs of its tables.
 */
#include "core/paging/shadow.h"

#include "fuzz/fuzz.h"
#include "support/check.h"
#include "support/second_walker.h"
#include "support/shadow_vp.h"

#define TABLES 6  /* pages of the guest that begin at ROOT */
#define GVAS   4  /* addresses that accesses use */
#define STEPS  64 /* at most */

static struct fuzz_bytes bytes;
static u64 gvas[GVAS];
static bool is_clean;    /* no entry has changed since all was dropped */
static u64 changes_left; /* entries that change when they are read */

static u64 below(u64 limit)
{
	return fuzz_below(&bytes, limit);
}

static u64 flip(u64 bit)
{
	return below(2) ? bit : 0;
}

static u32 entry_size(void)
{
	return walk_regs.cr4 & CR4_PAE ? 8 : 4;
}

/* Mostly an entry that leads to a table; sometimes any 64 bits */
static u64 any_entry(void)
{
	u64 kind = below(8);
	u64 entry = ROOT + PAGE_SIZE * below(TABLES);

	switch (kind) {
	case 0:
		return below(0);
	case 1:
		return entry | P | (1ull << below(64));
	case 2:
		return flip(0x200000) | P | W | US | PS | below(512);
	case 3:
		return (SHADOW_VP_AREA + PAGE_SIZE * below(8)) | P | W;
	default:
		return entry | P | (below(512) & ~PS) | flip(NX);
	}
}

/* The entry of a table of the guest that a walk for `gva` reads at a level */
static u64 entry_at(u64 table, u64 gva, u64 level)
{
	u32 bits = entry_size() == 8 ? 9 : 10;
	u64 index = gva >> (12 + bits * level) & (BIT(bits) - 1);

	return ROOT + PAGE_SIZE * table + index * entry_size();
}

/* Good entries everywhere, so that walks get far */
static void fill_tables(void)
{
	for (u32 i = 0; i < TABLES * GVAS * 4; i++) {
		u64 table = i / GVAS / 4;
		u64 next = (table + i / GVAS + 1) % TABLES;

		walk_put(entry_at(table, gvas[i % GVAS], i / GVAS % 4),
			 (ROOT + PAGE_SIZE * next) | P | W | US, entry_size());
	}
}

static void change_entry(void)
{
	u64 gva = gvas[below(GVAS)];
	u64 table = below(TABLES);

	walk_put(entry_at(table, gva, below(4)), any_entry(), entry_size());
	is_clean = false;
}

static void change_what_was_read(u64 gpa)
{
	if (changes_left > 0) {
		changes_left--;
		walk_put(gpa, any_entry(), entry_size());
		is_clean = false;
	}
}

static void any_registers(void)
{
	walk_regs.cr0 = CR0_PE | CR0_PG | flip(CR0_WP);
	walk_regs.cr4 = (walk_regs.cr4 & (CR4_PAE | CR4_PCIDE)) |
			flip(CR4_PSE) | flip(CR4_SMEP) | flip(CR4_SMAP) |
			flip(CR4_PGE);
	walk_regs.efer &= ~EFER_NXE;
	walk_regs.efer |= flip(EFER_NXE);
	walk_regs.address_bits = 32 + (u32)below(21);
	for (u32 i = 0; i < ARRAY_SIZE(walk_regs.pdpte); i++) {
		walk_regs.pdpte[i] =
			(ROOT + PAGE_SIZE * below(TABLES)) | flip(P);
	}
	SHADOW_VP_DO(shadow_drop_all(&shadow_vp));
	is_clean = true;
}

static void load(void)
{
	u64 cr3 = ROOT + PAGE_SIZE * below(TABLES);

	shadow_vp_load(walk_regs.cr4 & CR4_PCIDE ? cr3 | below(80) : cr3,
		       below(2));
	is_clean = false;
}

static void check_access(u64 gva, u32 access, const struct shadow_touch *t)
{
	struct walk_state state = walk_regs;
	struct second_walk want;

	state.cpl = access & USER ? 3 : 0;
	want = second_walk(walk_p, &state, gva,
			   access & FETCH   ? WALK_EXECUTE
			   : access & WRITE ? WALK_WRITE
					    : WALK_READ);
	switch (t->end) {
	case SHADOW_FILLED:
		FUZZ_EXPECT_EQ(want.status, WALK_OK);
		FUZZ_EXPECT_EQ(t->gpa, want.gpa);
		break;
	case SHADOW_OUTSIDE:
		FUZZ_EXPECT_EQ(want.status, WALK_UNMAPPED);
		FUZZ_EXPECT(t->gpa >= walk_p->memory_len);
		break;
	case SHADOW_TRAPPED: /* nobody has armed a leaf */
		FUZZ_EXPECT(false);
		break;
	case SHADOW_PAGE_FAULT:
	default:
		FUZZ_EXPECT_EQ((t->error_code & 1) == 0,
			       want.status == WALK_NOT_PRESENT);
		FUZZ_EXPECT_EQ((t->error_code & 8) != 0,
			       want.status == WALK_BAD_FLAGS);
		FUZZ_EXPECT(want.status != WALK_OK);
		FUZZ_EXPECT(want.status != WALK_UNMAPPED);
		break;
	}
}

static void access_page(void)
{
	static const u32 kinds[] = {READ, WRITE, FETCH};
	u64 gva = gvas[below(GVAS)];
	u32 access = kinds[below(3)];
	/* SMAP does not see pages that are open for supervisors */
	bool is_blind = !(walk_regs.cr0 & CR0_WP) && (walk_regs.cr4 & CR4_SMAP);
	struct shadow_touch t;

	walk_regs.cpl = below(2) ? 3 : 0;
	walk_regs.rflags = flip(RFLAGS_AC);
	access |= walk_regs.cpl == 3 ? USER : 0;
	t = shadow_vp_touch(gva, access);
	if (is_clean && !is_blind) {
		check_access(gva, access, &t);
	}
}

static void drop(void)
{
	u64 space =
		below(4) ? ROOT + PAGE_SIZE * below(TABLES) : SHADOW_ALL_SPACES;
	gva_t gva = {gvas[below(GVAS)] & PAGE_MASK};
	u64 to_hole = (1ull << 47) - (gva.v & ((1ull << 47) - 1));

	switch (below(4)) {
	case 0:
		SHADOW_VP_DO(shadow_invlpg(&shadow_vp, gva));
		break;
	case 1:
		SHADOW_VP_DO(shadow_invpcid(&shadow_vp, (u32)below(4),
					    (u32)below(80), gva));
		break;
	case 2:
		SHADOW_VP_DO(shadow_drop_space(&shadow_vp, space, below(2)));
		break;
	default:
		SHADOW_VP_DO(shadow_drop_range(&shadow_vp, space, gva,
					       below(to_hole / PAGE_SIZE)));
		break;
	}
}

static void step(void)
{
	switch (below(8)) {
	case 0:
		change_entry();
		break;
	case 1:
		any_registers();
		break;
	case 2:
		load();
		break;
	case 3:
		drop();
		break;
	case 4:
		changes_left = below(4);
		break;
	default:
		access_page();
		break;
	}
}

static void run(void)
{
	static const enum shadow_mode modes[] = {
		SHADOW_MODE_LONG, SHADOW_MODE_LONG, SHADOW_MODE_PAE,
		SHADOW_MODE_32BIT};
	enum shadow_mode mode = modes[below(4)];

	shadow_vp_setup(mode, SHADOW_TABLES_MIN, below(2));
	shadow_vp_watches = below(8) == 0;
	fake.on_load = change_what_was_read;
	changes_left = 0;
	walk_regs.cr4 |= mode == SHADOW_MODE_LONG ? flip(CR4_PCIDE) : 0;
	gvas[0] = below(1ull << 48);
	for (u32 i = 1; i < GVAS; i++) {
		gvas[i] = gvas[0] ^ (1ull << (12 + below(36)));
	}
	for (u32 i = 0; i < GVAS; i++) {
		gvas[i] = mode == SHADOW_MODE_LONG
				  ? (u64)((s64)(gvas[i] << 16) >> 16)
				  : (u32)gvas[i];
	}
	fill_tables();
	for (u32 i = 0; i < 8; i++) {
		change_entry();
	}
	load();
	any_registers();
	for (u32 i = 0; i < STEPS && bytes.len > 0; i++) {
		step();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	bytes = (struct fuzz_bytes){data, len};
	FUZZ_EXPECT(check_run(run));
	return 0;
}
