/* SPDX-License-Identifier: MIT */
/*
 * Calls in XMM registers, from 32-bit code and with extended ranges flush what
 * they name: readers would see a stale page, and INVVPIDs are counted.
 */
#include "call/counters.h"
#include "call/flush.h"
#include "call/forms.h"
#include "call/registers.h"
#include "call/row_words.h"
#include "experiment/inhibited.h"
#include "experiment/swap.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/smp.h"

#define EXTENDED HV_FLUSH_USE_EXTENDED_RANGE_FORMAT
#define HOLE     0x0000800000000000ull
#define LARGE    HV_GVA_RANGE_EX_LARGE
#define HUGE     (HV_GVA_RANGE_EX_LARGE | HV_GVA_RANGE_EX_1G)
#define GIB_BASE 0xffff900000000000ull /* GiB of both windows */

struct form_case {
	u16 code;
	u64 flags;
	form_fn *form;   /* NULL: 64-bit, memory */
	u32 count;       /* elements */
	u64 ranges[4];   /* the first elements; the others are pages in order */
	u32 pages;       /* 4 KiB pages that are swapped */
	u32 reads;       /* 0: `pages` */
	bool names_self; /* with ALL_PROCESSORS, mask or set name VP 0 */
	bool is_large;   /* one 2 MiB page is swapped instead */
	const u8 *types; /* INVVPIDs of types 0 and 1 of each target */
};

static u64 ranges[FLUSH_RANGES_MAX];
static struct lethe_test_output before __aligned(4096);
static struct lethe_test_output after __aligned(4096);

static struct flush_call build(const struct form_case *c,
			       const struct vpset *targets)
{
	struct flush_call call = {
		.code = c->code,
		.space = cpu_cr3(),
		.flags = c->flags,
		.vps = *targets,
		.ranges = ranges,
		.count = c->count,
		.form = c->form,
	};

	if ((c->flags & ALL) != 0) {
		call.vps = (struct vpset){{c->names_self ? 1 : 0}};
	}
	for (u32 i = 0; i < c->count; i++) {
		u64 range = i < ARRAY_SIZE(c->ranges) ? c->ranges[i] : 0;

		ranges[i] = range != 0 ? range : page_window(i);
	}
	return call;
}

static void run_case(const void *arg)
{
	const struct form_case *c = arg;
	struct vpset targets = vpset_range(0, smp_count() - 1);
	struct swap s = {
		.is_large = c->is_large,
		.pages = c->is_large ? 1 : c->pages,
		.reads = c->is_large     ? 8
			 : c->reads != 0 ? c->reads
					 : c->pages,
		.step = c->is_large ? PAGE_LARGE / 8 : PAGE_SIZE,
	};
	struct flush_call call = build(c, &targets);

	if (c->reads != 0) {
		s.step = c->pages / c->reads * PAGE_SIZE;
	}
	if (!flush_call_can_name(c->code, &call.vps)) {
		tap_skip("VP index above 63");
		return;
	}
	forms_begin();
	swap_begin(&s);
	for (u64 i = cmdline_rounds(10); i > 0; i--) {
		swap_round(&s, &call, &targets);
	}
	swap_end(&s);
}

/* The INVVPIDs of the caller's own flush, by the test call. */
static void count_case(const void *arg)
{
	const struct form_case *c = arg;
	struct vpset self = vpset_one(0);
	struct flush_call call = build(c, &self);

	forms_begin();
	test_call_read(0, &before);
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
	test_call_read(0, &after);
	for (u32 type = 0; type < 2; type++) {
		tap_equal(type == 0 ? "by address" : "whole context",
			  after.invvpid_type[type] - before.invvpid_type[type],
			  c->types[type]);
	}
	for (u32 i = 0; i < c->types[0]; i++) {
		u64 k = (before.invvpid_count + i) % LETHE_TEST_RECORDS;

		tap_equal("page", after.records[k].gva,
			  (ranges[0] & PAGE_MASK) + i * PAGE_SIZE);
	}
}

/*
 * A call is suspended with its block in XMM registers, and VP 0, which may
 * share the CPU, changes these registers. The call must then flush what it
 * named.
 */
static void suspended_in_xmm(const void *arg)
{
	static const u64 dirt[12] = {~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull};

	(void)arg;
	scene_begin();
	scene_swap();
	if (flush_call_is_ex(scene_callers[SCENE_CALLER]->call.code)) {
		tap_skip("VP index above 63");
	}
	scene_callers[SCENE_CALLER]->call.form = forms_fast_enabled;
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	forms_begin();
	cpu_load_xmm(dirt);
	scene_still_sleeps(SCENE_CALLER);
	cpu_load_xmm(dirt);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	tap_equal("flushes", scene_flushes(), 1);
	scene_end();
}

/* Not suspended: no inhibited VP is named (abi.md: set of nobody). */
static void empty_set_inhibited(const void *arg)
{
	static const u16 codes[] = {SPACE_EX, LIST_EX};
	struct scene_caller *c;

	(void)arg;
	scene_begin();
	c = scene_callers[SCENE_CALLER];
	for (u32 i = 0; i < 2 * ARRAY_SIZE(codes); i++) {
		c->call.code = codes[i / 2];
		c->call.count = flush_call_is_list(c->call.code) ? 1 : 0;
		c->call.vps = (struct vpset){{0}};
		if (i % 2 != 0) {
			vpset_add(&c->call.vps, SCENE_CALLER);
		}
		c->begun = 0;
		c->returns = 0;
		scene_call(SCENE_CALLER);
		scene_returns(SCENE_CALLER);
	}
	tap_equal("flushes of the inhibited", scene_flushes(), 0);
	registers_release(SCENE_TARGET);
	scene_end();
}

#define XMM      "TLFS: XMM Fast Hypercall Input"
#define MAPPING  "TLFS: Register Mapping for Hypercall Inputs"
#define FORMAT   "TLFS: HvCallFlushVirtualAddressList"
#define OBSERVED (NEED_HV | NEED_OBSERVE)
#define XMM_NEED (OBSERVED | NEED_XMM)
#define EXT_NEED (OBSERVED | NEED_EXTENDED)
#define CASE(_name, _heading, _needs, _code, ...)                              \
	{                                                                      \
		_name, _heading, run_case,                                     \
			&(const struct form_case){.code = _code, __VA_ARGS__}, \
			2, _needs                                              \
	}
#define COUNTS(_name, _needs, _by_address, _whole, ...)                        \
	{                                                                      \
		_name, FORMAT, count_case,                                     \
			&(const struct form_case){                             \
				.code = LIST,                                  \
				.types = (const u8[]){_by_address, _whole},    \
				__VA_ARGS__},                                  \
			1, NEED_HV | NEED_TEST_CALL | NEED_EPT | (_needs)      \
	}
#define COUNTS_EXT(_name, _by_address, _whole, _range)                         \
	COUNTS(_name, NEED_EXTENDED, _by_address, _whole, .flags = EXTENDED,   \
	       .count = 1, .ranges = {_range})

/* clang-format off */
static const struct check checks[] = {
	CASE("xmm_space", XMM, XMM_NEED, SPACE, .form = forms_fast, .pages = 4),
	CASE("xmm_space_all", XMM, XMM_NEED, SPACE, .form = forms_fast,
	     .flags = ALL, .pages = 4),
	CASE("xmm_list", XMM, XMM_NEED, LIST, .form = forms_fast, .count = 1,
	     .pages = 1),
	CASE("xmm_list_11", XMM, XMM_NEED, LIST, .form = forms_fast,
	     .count = 11, .pages = 11),
	CASE("xmm_space_ex", XMM, XMM_NEED | NEED_EX, SPACE_EX,
	     .form = forms_fast, .pages = 4),
	CASE("xmm_list_ex", XMM, XMM_NEED | NEED_EX, LIST_EX,
	     .form = forms_fast, .count = 6, .pages = 6),
	CASE("compat_list", MAPPING, OBSERVED, LIST,
	     .form = forms_compat_memory, .count = 7, .pages = 7),
	CASE("compat_xmm_list", XMM, XMM_NEED, LIST,
	     .form = forms_compat_fast, .count = 11, .pages = 11),
	CASE("unpaged_list", MAPPING, OBSERVED, LIST,
	     .form = forms_unpaged_memory, .count = 7, .pages = 7),
	CASE("unpaged_xmm_list", XMM, XMM_NEED, LIST,
	     .form = forms_unpaged_fast, .count = 11, .pages = 11),
	CASE("pae_list", MAPPING, OBSERVED, LIST, .form = forms_pae_memory,
	     .count = 7, .pages = 7),
	CASE("pae_xmm_list", XMM, XMM_NEED, LIST, .form = forms_pae_fast,
	     .count = 11, .pages = 11),
	CASE("classic_list", MAPPING, OBSERVED, LIST,
	     .form = forms_classic_memory, .count = 7, .pages = 7),
	CASE("classic_xmm_list", XMM, XMM_NEED, LIST,
	     .form = forms_classic_fast, .count = 11, .pages = 11),
	/* as Windows calls: all four flags, XMM input, mask 0 */
	CASE("xmm_windows", XMM, XMM_NEED | NEED_EXTENDED, LIST,
	     .form = forms_fast, .flags = 0xf, .count = 4, .pages = 4),

	CASE("extended_4k", FORMAT, EXT_NEED, LIST, .flags = EXTENDED,
	     .count = 3, .ranges = {PAGE_WINDOW | 9, PAGE_WINDOW + 0xa000,
	     (PAGE_WINDOW + 0xb000) | 3}, .pages = 15),
	CASE("extended_2m", FORMAT, EXT_NEED, LIST, .flags = EXTENDED,
	     .count = 1, .ranges = {PAGE_WINDOW_LARGE | LARGE},
	     .is_large = true),
	CASE("extended_2m_by_4k", FORMAT, EXT_NEED, LIST, .flags = EXTENDED,
	     .count = 1, .ranges = {PAGE_WINDOW | LARGE | 1},
	     .pages = 1024, .reads = 32),
	CASE("extended_1g", FORMAT, EXT_NEED, LIST, .flags = EXTENDED,
	     .count = 1, .ranges = {GIB_BASE | HUGE}, .pages = 4),
	CASE("extended_1g_twice", FORMAT, EXT_NEED, LIST, .flags = EXTENDED,
	     .count = 1, .ranges = {GIB_BASE | HUGE | 1}, .is_large = true),
	CASE("extended_mixed", FORMAT, EXT_NEED | NEED_EX, LIST_EX,
	     .flags = EXTENDED, .count = 4,
	     .ranges = {HOLE, HOLE | LARGE | 2047, HOLE | HUGE,
	     PAGE_WINDOW_LARGE | LARGE}, .is_large = true),

	CASE("all_names_fewer", FORMAT, OBSERVED, LIST, .flags = ALL,
	     .names_self = true, .count = 2, .pages = 2),
	CASE("all_names_fewer_space", FORMAT, OBSERVED, SPACE,
	     .flags = ALL | HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY,
	     .names_self = true, .pages = 2),
	CASE("all_names_fewer_ex", FORMAT, OBSERVED | NEED_EX, LIST_EX,
	     .flags = ALL, .names_self = true, .count = 2, .pages = 2),
	CASE("all_names_fewer_space_ex", FORMAT, OBSERVED | NEED_EX, SPACE_EX,
	     .flags = ALL | HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY,
	     .names_self = true, .pages = 2),
	{"empty_set_inhibited", FORMAT, empty_set_inhibited, NULL, 3,
	 NEED_HV | NEED_EX | NEED_REGISTERS | NEED_TEST_CALL},
	{"suspended_in_xmm", XMM, suspended_in_xmm, NULL, 3,
	 NEED_HV | NEED_XMM | NEED_REGISTERS | NEED_TEST_CALL},

	COUNTS_EXT("extended_counts_4k", 3, 0, PAGE_WINDOW | 2),
	COUNTS_EXT("extended_counts_32", 32, 0, PAGE_WINDOW | 31),
	COUNTS_EXT("extended_counts_33", 0, 1, PAGE_WINDOW | 32),
	COUNTS_EXT("extended_counts_2m", 0, 1, PAGE_WINDOW | LARGE),
	COUNTS_EXT("extended_counts_1g", 0, 1, GIB_BASE | HUGE),
	COUNTS_EXT("extended_counts_hole", 0, 0, HOLE | HUGE | 2047),
	/* every word of every register is read, in order */
	COUNTS("xmm_counts", NEED_XMM, 11, 0, .count = 11, .form = forms_fast),
	COUNTS("compat_xmm_counts", NEED_XMM, 11, 0, .count = 11,
	       .form = forms_compat_fast),
};
/* clang-format on */

SUITE("forms", 290, checks);
