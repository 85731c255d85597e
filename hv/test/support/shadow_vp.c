/* SPDX-License-Identifier: MIT */
/* A guest under a software TLB (see shadow_vp.h). */
#include "support/shadow_vp.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"

#define GUEST_TABLES 0x100000 /* the guest's tables, from here on */
#define FRAME        0x000ffffffffff000ull
#define ENTRIES      512
#define SEEN_MAX     8192

struct shadow shadow_vp;
bool shadow_vp_watches;
bool shadow_vp_may_be_armed;

static u64 next_table;
static u64 *tables;
static u32 table_count;

/* What the CPU could use before a call */
static struct seen {
	u64 *at;
	u64 entry;
} seen[SEEN_MAX];
static u32 seen_count;
static u64 seen_root;
static u64 seen_removals;

/* ---- the guest's tables ---- */

void shadow_vp_setup(enum shadow_mode mode, u32 count, bool walk_cache)
{
	struct shadow_table *info;

	walk_setup();
	shadow_vp_watches = true;
	shadow_vp_may_be_armed = false;
	walk_regs.has_1g_pages = false;
	walk_regs.cr4 = CR4_PSE | CR4_PGE;
	walk_regs.efer = 0;
	if (mode != SHADOW_MODE_32BIT) {
		walk_regs.cr4 |= CR4_PAE;
		walk_regs.efer |= EFER_NXE;
	}
	if (mode == SHADOW_MODE_LONG) {
		walk_regs.efer |= EFER_LME | EFER_LMA;
	}
	next_table = GUEST_TABLES;
	table_count = count;
	tables = fake_take(count * PAGE_SIZE);
	info = fake_take(count * sizeof(*info));
	shadow_init(&shadow_vp, tables, info, count, (gpa_t){SHADOW_VP_AREA},
		    walk_cache);
	shadow_vp_load(shadow_vp_new_root(), false);
	shadow_vp.invvpid_due = false;
}

u64 shadow_vp_new_root(void)
{
	u64 root = next_table;

	next_table += PAGE_SIZE;
	memset(fake_ram(walk_p, root), 0, PAGE_SIZE);
	return root;
}

static bool is_long(void)
{
	return (walk_regs.efer & EFER_LMA) != 0;
}

static bool is_pae(void)
{
	return !is_long() && (walk_regs.cr4 & CR4_PAE);
}

/* The guest's table of the highest level that memory holds */
static u64 top_table(u64 gva)
{
	u64 *pdpte = &walk_regs.pdpte[gva >> 30 & 3];

	if (!is_pae()) {
		return walk_regs.cr3 & FRAME;
	}
	if (*pdpte == 0) {
		*pdpte = shadow_vp_new_root() | P;
	}
	return *pdpte & FRAME;
}

u64 shadow_vp_entry(u64 gva, u32 level)
{
	u32 size = walk_regs.cr4 & CR4_PAE ? 8 : 4;
	u32 bits = size == 8 ? 9 : 10;
	u64 table = top_table(gva);

	for (u32 l = is_long() ? 4 : 2;; l--) {
		u64 index = gva >> (12 + bits * (l - 1)) & ((1u << bits) - 1);
		u64 at = table + index * size;
		u64 entry = walk_get(at, size);

		if (l == level) {
			return at;
		}
		if (!(entry & P) || (entry & PS)) {
			entry = shadow_vp_new_root() | P | W | US;
			walk_put(at, entry, size);
		}
		table = entry & FRAME;
	}
}

void shadow_vp_map(u64 gva, u32 level, u64 entry)
{
	walk_put(shadow_vp_entry(gva, level),
		 entry | (level == 2 && entry != 0 ? PS : 0),
		 walk_regs.cr4 & CR4_PAE ? 8 : 4);
}

void shadow_vp_load(u64 cr3, bool keep)
{
	walk_regs.cr3 = cr3;
	SHADOW_VP_DO(shadow_load(&shadow_vp, &walk_regs, keep));
}

/* ---- the CPU: WP = 1, NXE = 1, the guest's SMEP and SMAP ---- */

static u64 *table_at(u64 gpa)
{
	CHECK(gpa >= SHADOW_VP_AREA);
	CHECK(gpa < SHADOW_VP_AREA + table_count * PAGE_SIZE);
	return tables + (gpa - SHADOW_VP_AREA) / 8;
}

/* What the CPU needs so that it never writes to the tables */
static void check_leaf(u64 entry, u32 level)
{
	u64 frame = entry & FRAME;
	u64 len = level == 2 ? 2 * MIB : PAGE_SIZE;

	CHECK(entry >> 5 & 1);
	if (!shadow_vp_may_be_armed) {
		CHECK_EQ(entry >> 6 & 1, entry >> 1 & 1);
		CHECK_EQ(entry >> 8 & 1, 0);
	}
	/* reserved with PAE paging */
	CHECK_EQ(entry >> 52 & 0x7ff, 0);
	frame -= level == 2 ? frame & 0x1000 : 0; /* PAT */
	CHECK_EQ(frame % len, 0);
	CHECK(frame + len <= walk_p->memory_len);
}

/* The leaf for `gva` and its level; 0: not present */
static u64 cpu_walk(u64 gva, u32 *level)
{
	u64 gpa = shadow_vp.root;
	u32 l = 4;

	if (!shadow_vp.is_long) {
		u64 pdpte = shadow_vp.pdpte[gva >> 30 & 3];

		CHECK_EQ(pdpte & ~(FRAME | 1), 0);
		if (pdpte == 0) {
			return 0;
		}
		CHECK(pdpte & 1);
		gpa = pdpte;
		l = 2;
	}
	for (gpa &= FRAME;; l--) {
		u64 entry = table_at(gpa)[gva >> (12 + 9 * (l - 1)) & 511];

		*level = l;
		if (!(entry & 1)) {
			CHECK(shadow_vp_may_be_armed || entry == 0);
			return 0;
		}
		if (l == 1 || (l == 2 && (entry & 0x80))) {
			check_leaf(entry, l);
			return entry;
		}
		CHECK_EQ(entry & ~FRAME, 0x27);
		gpa = entry & FRAME;
	}
}

u64 shadow_vp_leaf(u64 gva)
{
	u32 level;

	return cpu_walk(gva, &level);
}

u32 shadow_vp_pat(u64 gva)
{
	u32 level = 0;
	u64 entry = cpu_walk(gva, &level);

	return (u32)(entry >> 3 & 3) |
	       (entry >> (level == 2 ? 12 : 7) & 1 ? 4 : 0);
}

bool shadow_vp_cpu(u64 gva, u32 access, u64 *gpa)
{
	u32 level = 0;
	u64 entry = cpu_walk(gva, &level);
	bool user = access & USER;
	bool user_page = entry >> 2 & 1;
	bool ac = (walk_regs.rflags & RFLAGS_AC) && !(access & IMPLICIT);
	u64 len = level == 2 ? 2 * MIB : PAGE_SIZE;

	if (entry == 0 || (user && !user_page)) {
		return false;
	}
	if ((access & WRITE) && !(entry >> 1 & 1)) {
		return false;
	}
	if ((access & FETCH) && entry >> 63) {
		return false;
	}
	if (!user && user_page) {
		if ((access & FETCH) ? (walk_regs.cr4 & CR4_SMEP) != 0
				     : (walk_regs.cr4 & CR4_SMAP) && !ac) {
			return false;
		}
	}
	*gpa = (entry & FRAME & ~(len - 1)) | (gva & (len - 1));
	return true;
}

/* ---- accesses ---- */

struct shadow_touch shadow_vp_touch(u64 gva, u32 access)
{
	struct shadow_touch t = {.end = SHADOW_FILLED};
	u32 error_code = access & (WRITE | USER | FETCH);

	while (!shadow_vp_cpu(gva, access, &t.gpa)) {
		struct shadow_answer answer = {0};
		struct walk_state state = walk_regs;

		CHECK(t.faults < 4);
		t.faults++;
		/* P and RSVD of the CPU say nothing of the guest's tables */
		SHADOW_VP_DO(t.end = shadow_fault(walk_p, &shadow_vp, &state,
						  (gva_t){gva}, error_code | 9,
						  &answer));
		t.error_code = answer.error_code;
		t.gpa = answer.outside.v;
		if (t.end != SHADOW_FILLED) {
			break;
		}
	}
	return t;
}

void shadow_vp_reaches(u64 gva, u32 access, u64 gpa)
{
	struct shadow_touch t = shadow_vp_touch(gva, access);

	CHECK_EQ(t.end, SHADOW_FILLED);
	CHECK_EQ(t.gpa, gpa);
}

void shadow_vp_faults(u64 gva, u32 access, u32 error_code)
{
	struct shadow_touch t = shadow_vp_touch(gva, access);

	CHECK_EQ(t.end, SHADOW_PAGE_FAULT);
	CHECK_EQ(t.error_code, error_code);
}

void shadow_vp_has(u64 gva, u64 gpa)
{
	u64 got = 0;

	CHECK(shadow_vp_cpu(gva, READ, &got));
	CHECK_EQ(got, gpa);
}

void shadow_vp_lacks(u64 gva)
{
	CHECK_EQ(shadow_vp_leaf(gva), 0);
}

/* ---- what the CPU may have cached ---- */

/* Adds the present entries of a table to `seen`. */
static void see_table(u64 gpa)
{
	for (u32 i = 0; i < ENTRIES; i++) {
		u64 *at = table_at(gpa & FRAME) + i;

		if (*at & 1) {
			CHECK(seen_count < SEEN_MAX);
			seen[seen_count++] = (struct seen){at, *at};
		}
	}
}

/* And those of the tables below it */
static void see_tables(u64 top, u32 levels)
{
	u32 begin = seen_count;

	see_table(top);
	for (u32 end = seen_count; levels > 1; levels--) {
		for (; begin < end; begin++) {
			if (!(seen[begin].entry & 0x80)) {
				see_table(seen[begin].entry);
			}
		}
		end = seen_count;
	}
}

void shadow_vp_before(void)
{
	seen_count = 0;
	seen_root = shadow_vp.root;
	seen_removals = shadow_vp.removals;
	if (shadow_vp.current == NULL || !shadow_vp_watches) {
		return;
	}
	if (shadow_vp.is_long) {
		see_tables(shadow_vp.root, 4);
		return;
	}
	for (u32 i = 0; i < 4; i++) {
		if (shadow_vp.pdpte[i] != 0) {
			see_tables(shadow_vp.pdpte[i], 2);
		}
	}
}

void shadow_vp_after(void)
{
	bool due = shadow_vp.root != seen_root ||
		   shadow_vp.removals != seen_removals;

	for (u32 i = 0; i < seen_count; i++) {
		due = due || *seen[i].at != seen[i].entry;
	}
	CHECK(shadow_vp.invvpid_due || !due);
	shadow_vp.invvpid_due = false;
}
