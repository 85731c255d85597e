/* SPDX-License-Identifier: MIT */
/*
 * A leaf against the guest's entry: each row fills a leaf by an access, changes
 * the guest's tables, and says what the leaf has too much and which accesses
 * would use that.
 */
#include "core/sanitize/compare.h"

#include "core/paging/shadow_table.h"
#include "support/check.h"
#include "support/shadow_vp.h"

#define HERE  0x40201000ull
#define FRAME 0x200000ull
#define OTHER 0x300000ull

static struct sanitize z;

/* Of each access: the CPL is 3 with USER. */
struct row {
	const char *name;
	u64 before; /* the guest's entry, FRAME added */
	u32 access; /* READ, or WRITE | USER and so on, that fills */
	u64 after;  /* the entry afterwards, whole */
	u32 level;  /* of that entry; 1 if 0 */
	u64 cr0;    /* these bits are cleared */
	enum sanitize_kind kind;
	bool writes_only;
	bool is_lazy;
	enum sanitize_kind read; /* a supervisor's */
	enum sanitize_kind write;
	enum sanitize_kind user; /* a user's read */
	enum sanitize_kind fetch;
};

#define NONE   SANITIZE_NONE
#define ABSENT SANITIZE_ABSENT
#define TABLES SANITIZE_TABLE
#define FRAMES SANITIZE_FRAME
#define RIGHTS SANITIZE_RIGHTS
#define DIRTY  SANITIZE_DIRTY

/* clang-format off */
static const struct row rows[] = {
	{"the same", P | W | US, WRITE, FRAME | P | W | US | A | D, 1, 0,
	 NONE, false, false, NONE, NONE, NONE, NONE},
	{"accessed bit cleared", P | W | US, WRITE, FRAME | P | W | US | D, 1, 0,
	 NONE, false, false, NONE, NONE, NONE, NONE},
	{"not present", P | W | US, WRITE, 0, 1, 0,
	 ABSENT, false, false, ABSENT, ABSENT, ABSENT, ABSENT},
	{"not present, read-only leaf", P, READ, 0, 1, 0,
	 ABSENT, false, false, ABSENT, NONE, NONE, ABSENT},
	{"its table taken out", P | W | US, WRITE, 0, 2, 0,
	 TABLES, false, false, TABLES, TABLES, TABLES, TABLES},
	{"a table far above taken out", P | W | US, WRITE, 0, 4, 0,
	 TABLES, false, false, TABLES, TABLES, TABLES, TABLES},
	{"another frame", P | W | US, WRITE, OTHER | P | W | US | A | D, 1, 0,
	 FRAMES, false, false, FRAMES, FRAMES, FRAMES, FRAMES},
	{"reserved bit", P | W | US, WRITE, BIT(45) | FRAME | P | W, 1, 0,
	 ABSENT, false, false, ABSENT, ABSENT, ABSENT, ABSENT},
	{"write-protected", P | W | US, WRITE, FRAME | P | US | A | D, 1, 0,
	 RIGHTS, true, false, NONE, RIGHTS, NONE, NONE},
	{"write-protected above", P | W | US, WRITE, 0, 0, 0,
	 RIGHTS, true, false, NONE, RIGHTS, NONE, NONE},
	{"write-protected, leaf was clean", P | W | US, READ,
	 FRAME | P | US | A, 1, 0,
	 NONE, false, false, NONE, NONE, NONE, NONE},
	{"write-protected, WP 0", P | W, WRITE, FRAME | P | A | D, 1, CR0_WP,
	 NONE, false, false, NONE, NONE, NONE, NONE},
	{"write-protected for users, WP 0", P | W | US, WRITE,
	 FRAME | P | US | A | D, 1, CR0_WP,
	 RIGHTS, true, false, NONE, NONE, NONE, NONE},
	{"dirty bit cleared", P | W | US, WRITE, FRAME | P | W | US | A, 1, 0,
	 DIRTY, true, false, NONE, DIRTY, NONE, NONE},
	{"no execution", P | W | US, WRITE, FRAME | P | W | US | A | D | NX, 1, 0,
	 RIGHTS, false, false, NONE, NONE, NONE, RIGHTS},
	{"no user", P | W | US, WRITE, FRAME | P | W | A | D, 1, 0,
	 RIGHTS, false, false, NONE, NONE, RIGHTS, NONE},
	{"writable now", P | US, READ, FRAME | P | W | US | A | D, 1, 0,
	 NONE, false, true, NONE, NONE, NONE, NONE},
	{"writable now, not dirty", P | US, READ, FRAME | P | W | US | A, 1, 0,
	 NONE, false, false, NONE, NONE, NONE, NONE},
	{"a user's page now", P | W, WRITE, FRAME | P | W | US | A | D, 1, 0,
	 NONE, false, true, NONE, NONE, NONE, NONE},
	{"code now", P | W | NX, WRITE, FRAME | P | W | A | D, 1, 0,
	 NONE, false, true, NONE, NONE, NONE, NONE},
};
/* clang-format on */

static u64 leaf_at(u64 gva, u32 *level)
{
	struct shadow_place place;
	u64 leaf = shadow_table_find(&shadow_vp, &shadow_vp.current->tree, gva,
				     &place);

	*level = place.level;
	return leaf;
}

static struct sanitize_view view(void)
{
	return (struct sanitize_view){walk_p, &shadow_vp, &z, walk_regs, 0};
}

static void change(const struct row *row)
{
	if (row->level == 0) {
		u64 at = shadow_vp_entry(HERE, 2);

		walk_put(at, walk_get(at, 8) & ~W, 8);
	} else {
		walk_put(shadow_vp_entry(HERE, row->level), row->after, 8);
	}
}

static void expect(const struct row *row, u32 cpl, u64 access,
		   enum sanitize_kind kind)
{
	struct sanitize_view v = view();
	struct sanitize_entry entry;
	u32 level;
	u64 leaf = leaf_at(HERE, &level);

	v.state.cpl = cpl;
	sanitize_look(&v, HERE, leaf, &entry);
	if (sanitize_kind_of(&v, HERE, leaf, level, &entry, access) != kind) {
		CHECK_STR(row->name, "access");
	}
}

static void run(const struct row *row)
{
	struct sanitize_entry entry;
	struct sanitize_difference d;
	struct sanitize_view v;
	u32 level;
	u64 leaf;

	shadow_vp_setup(SHADOW_MODE_LONG, SHADOW_TABLES_MIN, true);
	walk_regs.cr0 &= ~row->cr0;
	shadow_vp_map(HERE, 1, FRAME | row->before);
	shadow_vp_reaches(HERE, row->access, FRAME);
	change(row);
	v = view();
	leaf = leaf_at(HERE, &level);
	sanitize_look(&v, HERE, leaf, &entry);
	d = sanitize_compare(&v, HERE, leaf, level, &entry);
	if (d.kind != row->kind || d.writes_only != row->writes_only ||
	    d.is_lazy != row->is_lazy) {
		CHECK_STR(row->name, "comparison");
	}
	expect(row, 0, WALK_READ, row->read);
	expect(row, 0, WALK_WRITE, row->write);
	expect(row, 3, WALK_READ, row->user);
	expect(row, 0, WALK_EXECUTE, row->fetch);
}

static void t_leaf_is_compared_with_the_entry(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		run(&rows[i]);
	}
}

static enum sanitize_kind compare_at(u64 gva)
{
	struct sanitize_view v = view();
	struct sanitize_entry entry;
	u32 level;
	u64 leaf = leaf_at(gva, &level);

	sanitize_look(&v, gva, leaf, &entry);
	return sanitize_compare(&v, gva, leaf, level, &entry).kind;
}

/* The root that a global page was filled from may be gone. */
static void t_absent_top_entry_decides_nothing_about_globals(void)
{
	shadow_vp_setup(SHADOW_MODE_LONG, SHADOW_TABLES_MIN, true);
	shadow_vp_map(HERE, 1, FRAME | P | W | PTE_GLOBAL);
	shadow_vp_reaches(HERE, WRITE, FRAME);
	walk_put(shadow_vp_entry(HERE, 4), 0, 8);
	CHECK_EQ(compare_at(HERE), SANITIZE_NONE);
	/* one level below it decides */
	shadow_vp_setup(SHADOW_MODE_LONG, SHADOW_TABLES_MIN, true);
	shadow_vp_map(HERE, 1, FRAME | P | W | PTE_GLOBAL);
	shadow_vp_reaches(HERE, WRITE, FRAME);
	walk_put(shadow_vp_entry(HERE, 3), 0, 8);
	CHECK_EQ(compare_at(HERE), SANITIZE_TABLE);
}

/* A large page that was split: each of its pages is compared for itself. */
static void t_large_leaf_is_compared_page_by_page(void)
{
	shadow_vp_setup(SHADOW_MODE_LONG, SHADOW_TABLES_MIN, true);
	shadow_vp_map(HERE & ~0x1fffffull, 2, 0x200000 | P | W | A | D);
	shadow_vp_reaches(HERE, WRITE, 0x201000);
	CHECK_EQ(compare_at(HERE), SANITIZE_NONE);
	/* shadow_vp_map() makes a table in its place */
	shadow_vp_map(HERE, 1, 0x201000 | P | W | A | D);
	shadow_vp_map(HERE + PAGE_SIZE, 1, 0x209000 | P | W | A | D);
	CHECK_EQ(compare_at(HERE), SANITIZE_NONE);
	CHECK_EQ(compare_at(HERE + PAGE_SIZE), SANITIZE_FRAME);
	CHECK_EQ(compare_at(HERE + 2 * PAGE_SIZE), SANITIZE_ABSENT);
}

/* A large page that goes is no table that was taken out. */
static void t_large_page_is_absent(void)
{
	shadow_vp_setup(SHADOW_MODE_LONG, SHADOW_TABLES_MIN, true);
	shadow_vp_map(HERE & ~0x1fffffull, 2, 0x200000 | P | W | A | D);
	shadow_vp_reaches(HERE, READ, 0x201000);
	walk_put(shadow_vp_entry(HERE, 2), 0, 8);
	CHECK_EQ(compare_at(HERE), SANITIZE_ABSENT);
}

static void t_pae_and_32_bit_tables(void)
{
	shadow_vp_setup(SHADOW_MODE_PAE, SHADOW_TABLES_MIN, true);
	shadow_vp_map(HERE, 1, FRAME | P | W);
	shadow_vp_reaches(HERE, WRITE, FRAME);
	CHECK_EQ(compare_at(HERE), SANITIZE_NONE);
	walk_put(shadow_vp_entry(HERE, 1), 0, 8);
	CHECK_EQ(compare_at(HERE), SANITIZE_ABSENT);
	shadow_vp_setup(SHADOW_MODE_32BIT, SHADOW_TABLES_MIN, true);
	shadow_vp_map(HERE, 1, FRAME | P | W);
	shadow_vp_reaches(HERE, WRITE, FRAME);
	CHECK_EQ(compare_at(HERE), SANITIZE_NONE);
	walk_put(shadow_vp_entry(HERE, 2), 0, 4);
	CHECK_EQ(compare_at(HERE), SANITIZE_TABLE);
}

static const struct test tests[] = {
	{"leaf_is_compared_with_the_entry", t_leaf_is_compared_with_the_entry},
	{"absent_top_entry_decides_nothing_about_globals",
	 t_absent_top_entry_decides_nothing_about_globals},
	{"large_leaf_is_compared_page_by_page",
	 t_large_leaf_is_compared_page_by_page},
	{"large_page_is_absent", t_large_page_is_absent},
	{"pae_and_32_bit_tables", t_pae_and_32_bit_tables},
};
const struct suite suite_sanitize_compare = SUITE("sanitize_compare", tests);
