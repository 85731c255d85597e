/* SPDX-License-Identifier: MIT */
/*
 * The software TLB against a model of what has to stay and what has to go: a
 * list of translations for each PCID and one of global ones. The guest changes
 * its tables all the time, so that an access shows whether it used a
 * translation that stayed or a new one.
 */
#include "core/paging/shadow.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"
#include "support/shadow_vp.h"

#define STEPS 150000
#define PAGES 14
#define PCIDS 3
#define ROOTS 3 /* the first two differ in bit 12 only */

struct entry {
	u64 gpa; /* 0: none */
	bool write;
};

static struct {
	struct entry global[PAGES];
	struct entry own[PCIDS][PAGES];
	u64 cr3[PCIDS]; /* with which it was loaded last; 0: never */
	bool mixed[PCIDS];
	u32 pcid; /* the current one */
} model;

static u64 gvas[PAGES];
static u64 roots[ROOTS];
static bool is_long;

static bool one_in(u32 n)
{
	return call_random_below(n) == 0;
}

/* ---- the model ---- */

static bool matches(u32 pcid, u64 space)
{
	return space == SHADOW_ALL_SPACES || model.mixed[pcid] ||
	       model.cr3[pcid] / 0x2000 == space / 0x2000;
}

static bool is_empty(u32 pcid)
{
	for (u32 i = 0; i < PAGES; i++) {
		if (model.own[pcid][i].gpa != 0) {
			return false;
		}
	}
	return true;
}

static void model_empty(u32 pcid)
{
	memset(model.own[pcid], 0, sizeof(model.own[pcid]));
	model.mixed[pcid] = false;
}

static void model_empty_space(u64 space)
{
	for (u32 pcid = 0; pcid < PCIDS; pcid++) {
		if (matches(pcid, space)) {
			model_empty(pcid);
		}
	}
}

static void model_range(u64 space, u64 first, u64 last)
{
	for (u32 i = 0; i < PAGES; i++) {
		if (gvas[i] < first || gvas[i] > last) {
			continue;
		}
		model.global[i].gpa = 0;
		for (u32 pcid = 0; pcid < PCIDS; pcid++) {
			if (matches(pcid, space)) {
				model.own[pcid][i].gpa = 0;
			}
		}
	}
}

/* The page that the access gets to; 0: #PF */
static u64 model_access(u32 i, bool write, u64 pte)
{
	struct entry *own = &model.own[model.pcid][i];
	struct entry *global = &model.global[i];
	bool ok = (pte & P) && (!write || (pte & W));
	struct entry found = {pte & PTE_ADDR,
			      (pte & W) && (write || (pte & D))};

	if (own->gpa != 0 && (own->write || !write)) {
		return own->gpa;
	}
	if (global->gpa != 0 && (global->write || !write)) {
		/* its copy takes the place */
		own->gpa = 0;
		return global->gpa;
	}
	own->gpa = 0;
	global->gpa = 0;
	if (!ok) {
		return 0;
	}
	*(pte & PTE_GLOBAL ? global : own) = found;
	return found.gpa;
}

/* ---- steps ---- */

static void access_page(u32 i)
{
	bool write = one_in(2);
	u64 pte = walk_get(shadow_vp_entry(gvas[i], 1),
			   walk_regs.cr4 & CR4_PAE ? 8 : 4);
	u64 gpa = model_access(i, write, pte);

	if (gpa != 0) {
		shadow_vp_reaches(gvas[i], write ? WRITE : READ, gpa);
	} else {
		shadow_vp_faults(gvas[i], write ? WRITE : READ,
				 (write ? 2 : 0) | (u32)(pte & P));
	}
}

static void change_page(u32 i)
{
	u64 pte = 0x200000 + PAGE_SIZE * call_random_below(512);

	pte |= (call_random() & (W | D | PTE_GLOBAL)) | US;
	shadow_vp_map(gvas[i], 1, one_in(6) ? 0 : pte | P);
}

static void load(void)
{
	u64 root = roots[call_random_below(ROOTS)];
	u32 pcid = is_long ? call_random_below(PCIDS) : 0;
	bool keep = is_long && one_in(2);

	if (!keep) {
		model_empty(pcid);
	} else if (!is_empty(pcid) &&
		   model.cr3[pcid] / 0x2000 != root / 0x2000) {
		model.mixed[pcid] = true;
	}
	model.pcid = pcid;
	model.cr3[pcid] = root;
	shadow_vp_load(root | pcid, keep);
}

static void drop_range(void)
{
	u64 space =
		one_in(4) ? SHADOW_ALL_SPACES : roots[call_random_below(ROOTS)];
	u64 base = gvas[call_random_below(PAGES)];
	u64 pages =
		one_in(4) ? call_random_below(1u << 18) : call_random_below(4);

	if (base + pages * PAGE_SIZE > 0xfffff000 && base <= 0xffffffff) {
		pages = 1;
	}
	if (pages != 0) {
		model_range(space, base, base + pages * PAGE_SIZE - 1);
	}
	SHADOW_VP_DO(
		shadow_drop_range(&shadow_vp, space, (gva_t){base}, pages));
}

static void drop_space(void)
{
	u64 space = one_in(4) ? SHADOW_ALL_SPACES
			      : roots[call_random_below(ROOTS)] | 0x18;
	bool non_global = one_in(2);

	model_empty_space(space);
	if (!non_global) {
		memset(model.global, 0, sizeof(model.global));
	}
	SHADOW_VP_DO(shadow_drop_space(&shadow_vp, space, non_global));
}

static void invpcid(void)
{
	u32 type = call_random_below(4);
	u32 pcid = call_random_below(PCIDS);
	u32 i = call_random_below(PAGES);

	if (type == 0) {
		model.own[pcid][i].gpa = 0;
	} else if (type == 1) {
		model_empty(pcid);
	} else {
		model_empty_space(SHADOW_ALL_SPACES);
	}
	if (type == 2) {
		memset(model.global, 0, sizeof(model.global));
	}
	SHADOW_VP_DO(shadow_invpcid(&shadow_vp, type, pcid, (gva_t){gvas[i]}));
}

static void invlpg(void)
{
	u32 i = call_random_below(PAGES);

	model.own[model.pcid][i].gpa = 0;
	model.global[i].gpa = 0;
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp,
				   (gva_t){gvas[i] + call_random_below(4096)}));
}

static void drop_all(void)
{
	model_empty_space(SHADOW_ALL_SPACES);
	memset(model.global, 0, sizeof(model.global));
	SHADOW_VP_DO(shadow_drop_all(&shadow_vp));
}

static void step(void)
{
	static void (*const rare[])(void) = {
		load,    drop_range, drop_range, drop_space,
		invpcid, invlpg,     invlpg,     load,
	};
	u32 i = call_random_below(PAGES);

	if (one_in(500)) {
		drop_all();
	} else if (one_in(8)) {
		rare[call_random_below(ARRAY_SIZE(rare))]();
	} else if (one_in(3)) {
		change_page(i);
	} else {
		access_page(i);
	}
}

static void run(enum shadow_mode mode)
{
	static const u64 bases[] = {0x400000, 0x5ff000, 0x40000000, 0xc0000000};

	memset(&model, 0, sizeof(model));
	is_long = mode == SHADOW_MODE_LONG;
	shadow_vp_setup(mode, SHADOW_TABLES_MIN, false);
	walk_regs.cr4 |= is_long ? CR4_PCIDE : 0;
	for (u32 i = 0; i < PAGES; i++) {
		gvas[i] = bases[i / 4] + PAGE_SIZE * (i % 4);
		if (is_long && i >= 12) {
			gvas[i] |= 0xffff800000000000;
		}
	}
	/* the next one with bit 13 clear and one behind it, then another */
	do {
		roots[0] = shadow_vp_new_root();
	} while (roots[0] & 0x2000 || roots[0] & 0x1000);
	roots[1] = shadow_vp_new_root();
	roots[2] = shadow_vp_new_root();
	shadow_vp_load(roots[0], false);
	model.cr3[0] = roots[0];
	for (u32 i = 0; i < STEPS; i++) {
		shadow_vp_watches = i % 64 == 0;
		step();
	}
	CHECK_EQ(shadow_vp.evictions, 0);
	CHECK(shadow_vp.fills > STEPS / 8);
}

static void t_long(void)
{
	call_seed(5);
	run(SHADOW_MODE_LONG);
}

static void t_pae(void)
{
	call_seed(6);
	run(SHADOW_MODE_PAE);
}

static void t_32bit(void)
{
	call_seed(7);
	run(SHADOW_MODE_32BIT);
}

static const struct test tests[] = {
	{"4-level", t_long},
	{"pae", t_pae},
	{"32-bit", t_32bit},
};

const struct suite suite_shadow_model = SUITE("shadow_model", tests);
