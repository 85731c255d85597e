/* SPDX-License-Identifier: MIT */
/* Each form of the flush calls; readers would see a missing flush. */
#include "call/flush.h"
#include "call/row_words.h"
#include "experiment/swap.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/irq.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/rng.h"
#include "kernel/smp.h"

#define JUNK_GVA 0x00007f0000000000ull /* nothing is mapped there */
#define WAKE_VEC 0x46

enum target {
	TARGET_ALL_VPS,
	TARGET_OTHERS,
	TARGET_ONE,
	TARGET_SELF,
	TARGET_LAST
};

struct flush_case {
	u16 code;
	enum target target;
	u64 flags;
	u64 format;
	u32 ranges; /* list calls: number of elements */
	u32 extra;  /* additional pages in each */
	u32 junk;   /* elements before them that the rep start index skips */
	u32 junk_inside; /* elements before them that the call executes */
	bool is_large;
	bool caller_if0;
	bool is_global;
};

static u64 ranges[FLUSH_RANGES_MAX];

static struct vpset targets_of(enum target target)
{
	u32 last = smp_count() - 1;

	switch (target) {
	case TARGET_OTHERS:
		return vpset_range(1, last);
	case TARGET_ONE:
		return vpset_one(1);
	case TARGET_SELF:
		return vpset_one(0);
	case TARGET_LAST:
		return vpset_one(last);
	case TARGET_ALL_VPS:
	default:
		return vpset_range(0, last);
	}
}

/* First junk, then ranges that cover the swapped pages in order. */
static u32 fill_ranges(const struct flush_case *c)
{
	u32 at = 0;

	while (at < c->junk + c->junk_inside) {
		ranges[at] = flush_call_range(JUNK_GVA + at * PAGE_SIZE, 0);
		at++;
	}
	for (u32 i = 0; i < c->ranges; i++) {
		u64 gva = c->is_large ? page_window_large(i) + PAGE_LARGE / 2
				      : page_window(i * (c->extra + 1));

		ranges[at++] = flush_call_range(gva, c->extra);
	}
	return at;
}

static void run_case(const void *arg)
{
	const struct flush_case *c = arg;
	struct vpset targets = targets_of(c->target);
	u32 pages = c->ranges == 0 ? 4 : c->ranges * (c->extra + 1);
	struct swap s = {
		.is_large = c->is_large,
		.pages = c->is_large ? 1 : pages,
		.reads = c->is_large ? 8 : pages,
		.step = c->is_large ? PAGE_LARGE / 8 : PAGE_SIZE,
		.pte_flags = c->is_global ? PTE_G : 0,
		.caller_if0 = c->caller_if0,
	};
	struct flush_call call = {
		.code = c->code,
		.space = cpu_cr3(),
		.flags = c->flags,
		.format = c->format,
		.vps = targets,
		.ranges = ranges,
		.start = c->junk,
	};

	if ((c->flags & HV_FLUSH_ALL_PROCESSORS) != 0) {
		call.vps = (struct vpset){{0}};
	} else if (!flush_call_can_name(c->code, &targets)) {
		tap_skip("VP index above 63");
		return;
	}
	call.count = fill_ranges(c);
	swap_begin(&s);
	for (u64 i = cmdline_rounds(30); i > 0; i--) {
		swap_round(&s, &call, &targets);
	}
	swap_end(&s);
}

/* A random call: code, set, ranges, rep start index and IF. */
static void random_call(struct rng *rng, struct flush_call *call, u32 pages)
{
	static const u16 codes[] = {
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX,
		HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX,
	};
	u32 limit = host_get()->has_ex ? 6 : 3;
	u32 junk = (u32)rng_below(rng, 20);

	call->code = codes[rng_below(rng, limit)];
	if (!flush_call_can_name(call->code, &call->vps)) {
		call->code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
	}
	call->flags =
		rng_below(rng, 2) ? HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES : 0;
	if (!flush_call_is_list(call->code) && rng_below(rng, 2)) {
		call->flags |= HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY;
	}
	call->count = 0;
	while (call->count < junk) {
		ranges[call->count++] = rng_next(rng);
	}
	call->start = (u32)rng_below(rng, junk + 1);
	if (!host_get()->has_rep_start) {
		call->start = 0; /* list_rep_start reports that */
	}
	for (u32 page = 0; page < pages;) {
		u32 extra = (u32)rng_below(rng, pages - page);

		ranges[call->count++] =
			flush_call_range(page_window(page), extra);
		page += extra + 1;
	}
}

static void random_rounds(const void *arg)
{
	struct swap s = {.pages = 12, .reads = 12, .step = PAGE_SIZE};
	u64 rounds = cmdline_rounds(30) * 10;
	struct rng rng;

	(void)arg;
	rng_init(&rng, cmdline_get()->seed, 1);
	swap_begin(&s);
	for (u64 i = 0; i < rounds; i++) {
		struct flush_call call = {.ranges = ranges};

		do {
			call.vps = vpset_range(0, smp_count() - 1);
			for (u32 n = 0; n < smp_count(); n++) {
				call.vps.bits[n / 64] &=
					~(rng_below(&rng, 2) << n % 64);
			}
		} while ((call.vps.bits[0] | call.vps.bits[1] |
			  call.vps.bits[2] | call.vps.bits[3]) == 0);
		random_call(&rng, &call, s.pages);
		s.caller_if0 = rng_below(&rng, 2) != 0;
		swap_round(&s, &call, &call.vps);
	}
	swap_end(&s);
}

/* A halted target gets no kick; after it wakes it must read fresh memory. */
static volatile u64 halt_round;
static volatile u64 halt_seen;
static u64 halt_rounds;

static void halted_job(void *arg)
{
	(void)arg;
	for (u64 i = 1; i <= halt_rounds; i++) {
		(void)cpu_read64(PAGE_WINDOW);
		cpu_cli();
		halt_round = i;
		while (irq_got(vp_self()->id, WAKE_VEC) < i) {
			cpu_sti_hlt();
			cpu_cli();
		}
		halt_seen = cpu_read64(PAGE_WINDOW);
		cpu_sti();
		spin_until(halt_round != i || i >= halt_rounds);
	}
}

static void halted_target(const void *arg)
{
	u64 frame[2] = {page_gpa(page_alloc(PAGE_SIZE)),
			page_gpa(page_alloc(PAGE_SIZE))};
	struct flush_call call = {.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
				  .vps = vpset_one(1),
				  .ranges = ranges,
				  .count = 1};

	(void)arg;
	if (!flush_call_can_name(call.code, &call.vps)) {
		call.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
	}
	ranges[0] = flush_call_range(PAGE_WINDOW, 0);
	page_map(0, frame[0], 0);
	flush_call_everything();
	irq_count(WAKE_VEC);
	irq_reset();
	halt_rounds = cmdline_rounds(30);
	halt_round = 0;
	smp_run(1, halted_job, NULL);
	for (u64 i = 1; i <= halt_rounds; i++) {
		spin_until(halt_round == i);
		irq_settle();
		cpu_write64(frame[i & 1], i);
		page_map(0, frame[i & 1], 0);
		tap_equal("result", flush_call_do(&call),
			  flush_call_success(&call));
		halt_seen = 0;
		apic_send(1, APIC_ICR_ASSERT | WAKE_VEC);
		spin_until(halt_seen != 0);
		tap_equal("read after waking", halt_seen, i);
		halt_round = 0;
	}
	smp_wait(1);
}

#define HV_OBS (NEED_HV | NEED_OBSERVE)
#define CASE(_name, _min, _needs, _code, _target, ...)                         \
	{                                                                      \
		_name, "TLFS: " #_name, run_case,                              \
			&(const struct flush_case){.code = _code,              \
						   .target = _target,          \
						   __VA_ARGS__},               \
			_min, _needs                                           \
	}

/* clang-format off */
static const struct check checks[] = {
	CASE("self_list", 1, HV_OBS, LIST, TARGET_SELF, .ranges = 1),
	CASE("self_space", 1, HV_OBS, SPACE, TARGET_SELF),
	CASE("space_mask", 2, HV_OBS, SPACE, TARGET_OTHERS),
	CASE("space_mask_with_self", 2, HV_OBS, SPACE, TARGET_ALL_VPS),
	CASE("space_all", 2, HV_OBS, SPACE, TARGET_ALL_VPS,
	     .flags = HV_FLUSH_ALL_PROCESSORS),
	CASE("space_non_global", 2, HV_OBS, SPACE, TARGET_ALL_VPS,
	     .flags = HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY),
	CASE("space_global_pages", 2, HV_OBS, SPACE, TARGET_ALL_VPS,
	     .is_global = true),
	CASE("list_one", 2, HV_OBS, LIST, TARGET_ONE, .ranges = 1),
	CASE("list_last_vp", 2, HV_OBS, LIST, TARGET_LAST, .ranges = 1),
	CASE("list_all", 2, HV_OBS, LIST, TARGET_ALL_VPS,
	     .flags = HV_FLUSH_ALL_PROCESSORS, .ranges = 1),
	CASE("list_if0", 2, HV_OBS, LIST, TARGET_ALL_VPS, .ranges = 1,
	     .caller_if0 = true),
	CASE("list_global_page", 2, HV_OBS, LIST, TARGET_ALL_VPS, .ranges = 1,
	     .is_global = true),
	CASE("list_16", 2, HV_OBS, LIST, TARGET_ALL_VPS, .ranges = 16),
	CASE("list_17", 2, HV_OBS, LIST, TARGET_ALL_VPS, .ranges = 17),
	CASE("list_64", 2, HV_OBS, LIST, TARGET_ALL_VPS, .ranges = 64),
	CASE("list_400", 2, HV_OBS, LIST, TARGET_ALL_VPS, .ranges = 400),
	CASE("list_extra_pages", 2, HV_OBS, LIST, TARGET_ALL_VPS, .ranges = 2,
	     .extra = 11),
	CASE("list_in_the_middle", 2, HV_OBS, LIST, TARGET_ALL_VPS,
	     .ranges = 2, .junk_inside = 9),
	CASE("list_rep_start", 2, HV_OBS, LIST, TARGET_ALL_VPS, .ranges = 3,
	     .junk = 5),
	CASE("list_rep_start_last", 2, HV_OBS, LIST, TARGET_ALL_VPS,
	     .ranges = 1, .junk = 400),
	CASE("list_large_page", 2, HV_OBS, LIST, TARGET_ALL_VPS, .ranges = 1,
	     .is_large = true),
	CASE("space_ex_sparse", 2, HV_OBS | NEED_EX, SPACE_EX,
	     TARGET_OTHERS),
	CASE("space_ex_all", 2, HV_OBS | NEED_EX, SPACE_EX, TARGET_ALL_VPS,
	     .format = HV_GENERIC_SET_ALL),
	CASE("space_ex_all_flag", 2, HV_OBS | NEED_EX, SPACE_EX,
	     TARGET_ALL_VPS, .flags = HV_FLUSH_ALL_PROCESSORS),
	CASE("list_ex_sparse", 2, HV_OBS | NEED_EX, LIST_EX, TARGET_OTHERS,
	     .ranges = 1),
	CASE("list_ex_one_bank", 2, HV_OBS | NEED_EX, LIST_EX, TARGET_LAST,
	     .ranges = 4),
	CASE("list_ex_all", 2, HV_OBS | NEED_EX, LIST_EX, TARGET_ALL_VPS,
	     .format = HV_GENERIC_SET_ALL, .ranges = 4),
	CASE("list_ex_64_if0", 2, HV_OBS | NEED_EX, LIST_EX, TARGET_ALL_VPS,
	     .ranges = 64, .caller_if0 = true),
	CASE("list_ex_rep_start", 2, HV_OBS | NEED_EX, LIST_EX,
	     TARGET_ALL_VPS, .ranges = 3, .junk = 30),
	{"halted_target", "TLFS: HvCallFlushVirtualAddressList", halted_target,
	 NULL, 2, NEED_HV},
	{"random", "TLFS: virtual-mmu", random_rounds, NULL, 2, HV_OBS},
};
/* clang-format on */

SUITE("flush", 050, checks);
