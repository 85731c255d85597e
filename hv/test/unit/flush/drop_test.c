/* SPDX-License-Identifier: MIT */
/*
 * Flush work of VPs with a software TLB: what is removed, what stays, and one
 * INVVPID exactly when something went.
 */
#include "core/flush/drop.h"

#include "core/state/flush_queue.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"
#include "x86/pte.h"

#define CR3_A 0x2000ull /* PCID 0 */
#define CR3_B 0x6001ull /* PCID 1 */
#define ROOT  GENMASK(51, 12)
#define GVA   0x7f0000200000ull
#define HIGH  0xffff800000000000ull

/* What a VP has cached, a bit each */
enum {
	A_FIRST, /* in space A: pages at GVA */
	A_SECOND,
	A_THIRD,
	A_HIGH,   /* at HIGH */
	A_GLOBAL, /* global */
	B_FIRST,  /* in space B */
	B_SECOND,
	B_GLOBAL,
	CACHED,
};

#define EVERYTHING (BIT(CACHED) - 1)
#define GLOBALS    (BIT(A_GLOBAL) | BIT(B_GLOBAL))
#define ALL_OF_A   (BIT(A_FIRST) | BIT(A_SECOND) | BIT(A_THIRD) | BIT(A_HIGH))
#define ALL_OF_B   (BIT(B_FIRST) | BIT(B_SECOND))

static const struct {
	u64 cr3;
	u64 gva;
	u64 flags;
} cached[CACHED] = {
	[A_FIRST] = {CR3_A, GVA, 0},
	[A_SECOND] = {CR3_A, GVA + PAGE_SIZE, 0},
	[A_THIRD] = {CR3_A, GVA + 2 * PAGE_SIZE, 0},
	[A_HIGH] = {CR3_A, HIGH, 0},
	[A_GLOBAL] = {CR3_A, GVA + 5 * PAGE_SIZE, PTE_GLOBAL},
	[B_FIRST] = {CR3_B, GVA, 0},
	[B_SECOND] = {CR3_B, GVA + PAGE_SIZE, 0},
	[B_GLOBAL] = {CR3_B, GVA + 5 * PAGE_SIZE, PTE_GLOBAL},
};

static struct partition *p;
static struct vp *vp;

/* VP `number` has cached everything, and space A is current. */
static void fill(u32 number)
{
	vp = p->vps[number];
	soft_tlb_use(vp, CR3_B);
	for (u32 i = CACHED; i-- > 0;) {
		if (i < B_FIRST && vp->own.view.cr3 != CR3_A) {
			soft_tlb_use(vp, CR3_A);
		}
		soft_tlb_map(p, cached[i].cr3 & ROOT, cached[i].gva,
			     cached[i].flags);
		soft_tlb_read(vp, cached[i].gva);
	}
	fake.invvpid_count = 0;
}

static void setup(u32 vp_count)
{
	fake_reset();
	fake_vmcs_reset();
	p = call_partition(vp_count, 1);
	soft_tlb_add(p);
	for (u32 i = vp_count; i-- > 0;) {
		fill(i);
	}
}

static u64 has(const struct vp *of)
{
	u64 found = 0;

	for (u32 i = 0; i < CACHED; i++) {
		found |= soft_tlb_has(of, cached[i].cr3 & 1, cached[i].gva)
				 ? BIT(i)
				 : 0;
	}
	return found;
}

/* ---- requests ---- */

#define SPACE(cr3, flags) (((cr3)&ROOT) | (flags))
#define LIST(cr3, count, flags)                                                \
	(SPACE(cr3, flags) | FIELD_PREP(FLUSH_WORD_COUNT, count))
#define ALL   FLUSH_WORD_ALL_SPACES
#define NGL   FLUSH_WORD_NON_GLOBAL
#define EXT   FLUSH_WORD_EXTENDED
#define LARGE BIT(11)
#define HUGE  (BIT(11) | BIT(12))

static const struct {
	const char *name;
	bool full;
	bool non_global;
	u32 count;
	u64 words[5];
	u64 gone;
} works[] = {
	/* clang-format off */
	{"nothing",         false, false, 0, {0}, 0},
	{"full",            true,  false, 0, {0}, EVERYTHING},
	{"full and list",   true,  false, 2, {LIST(CR3_A, 1, 0), GVA}, EVERYTHING},
	{"full, non-global", true, true,  0, {0}, EVERYTHING},
	{"non-global",      false, true,  0, {0}, ALL_OF_A | ALL_OF_B},
	{"space A",         false, false, 1, {SPACE(CR3_A, 0)}, ALL_OF_A | GLOBALS},
	{"space B",         false, false, 1, {SPACE(CR3_B, 0)}, ALL_OF_B | GLOBALS},
	{"another space",   false, false, 1, {SPACE(0x9000, 0)}, GLOBALS},
	{"all spaces",      false, false, 1, {SPACE(0x9000, ALL)}, EVERYTHING},
	{"A, no globals",   false, false, 1, {SPACE(CR3_A, NGL)}, ALL_OF_A},
	{"another, no globals", false, false, 1, {SPACE(0x9000, NGL)}, 0},
	{"all, no globals", false, false, 1, {SPACE(0, ALL | NGL)}, ALL_OF_A | ALL_OF_B},
	{"page of A",       false, false, 2, {LIST(CR3_A, 1, 0), GVA}, BIT(A_FIRST)},
	{"page of B",       false, false, 2, {LIST(CR3_B, 1, 0), GVA}, BIT(B_FIRST)},
	{"page of all",     false, false, 2, {LIST(0, 1, ALL), GVA}, BIT(A_FIRST) | BIT(B_FIRST)},
	{"page of another", false, false, 2, {LIST(0x9000, 1, 0), GVA}, 0},
	{"global of another", false, false, 2, {LIST(0x9000, 1, 0), GVA + 0x5000}, GLOBALS},
	{"list ignores NGL", false, false, 2, {LIST(0x9000, 1, NGL), GVA + 0x5000}, GLOBALS},
	{"two pages",       false, false, 2, {LIST(CR3_A, 1, 0), GVA | 1}, BIT(A_FIRST) | BIT(A_SECOND)},
	{"two ranges",      false, false, 3, {LIST(CR3_A, 2, 0), GVA, GVA + 0x2000}, BIT(A_FIRST) | BIT(A_THIRD)},
	{"two requests",    false, false, 4, {LIST(CR3_A, 1, 0), GVA, LIST(CR3_B, 1, 0), GVA + 0x1000}, BIT(A_FIRST) | BIT(B_SECOND)},
	{"list and space",  false, false, 3, {LIST(CR3_A, 1, 0), GVA, SPACE(CR3_B, NGL)}, BIT(A_FIRST) | ALL_OF_B},
	{"space and list",  false, false, 3, {SPACE(CR3_B, NGL), LIST(CR3_A, 1, 0), GVA}, BIT(A_FIRST) | ALL_OF_B},
	{"bits and list",   false, true,  2, {LIST(0x9000, 1, 0), GVA + 0x5000}, EVERYTHING},
	{"in the hole",     false, false, 2, {LIST(0, 1, ALL), 0x900000000fffull}, 0},
	{"out of the hole", false, false, 2, {LIST(0, 1, ALL), (HIGH - 0x1000) | 1}, BIT(A_HIGH)},
	{"2M of A",         false, false, 2, {LIST(CR3_A, 1, EXT), GVA | LARGE}, (ALL_OF_A & ~BIT(A_HIGH)) | GLOBALS},
	{"2M, other",       false, false, 2, {LIST(CR3_A, 1, EXT), (GVA + 0x200000) | LARGE}, 0},
	{"2M, two",         false, false, 2, {LIST(CR3_B, 1, EXT), (GVA - 0x200000) | LARGE | 1}, ALL_OF_B | GLOBALS},
	{"1G of all",       false, false, 2, {LIST(0, 1, ALL | EXT), GVA | HUGE}, EVERYTHING & ~BIT(A_HIGH)},
	{"extended 4K",     false, false, 2, {LIST(CR3_A, 1, EXT), GVA | 2}, BIT(A_FIRST) | BIT(A_SECOND) | BIT(A_THIRD)},
	{"no flag: pages",  false, false, 2, {LIST(CR3_A, 1, 0), (GVA - 0x800000) | LARGE | 0x7ff}, (ALL_OF_A & ~BIT(A_HIGH)) | GLOBALS},
	/* clang-format on */
};

static void t_each_request(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(works); i++) {
		const struct drop_work work = {works[i].full,
					       works[i].non_global,
					       works[i].words, works[i].count};

		setup(1);
		CHECK_EQ(has(vp), EVERYTHING);
		drop_work(vp, &work);
		check_eq(has(vp), EVERYTHING & ~works[i].gone, works[i].name,
			 __FILE__, __LINE__);
		check_str(call_invvpids(), works[i].gone != 0 ? "1" : "",
			  __FILE__, __LINE__);
		CHECK(!vp->shadow->invvpid_due);
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3), vp->shadow->root);
	}
}

/* A full flush stands for changes of the mode, too: the tables change. */
static void t_full_follows_the_mode(void)
{
	static const struct drop_work work = {.full = true};

	setup(1);
	CHECK(vp->shadow->is_long);
	vp->own.view.efer = 0;
	port_vmcs_set(VMCS_CR4_SHADOW, 0);
	drop_work(vp, &work);
	CHECK_EQ(vp->shadow->mode, SHADOW_MODE_32BIT);
	CHECK(!vp->shadow->is_long);
	CHECK_STR(call_invvpids(), "1");
}

/* Paging is off, as before the first MOV CR0: there is nothing to remove. */
static void t_without_paging(void)
{
	static const u64 words[] = {LIST(CR3_A, 1, 0), GVA};
	struct drop_work work = {true, true, words, 2};

	fake_vmcs_reset();
	p = call_partition(1, 1);
	soft_tlb_add(p);
	drop_work(p->vps[0], &work);
	work.full = false;
	drop_work(p->vps[0], &work);
	CHECK_EQ(p->vps[0]->shadow->mode, SHADOW_MODE_NONE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE0), 0);
	CHECK_STR(call_invvpids(), "");
}

/* ---- the way to the target ---- */

static u64 queued[1 + FLUSH_QUEUE_MAX];

static struct flush_request request_of(enum flush_kind kind, u32 ranges)
{
	queued[0] = LIST(CR3_A, ranges, 0);
	for (u32 i = 1; i <= ranges; i++) {
		queued[i] = 0x100000ull * i;
	}
	queued[1] = GVA;
	return (struct flush_request){
		.kind = kind, .range_count = 1 + ranges, .ranges = queued};
}

static void put(struct vp *self, u64 targets, enum flush_kind kind, u32 ranges)
{
	struct flush_request request = request_of(kind, ranges);
	u64 set[HV_VP_SET_BANKS] = {targets};

	CHECK_EQ(call_flush(self, &request, set), FLUSH_DONE);
}

/* What each kind of request removes; that of request_of() names a page of A */
static const struct {
	enum flush_kind kind;
	u64 gone;
} kinds[] = {{FLUSH_FULL, EVERYTHING},
	     {FLUSH_NON_GLOBAL, ALL_OF_A | ALL_OF_B},
	     {FLUSH_RANGES, BIT(A_FIRST)}};

static void t_drain_takes_all_kinds(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		u64 done;

		setup(3);
		done = p->vps[1]->own.flushes_done;
		put(p->vps[0], BIT(1), kinds[i].kind, 3);
		CHECK_EQ(has(p->vps[1]), EVERYTHING);
		flush_drain(p->vps[1]);
		CHECK_EQ(has(p->vps[1]), EVERYTHING & ~kinds[i].gone);
		CHECK_EQ(p->vps[1]->own.flushes_done, done + 1);
		CHECK_EQ(fake.invvpids[0].vp->number, 1);
		CHECK_STR(call_invvpids(), "1");
		CHECK(!call_has_work(p->vps[1]));
		/* nobody else is asked for anything */
		CHECK_EQ(has(p->vps[0]), EVERYTHING);
		CHECK(!call_has_work(p->vps[2]));
	}
}

/* Two requests of 32 ranges fit; a third one, however small, is everything. */
static void t_queue_overflow(void)
{
	setup(2);
	put(p->vps[0], BIT(1), FLUSH_RANGES, FLUSH_QUEUE_MAX);
	put(p->vps[0], BIT(1), FLUSH_RANGES, FLUSH_QUEUE_MAX);
	CHECK_EQ(p->flush_full[0], 0);
	CHECK_EQ(p->vps[1]->shared.queue.count, FLUSH_QUEUE_MAX_SHADOW);
	put(p->vps[0], BIT(1), FLUSH_RANGES, 1);
	CHECK_EQ(p->flush_full[0], BIT(1));
	CHECK_EQ(p->vps[1]->shared.queue.count, FLUSH_QUEUE_MAX_SHADOW);
	flush_drain(p->vps[1]);
	CHECK_EQ(has(p->vps[1]), 0);
	CHECK_EQ(has(p->vps[0]), EVERYTHING);
	/* and there is room again */
	put(p->vps[0], BIT(1), FLUSH_RANGES, 1);
	CHECK_EQ(p->flush_full[0], 0);
}

/* With many targets the CPU's TLB would be emptied; here the list counts. */
static void t_many_targets_get_the_ranges(void)
{
	u32 count = FLUSH_LIST_SET_MAX + 6;

	setup(count);
	put(p->vps[0], BIT(count) - 2, FLUSH_RANGES, 2);
	CHECK_EQ(p->flush_full[0], 0);
	for (u32 i = 1; i < count; i++) {
		CHECK_EQ(p->vps[i]->shared.queue.count, 3);
		flush_drain(p->vps[i]);
		CHECK_EQ(has(p->vps[i]), EVERYTHING & ~BIT(A_FIRST));
	}
}

/* ---- the caller's own part ---- */

static void t_own_part_waits(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct flush_request request = request_of(kinds[i].kind, 2);

		setup(2);
		flush_put_own(p->vps[1], &request);
		CHECK_EQ(has(p->vps[1]), EVERYTHING);
		CHECK_STR(call_invvpids(), "");
		CHECK(call_has_work(p->vps[1]) && !call_has_work(p->vps[0]));
		flush_drain(p->vps[1]);
		CHECK_EQ(has(p->vps[1]), EVERYTHING & ~kinds[i].gone);
		CHECK_EQ(has(p->vps[0]), EVERYTHING);
	}
}

static void t_own_part_overflows(void)
{
	struct flush_request request =
		request_of(FLUSH_RANGES, FLUSH_QUEUE_MAX);

	setup(2);
	for (u32 i = 0; i < 3; i++) {
		flush_put_own(p->vps[0], &request);
	}
	CHECK_EQ(p->flush_full[0], BIT(0));
	flush_drain(p->vps[0]);
	CHECK_EQ(has(p->vps[0]), 0);
}

static const struct test tests[] = {
	{"each-request", t_each_request},
	{"full-follows-the-mode", t_full_follows_the_mode},
	{"without-paging", t_without_paging},
	{"drain-takes-all-kinds", t_drain_takes_all_kinds},
	{"queue-overflow", t_queue_overflow},
	{"many-targets-get-the-ranges", t_many_targets_get_the_ranges},
	{"own-part-waits", t_own_part_waits},
	{"own-part-overflows", t_own_part_overflows},
};

const struct suite suite_flush_drop = SUITE("flush_drop", tests);
