/* SPDX-License-Identifier: MIT */
/*
 * Histories: what a guest maps, changes, flushes and touches, and whether the
 * sanitizer makes a use and a finding of it. The guest is that of shadow_vp.h,
 * in 4-level paging.
 */
#include "core/sanitize/judge.h"

#include <string.h>

#include "core/console/log.h"
#include "core/paging/shadow_arm.h"
#include "core/sanitize/scan.h"
#include "core/sanitize/watch.h"
#include "support/check.h"
#include "support/shadow_vp.h"

#define HERE  0xffff900040201000ull
#define THERE 0xffff900040203000ull
#define FRAME 0x200000ull
#define OTHER 0x300000ull
#define RIP   0xffff800000001230ull
#define GRACE 1000000

static struct sanitize z;

static void setup(void)
{
	shadow_vp_setup(SHADOW_MODE_LONG, SHADOW_TABLES_MIN, true);
	shadow_vp_may_be_armed = true;
	z.grace = GRACE;
	sanitize_reset(&z);
	shadow_vp_map(HERE, 1, FRAME | P | W | US);
	shadow_vp_map(THERE, 1, (FRAME + 0x1000) | P | W);
}

static struct sanitize_view view(void)
{
	return (struct sanitize_view){walk_p, &shadow_vp, &z, walk_regs, 3};
}

/* A whole pass over the leaves. */
static void scan(void)
{
	struct sanitize_view v = view();
	u64 passes = z.count.passes;

	while (z.count.passes == passes) {
		SHADOW_VP_DO(sanitize_scan(&v));
	}
}

/* An access, with what it may trap. True: a leaf was armed. */
static bool touch(u64 gva, u32 access, u64 gpa)
{
	struct sanitize_view v = view();
	struct sanitize_access a = {gva, RIP, WALK_READ, 0};
	struct shadow_touch t = shadow_vp_touch(gva, access);

	if (t.end != SHADOW_TRAPPED) {
		CHECK_EQ(t.end, SHADOW_FILLED);
		CHECK_EQ(t.gpa, gpa);
		return false;
	}
	v.state.cpl = access & USER ? 3 : 0;
	a.cpl = v.state.cpl;
	a.access = access & FETCH   ? WALK_EXECUTE
		   : access & WRITE ? WALK_WRITE
				    : WALK_READ;
	SHADOW_VP_DO(sanitize_meet(&v, &a));
	t = shadow_vp_touch(gva, access);
	CHECK_EQ(t.end, SHADOW_FILLED);
	CHECK_EQ(t.gpa, gpa);
	return true;
}

static void pass(u64 ticks)
{
	struct sanitize_view v = view();

	SHADOW_VP_DO(sanitize_judge(&v, ticks));
}

static u64 uses(void)
{
	u64 sum = 0;

	for (u32 i = 0; i < SANITIZE_KINDS; i++) {
		sum += z.count.uses[i];
	}
	return sum;
}

/* HERE has another frame and was not flushed. */
static void move(void)
{
	CHECK(!touch(HERE, WRITE, FRAME));
	shadow_vp_map(HERE, 1, OTHER | P | W | US | A | D);
	scan();
}

static void t_use_without_flush_is_a_finding(void)
{
	setup();
	move();
	CHECK_EQ(z.stale, 1);
	CHECK_EQ(z.count.armed, 1);
	CHECK_EQ(uses(), 0);
	/* the stale leaf is still what the CPU uses */
	CHECK(touch(HERE, READ, FRAME));
	CHECK_EQ(z.count.uses[SANITIZE_FRAME], 1);
	CHECK(!touch(HERE, READ, FRAME));
	pass(GRACE - 1);
	CHECK_EQ(z.found, 0);
	pass(1);
	CHECK_EQ(z.found, 1);
	CHECK_EQ(z.count.findings[SANITIZE_FRAME], 1);
	CHECK_EQ(z.finding[0].rip, RIP);
	CHECK_EQ(z.finding[0].gva, HERE);
	CHECK_EQ(z.finding[0].entry, OTHER | P | W | US | A | D);
	CHECK_EQ(z.finding[0].leaf & PTE_ADDR, FRAME);
	log_flush();
	CHECK(strstr(fake.uart, "sanitize finding kind=frame vp=3 "
				"rip=0xffff800000001230 gva=0xffff900040201000 "
				"access=read cpl=0 leaf=0x") != NULL);
}

static void t_stale_leaf_that_nobody_uses_is_none(void)
{
	setup();
	move();
	pass(GRACE);
	pass(GRACE);
	CHECK_EQ(z.stale, 1);
	CHECK_EQ(uses(), 0);
	CHECK_EQ(z.found, 0);
}

static void t_flush_in_time_is_none(void)
{
	setup();
	move();
	CHECK(touch(HERE, READ, FRAME));
	pass(GRACE - 1);
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){HERE}));
	pass(1);
	CHECK_EQ(z.count.flushed, 1);
	CHECK_EQ(z.found, 0);
	CHECK(!sanitize_waits(&z));
	/* and filled again it is as the tables say */
	CHECK(!touch(HERE, READ, OTHER));
	scan();
	CHECK_EQ(z.stale, 0);
}

/* A leaf with the same value that was filled after the flush is another one. */
static void t_flushed_and_filled_again_is_flushed(void)
{
	setup();
	move();
	CHECK(touch(HERE, READ, FRAME));
	CHECK(sanitize_waits(&z));
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){HERE}));
	shadow_vp_map(HERE, 1, FRAME | P | W | US | A | D);
	CHECK(!touch(HERE, WRITE, FRAME));
	shadow_vp_map(HERE, 1, OTHER | P | W | US | A | D);
	pass(GRACE);
	CHECK_EQ(z.count.flushed, 1);
	CHECK_EQ(z.found, 0);
	/* the second mistake has a use and a grace of its own */
	scan();
	CHECK(touch(HERE, READ, FRAME));
	pass(GRACE - 1);
	CHECK_EQ(z.found, 0);
	pass(1);
	CHECK_EQ(z.found, 1);
}

/* Range calls, space calls and CR3 loads go the same way. */
static void t_every_kind_of_flush_counts(void)
{
	setup();
	move();
	CHECK(touch(HERE, READ, FRAME));
	SHADOW_VP_DO(
		shadow_drop_range(&shadow_vp, walk_regs.cr3, (gva_t){HERE}, 1));
	pass(GRACE);
	CHECK_EQ(z.count.flushed, 1);
	setup();
	move();
	CHECK(touch(HERE, READ, FRAME));
	shadow_vp_load(walk_regs.cr3, false);
	pass(GRACE);
	CHECK_EQ(z.count.flushed, 1);
	CHECK_EQ(z.found, 0);
}

static void t_flush_of_the_page_beside_it_does_not_count(void)
{
	setup();
	move();
	CHECK(touch(HERE, READ, FRAME));
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, walk_regs.cr3,
				       (gva_t){HERE - 4 * PAGE_SIZE}, 4));
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, walk_regs.cr3 ^ BIT(20),
				       (gva_t){HERE}, 1));
	pass(GRACE);
	CHECK_EQ(z.count.flushed, 0);
	CHECK_EQ(z.found, 1);
}

/* mprotect() there and back */
static void t_granted_again_is_none(void)
{
	setup();
	CHECK(!touch(HERE, WRITE, FRAME));
	shadow_vp_map(HERE, 1, FRAME | P | US | A | D);
	scan();
	CHECK(touch(HERE, WRITE, FRAME));
	CHECK_EQ(z.count.uses[SANITIZE_RIGHTS], 1);
	shadow_vp_map(HERE, 1, FRAME | P | W | US | A | D);
	pass(GRACE);
	CHECK_EQ(z.count.granted, 1);
	CHECK_EQ(z.found, 0);
}

/* A read is no use of a leaf that is stale in W only, and does not trap. */
static void t_read_of_a_write_protected_page_is_no_use(void)
{
	setup();
	CHECK(!touch(HERE, WRITE, FRAME));
	shadow_vp_map(HERE, 1, FRAME | P | US | A | D);
	scan();
	CHECK_EQ(z.count.armed, 1);
	CHECK(!touch(HERE, READ, FRAME));
	CHECK(!touch(HERE, USER, FRAME));
	CHECK(touch(HERE, WRITE | USER, FRAME));
	CHECK(z.watch[0].use.is_user);
	pass(GRACE);
	CHECK_EQ(z.count.findings[SANITIZE_RIGHTS], 1);
}

static void t_write_where_dirty_was_cleared_is_a_use(void)
{
	setup();
	CHECK(!touch(HERE, WRITE, FRAME));
	shadow_vp_map(HERE, 1, FRAME | P | W | US | A);
	scan();
	CHECK(!touch(HERE, READ, FRAME));
	CHECK(touch(HERE, WRITE, FRAME));
	pass(GRACE);
	CHECK_EQ(z.count.findings[SANITIZE_DIRTY], 1);
}

/* Only a user's access is a use where U was cleared; it is armed again. */
static void t_access_that_is_no_use_is_let_through(void)
{
	setup();
	CHECK(!touch(HERE, WRITE, FRAME));
	shadow_vp_map(HERE, 1, FRAME | P | W | A | D);
	scan();
	CHECK(touch(HERE, READ, FRAME));
	CHECK_EQ(uses(), 0);
	CHECK(!touch(HERE, READ, FRAME));
	scan();
	CHECK_EQ(z.count.armed, 2);
	CHECK(touch(HERE, USER, FRAME));
	CHECK_EQ(uses(), 1);
}

static void t_armed_leaf_that_is_granted_again_traps_no_more(void)
{
	setup();
	move();
	shadow_vp_map(HERE, 1, FRAME | P | W | US | A | D);
	scan();
	CHECK(!touch(HERE, WRITE, FRAME));
	CHECK_EQ(z.stale, 0);
}

static void t_laziness_is_counted_only(void)
{
	setup();
	shadow_vp_map(HERE, 1, FRAME | P);
	CHECK(!touch(HERE, READ, FRAME));
	shadow_vp_map(HERE, 1, FRAME | P | W | US | A | D);
	scan();
	CHECK_EQ(z.count.lazy, 1);
	CHECK_EQ(z.count.armed, 0);
}

/* An entry is reported once, and not armed again while its leaf is there. */
static void t_finding_is_reported_once(void)
{
	setup();
	move();
	CHECK(touch(HERE, READ, FRAME));
	pass(GRACE);
	scan();
	CHECK(!touch(HERE, READ, FRAME));
	pass(GRACE);
	CHECK_EQ(z.found, 1);
	CHECK_EQ(z.count.armed, 1);
	/* the same again after a flush: counted, not kept */
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){HERE}));
	pass(1);
	CHECK(!touch(HERE, WRITE, OTHER));
	shadow_vp_map(HERE, 1, FRAME | P | W | US | A | D);
	scan();
	CHECK(touch(HERE, READ, OTHER));
	pass(GRACE);
	CHECK_EQ(z.count.findings[SANITIZE_FRAME], 2);
	CHECK_EQ(z.found, 1);
}

/* While another address space is loaded nothing can be compared. */
static void t_grace_ends_when_its_space_is_loaded(void)
{
	u64 cr3;

	setup();
	walk_regs.cr4 |= CR4_PCIDE;
	cr3 = walk_regs.cr3;
	move();
	CHECK(touch(HERE, READ, FRAME));
	shadow_vp_load(shadow_vp_new_root() | 5, false);
	pass(GRACE);
	pass(GRACE);
	CHECK_EQ(z.found, 0);
	shadow_vp_load(cr3, true);
	pass(1);
	CHECK_EQ(z.found, 1);
}

static void t_split_large_page_is_found(void)
{
	setup();
	shadow_vp_map(HERE & ~0x1fffffull, 2, 0x200000 | P | W | A | D);
	CHECK(!touch(HERE, WRITE, 0x201000));
	for (u64 i = 0; i < 512; i++) {
		shadow_vp_map((HERE & ~0x1fffffull) + i * PAGE_SIZE, 1,
			      (0x200000 + i * PAGE_SIZE) | P | A | D |
				      (i == 500 ? 0 : W));
	}
	scan();
	CHECK_EQ(z.count.armed, 1);
	CHECK(touch((HERE & ~0x1fffffull) + 500 * PAGE_SIZE, WRITE,
		    0x200000 + 500 * PAGE_SIZE));
	CHECK_EQ(z.count.uses[SANITIZE_RIGHTS], 1);
}

/* More stale entries that are used than there is room for. */
static void t_room_is_bounded(void)
{
	u64 base = 0x80000000;
	u32 pages = SANITIZE_WATCHES + 5;

	setup();
	for (u32 i = 0; i < pages; i++) {
		shadow_vp_map(base + i * PAGE_SIZE, 1, FRAME | P | W);
		CHECK(!touch(base + i * PAGE_SIZE, WRITE, FRAME));
		shadow_vp_map(base + i * PAGE_SIZE, 1, 0);
	}
	scan();
	for (u32 i = 0; i < pages; i++) {
		CHECK(touch(base + i * PAGE_SIZE, READ, FRAME));
	}
	CHECK_EQ(z.count.uses[SANITIZE_ABSENT], pages);
	CHECK_EQ(z.count.lost, 5);
	pass(GRACE);
	CHECK_EQ(z.count.findings[SANITIZE_ABSENT], SANITIZE_WATCHES);
	/* what was reported gives its place */
	scan();
	CHECK(touch(base + (pages - 1) * PAGE_SIZE, READ, FRAME));
	CHECK_EQ(z.count.lost, 5);
}

static const struct test tests[] = {
	{"use_without_flush_is_a_finding", t_use_without_flush_is_a_finding},
	{"stale_leaf_that_nobody_uses_is_none",
	 t_stale_leaf_that_nobody_uses_is_none},
	{"flush_in_time_is_none", t_flush_in_time_is_none},
	{"flushed_and_filled_again_is_flushed",
	 t_flushed_and_filled_again_is_flushed},
	{"every_kind_of_flush_counts", t_every_kind_of_flush_counts},
	{"flush_of_the_page_beside_it_does_not_count",
	 t_flush_of_the_page_beside_it_does_not_count},
	{"granted_again_is_none", t_granted_again_is_none},
	{"read_of_a_write_protected_page_is_no_use",
	 t_read_of_a_write_protected_page_is_no_use},
	{"write_where_dirty_was_cleared_is_a_use",
	 t_write_where_dirty_was_cleared_is_a_use},
	{"access_that_is_no_use_is_let_through",
	 t_access_that_is_no_use_is_let_through},
	{"armed_leaf_that_is_granted_again_traps_no_more",
	 t_armed_leaf_that_is_granted_again_traps_no_more},
	{"laziness_is_counted_only", t_laziness_is_counted_only},
	{"finding_is_reported_once", t_finding_is_reported_once},
	{"grace_ends_when_its_space_is_loaded",
	 t_grace_ends_when_its_space_is_loaded},
	{"split_large_page_is_found", t_split_large_page_is_found},
	{"room_is_bounded", t_room_is_bounded},
};

const struct suite suite_sanitize_history = SUITE("sanitize_history", tests);
