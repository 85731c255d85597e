/* SPDX-License-Identifier: MIT */
/*
 * Which INVVPIDs and how many kicks a call causes, as the hypervisor's test
 * call counts them: a flush of too much, or a TLB that forgets entries early,
 * hides errors from readers. The hypercall page is off: suite lists has it on.
 * With paging = shadow one INVVPID follows any removal; suite exact sees there
 * what is removed.
 */
#include "call/counters.h"
#include "call/flush.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/trap.h"

#include "tlfs/msr.h"

#define TYPE_ADDRESS   0 /* SDM 3C, "INVVPID" */
#define TYPE_SINGLE    1
#define TYPE_NONGLOBAL 3
#define LIST_GVA       0x00007c0000000000ull
#define HOLE           0x0000800000000000ull
#define TOP_PAGE       0xfffffffffffff000ull
#define EXPECT_MAX     40
#define COUNT_VEC      0x48

struct count_case {
	u16 code;
	u64 flags;
	u32 type;   /* expected; TYPE_ADDRESS: for the pages below, in order */
	u32 ranges; /* generated, two pages apart */
	u32 extra;  /* additional pages of each */
	u32 start;  /* rep start index */
	u64 fixed[3]; /* instead of generated ones */
	u64 want[3];  /* the pages expected of these; 0 ends the list */
	bool only_vp1;
};

static u64 ranges[FLUSH_RANGES_MAX];
static u64 expected[EXPECT_MAX];
static struct lethe_test_output before[2] __aligned(4096);
static struct lethe_test_output after[2] __aligned(4096);

/* An output block may not cross a page: two of them must fit one. */
_Static_assert(2 * sizeof(struct lethe_test_output) <= PAGE_SIZE, "a page");

static volatile u32 spin_stop;
static volatile u64 spin_count;

static void spin_job(void *arg)
{
	bool if0 = arg != NULL;

	if (if0) {
		cpu_cli();
	}
	while (spin_stop == 0) {
		spin_count++;
	}
	if (if0) {
		cpu_sti();
	}
}

/* Waits until VP 1 has entered guest mode: then its INVVPIDs are done. */
static void let_vp1_run(void)
{
	u64 from = spin_count;

	spin_until(spin_count >= from + 10);
}

static void spin_begin(bool if0)
{
	static u8 dark; /* not NULL: spin with IF = 0 */

	spin_stop = 0;
	spin_count = 0;
	smp_run(1, spin_job, if0 ? &dark : NULL);
	let_vp1_run();
}

static void spin_end(void)
{
	spin_stop = 1;
	smp_wait(1);
}

static u32 expected_pages(const struct count_case *c)
{
	u32 count = 0;

	for (u32 i = 0; i < ARRAY_SIZE(c->want) && c->want[i] != 0; i++) {
		expected[count++] = c->want[i];
	}
	for (u32 i = c->start; i < c->ranges; i++) {
		for (u32 p = 0; p <= c->extra && count < EXPECT_MAX; p++) {
			expected[count++] =
				(ranges[i] & PAGE_MASK) + p * PAGE_SIZE;
		}
	}
	return count;
}

static u32 fill_ranges(const struct count_case *c)
{
	u32 count = 0;

	for (u32 i = 0; i < ARRAY_SIZE(c->fixed) && c->fixed[i] != 0; i++) {
		ranges[count++] = c->fixed[i];
	}
	for (u32 i = 0; i < c->ranges; i++) {
		u64 gva = LIST_GVA + i * (c->extra + 2) * PAGE_SIZE;

		ranges[count++] = flush_call_range(gva, c->extra);
	}
	return count;
}

/* Compares the INVVPIDs of VP n between the two readings. */
static void compare(u32 n, const struct count_case *c, u32 pages)
{
	const struct lethe_test_output *a = &after[n];
	u64 first = before[n].invvpid_count;
	u64 count = a->invvpid_count - first;
	u32 type = test_call_offered(c->type);

	if (type != TYPE_ADDRESS) {
		tap_equal("INVVPIDs", count, 1);
		tap_equal("of this type",
			  a->invvpid_type[type] - before[n].invvpid_type[type],
			  1);
		return;
	}
	if (!tap_equal("INVVPIDs", count, pages)) {
		return;
	}
	for (u32 i = 0; i < pages; i++) {
		const struct lethe_test_record *r =
			&a->records[(first + i) % LETHE_TEST_RECORDS];

		tap_equal("type", r->type, TYPE_ADDRESS);
		tap_equal("VP index", r->vp_index, smp_vps[n]->index);
		tap_equal("address", r->gva, expected[i]);
	}
}

static void prepare_call(const struct count_case *c, struct flush_call *call)
{
	call->code = c->code;
	call->flags = c->flags;
	call->vps = c->only_vp1 ? vpset_one(1) : vpset_range(0, 1);
	call->ranges = ranges;
	call->count = fill_ranges(c);
	call->start = c->start;
	if (!flush_call_can_name(c->code, &call->vps)) {
		call->code =
			(u16)(c->code + HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX -
			      HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE);
	}
}

static void measure(const struct flush_call *call)
{
	spin_begin(false);
	for (u32 n = 0; n < 2; n++) {
		test_call_read(n, &before[n]);
	}
	tap_equal("result", flush_call_do(call), flush_call_success(call));
	let_vp1_run();
	for (u32 n = 0; n < 2; n++) {
		test_call_read(n, &after[n]);
	}
	spin_end();
}

static void run_case(const void *arg)
{
	const struct count_case *c = arg;
	struct flush_call call = {0};
	u32 pages;

	prepare_call(c, &call);
	pages = expected_pages(c);
	measure(&call);
	compare(1, c, pages);
	if (c->only_vp1) {
		tap_equal("INVVPIDs of the caller", after[0].invvpid_count,
			  before[0].invvpid_count);
	} else {
		compare(0, c, pages);
	}
}

static void bystander(const void *arg)
{
	static struct lethe_test_output other[2] __aligned(4096);
	const struct count_case c = {HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
				     .ranges = 2};
	struct flush_call call = {0};

	(void)arg;
	prepare_call(&c, &call);
	test_call_read(2, &other[0]);
	measure(&call);
	test_call_read(2, &other[1]);
	tap_equal("INVVPIDs of VP 2", other[1].invvpid_count,
		  other[0].invvpid_count);
}

/* arg: a bool, whether VP 1 spins with IF = 0 */
static void kicks(const void *arg)
{
	const struct count_case c = {HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
				     .ranges = 1, .only_vp1 = true};
	struct flush_call call = {0};
	u32 exact = 0;

	prepare_call(&c, &call);
	spin_begin(arg != NULL);
	for (u32 i = 0; i < 16; i++) {
		u64 from = test_call_kicks();

		let_vp1_run();
		(void)flush_call_do(&call);
		from = test_call_kicks() - from;
		tap_at_most("kicks of a call", from, 1);
		exact += from == 1;
		let_vp1_run();
	}
	spin_end();
	/* VP 1 may have been out of guest mode for a timer exit */
	tap_at_least("calls with one kick", exact, 14);
}

static void kick_all(const void *arg)
{
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
		.flags = HV_FLUSH_ALL_PROCESSORS,
	};
	u32 exact = 0;

	(void)arg;
	if (cmdline_get()->idle_hlt) {
		tap_skip("free VPs halt");
		return;
	}
	for (u32 i = 0; i < 16; i++) {
		u64 from = test_call_kicks();

		irq_settle();
		(void)flush_call_do(&call);
		from = test_call_kicks() - from;
		tap_at_most("kicks of a call", from, smp_count() - 1);
		exact += from == smp_count() - 1;
	}
	tap_at_least("calls with a kick for each other VP", exact, 12);
}

static void halted_job(void *arg)
{
	(void)arg;
	cpu_cli();
	spin_count = 1;
	while (spin_stop == 0) {
		cpu_sti_hlt();
		cpu_cli();
	}
	cpu_sti();
}

static void halted(const void *arg)
{
	const struct count_case c = {HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
				     .ranges = 1, .only_vp1 = true};
	struct flush_call call = {0};
	u64 from;

	(void)arg;
	prepare_call(&c, &call);
	irq_count(COUNT_VEC);
	spin_stop = 0;
	spin_count = 0;
	smp_run(1, halted_job, NULL);
	spin_until(spin_count != 0);
	irq_settle();
	from = test_call_kicks();
	for (u32 i = 0; i < 16; i++) {
		(void)flush_call_do(&call);
	}
	tap_equal("kicks", test_call_kicks() - from, 0);
	spin_stop = 1;
	apic_send(1, APIC_ICR_ASSERT | COUNT_VEC);
	smp_wait(1);
}

/* With the page enabled, an address may lie in a split EPT region. */
static void with_page(const void *arg)
{
	const struct count_case c = {
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST, .ranges = 1,
		.type = cmdline_get()->whole ? TYPE_SINGLE : TYPE_ADDRESS};
	static u8 page[PAGE_SIZE] __aligned(4096);

	(void)arg;
	if (trap_wrmsr(HV_X64_MSR_HYPERCALL,
		       page_gpa(page) | HV_HYPERCALL_MSR_ENABLE) != TRAP_NONE) {
		tap_skip("HYPERCALL is locked");
		return;
	}
	run_case(&c);
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, 0);
}

#define TEST (NEED_HV | NEED_TEST_CALL | NEED_OBSERVE)
#define CASE(_name, _code, ...)                                                \
	{                                                                      \
		_name, "SDM 3C: INVVPID", run_case,                            \
			&(const struct count_case){.code = _code,              \
						   __VA_ARGS__},               \
			2, TEST | NEED_EPT                                     \
	}

/* clang-format off */
static const struct check checks[] = {
	CASE("list_1", LIST, .ranges = 1),
	CASE("list_1_remote_only", LIST, .ranges = 1, .only_vp1 = true),
	CASE("list_16", LIST, .ranges = 16),
	CASE("list_16_of_2", LIST, .ranges = 16, .extra = 1),
	CASE("list_32_in_one", LIST, .ranges = 1, .extra = 31),
	CASE("list_33_in_one", LIST, .type = TYPE_SINGLE, .ranges = 1,
	     .extra = 32),
	CASE("list_16_of_3", LIST, .type = TYPE_SINGLE, .ranges = 16,
	     .extra = 2),
	CASE("list_32", LIST, .ranges = 32),
	CASE("list_33", LIST, .type = TYPE_SINGLE, .ranges = 33),
	CASE("list_400", LIST, .type = TYPE_SINGLE, .ranges = 400),
	CASE("list_rep_start", LIST, .ranges = 6, .start = 4),
	CASE("list_non_global", LIST, .flags = NON_G, .ranges = 2),
	CASE("list_non_canonical", LIST, .ranges = 0,
	     .fixed = {LIST_GVA, HOLE, ~HOLE & PAGE_MASK & ~BIT(62)},
	     .want = {LIST_GVA}),
	CASE("list_into_the_hole", LIST,
	     .fixed = {(HOLE - 2 * PAGE_SIZE) | 9},
	     .want = {HOLE - 2 * PAGE_SIZE, HOLE - PAGE_SIZE}),
	CASE("list_wraps", LIST, .fixed = {TOP_PAGE | 5}, .want = {TOP_PAGE}),
	CASE("space", SPACE, .type = TYPE_SINGLE),
	CASE("space_non_global", SPACE, .flags = NON_G, .type = TYPE_NONGLOBAL),
	{"bystander", "design: targets only", bystander, NULL, 3, TEST},
	{"kicks", "design: the kick", kicks, NULL, 2, TEST},
	{"kicks_if0", "design: the kick", kicks, "IF=0", 2, TEST | TAG_IF0},
	{"kicks_all", "design: the kick", kick_all, NULL, 2, TEST},
	{"halted_no_kick", "design: the kick", halted, NULL, 2, TEST},
	{"list_with_page_on", "design: split EPT region", with_page, NULL, 2,
	 TEST | NEED_EPT},
};
/* clang-format on */

SUITE("counts", 070, checks);
