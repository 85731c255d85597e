/* SPDX-License-Identifier: MIT */
/*
 * What a flush call removes from a TLB, to the page: the pages that it names on
 * the VPs that it names. With paging = shadow also the other direction: what it
 * does not name is still there, so a flush of too much, or of the wrong VP,
 * shows. Each row runs for the caller itself and for VP 1.
 */
#include "call/flush.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/irq.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "suites/paging/slots.h"

#define WAKE_VECTOR 0x49
#define STEPS       3
#define RANGES_MAX  33
#define ELSEWHERE   0x10000 /* a page of the region without a slot */

/* AddressSpace, by what is changed in the CR3 of all VPs. */
#define OWN      0
#define BIT_12   BIT(12)
#define OTHER    BIT(13)
#define LOW_BITS GENMASK(11, 0)

/* One call, made `times` times (0: once). */
struct exact_step {
	u16 code;
	u64 flags;
	u64 space;       /* as above */
	bool names_root; /* AddressSpace is the other root's, changed so */
	u64 ranges[4];   /* 0 ends them */
	u32 count;       /* if more: the others lie elsewhere */
	u32 start;
	u32 times;
};

struct exact_row {
	struct exact_step step[STEPS];
	u64 gone;       /* on the VPs that the calls name */
	bool may_more;  /* on these VPs everything may go */
	bool is_halted; /* VP 1 executes nothing between the calls */
	bool has_moved; /* the target has loaded the other root */
	enum slots_others others;
};

static u64 own_root;
static u64 other_root;
static u64 ranges[RANGES_MAX];
static volatile u32 is_released;
static volatile u32 is_waiting;

/* The same tables under another CR3 that differs above bit 13, too. */
static void make_roots(void)
{
	own_root = cpu_cr3();
	(void)region_entry(REGION, 1);
	while (other_root == 0 || (other_root ^ own_root) >> 14 == 0) {
		other_root = page_gpa(page_alloc(PAGE_SIZE));
	}
	memcpy((void *)other_root, (const void *)own_root, PAGE_SIZE);
}

static void load_job(void *arg)
{
	cpu_set_cr3(*(const u64 *)arg);
}

static void halt_job(void *arg)
{
	(void)arg;
	cpu_cli();
	is_waiting = 1;
	while (is_released == 0) {
		cpu_sti_hlt();
		cpu_cli();
	}
	cpu_sti();
}

static void halt(void)
{
	irq_count(WAKE_VECTOR);
	is_released = 0;
	is_waiting = 0;
	smp_run(1, halt_job, NULL);
	wait_until(is_waiting != 0);
	irq_settle();
}

static void release(void)
{
	is_released = 1;
	apic_send(1, APIC_ICR_ASSERT | WAKE_VECTOR);
	smp_wait(1);
}

static u32 fill_ranges(const struct exact_step *s)
{
	u32 count = 0;

	while (count < ARRAY_SIZE(s->ranges) && s->ranges[count] != 0) {
		ranges[count] = s->ranges[count];
		count++;
	}
	for (; count < s->count; count++) {
		ranges[count] = region_gva(ELSEWHERE + 2 * count);
	}
	return count;
}

static void make_calls(const struct exact_step *s, u32 target, bool is_ex)
{
	struct flush_call call = {
		.code = s->code,
		.space = (s->names_root ? other_root : own_root) ^ s->space,
		.flags = s->flags,
		.vps = vpset_one(target),
		.ranges = ranges,
		.count = fill_ranges(s),
		.start = s->start,
	};

	if (is_ex) {
		call.code = (u16)(s->code + SPACE_EX - SPACE);
	}
	for (u32 i = 0; i == 0 || i < s->times; i++) {
		tap_equal("result", flush_call_do(&call),
			  flush_call_success(&call));
	}
}

static void perform(const struct exact_row *row, u32 target, bool is_ex)
{
	if (row->is_halted) {
		halt();
	}
	for (u32 i = 0; i < STEPS && row->step[i].code != 0; i++) {
		make_calls(&row->step[i], target, is_ex);
	}
	if (row->is_halted) {
		release();
	}
}

static void expect(const struct exact_row *row, u32 target)
{
	for (u32 n = 0; n < slots_vps(); n++) {
		if (n == target || (row->step[0].flags & ALL) != 0) {
			slots_expect(n, row->gone,
				     row->may_more ? SLOTS_EITHER
						   : row->others);
		} else {
			slots_expect(n, 0, row->others);
		}
	}
}

static void run_once(const struct exact_row *row, u32 target, bool is_ex)
{
	if (row->has_moved) {
		region_run_on(target, load_job, &other_root);
	}
	slots_begin(row->others);
	perform(row, target, is_ex);
	expect(row, target);
	slots_end();
	if (row->has_moved) {
		region_run_on(target, load_job, &own_root);
	}
}

static void run_row(const void *arg)
{
	const struct exact_row *row = arg;

	make_roots();
	for (u32 target = row->is_halted ? 1 : 0;
	     target < 2 && target < smp_count(); target++) {
		struct vpset vps = vpset_one(target);

		if (flush_call_can_name(SPACE, &vps)) {
			run_once(row, target, false);
		}
		if (host_get()->has_ex) {
			run_once(row, target, true);
		}
	}
}

#define AT(_page, _extra)                                                      \
	(((REGION + (u64)(_page)*PAGE_SIZE) & ~HV_GVA_RANGE_EXTRA) | (_extra))
#define EXTENDED HV_FLUSH_USE_EXTENDED_RANGE_FORMAT
#define MIB2     HV_GVA_RANGE_EX_LARGE
#define GIB1     (HV_GVA_RANGE_EX_LARGE | HV_GVA_RANGE_EX_1G)
#define ALL_AS   HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES

/* Slots of 4 KiB from 0x600 to 0x7ff, and of all that a list of 4096 names. */
#define AREA                                                                   \
	(SLOT_FIRST | SLOT_SECOND | SLOT_THIRD | SLOT_FOURTH |                 \
	 SLOT_READ_ONLY | SLOT_LAST)
#define FULL_RANGE                                                             \
	(AREA | SLOT_LARGE | SLOT_BESIDE | SLOT_GLOBAL | SLOT_AFTER |          \
	 SLOT_LARGE_GLOBAL | SLOT_FAR | SLOT_RANGE_END)
#define GIB0 (FULL_RANGE | SLOT_BEFORE | SLOT_PAST_END | SLOT_GIB_END)

#define STEP(...)                                                              \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define LISTED(...) STEP(.code = LIST, .ranges = {__VA_ARGS__})
#define NAMED(...)  STEP(.code = LIST, __VA_ARGS__)
#define SPACED(...) STEP(.code = SPACE, __VA_ARGS__)
#define STEPS_OF(...)                                                          \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

#define LISTS  "TLFS: HvCallFlushVirtualAddressList"
#define SPACES "TLFS: HvCallFlushVirtualAddressSpace"
#define ONE(_name, _heading, _vps, _needs, ...)                                \
	{                                                                      \
		_name, _heading, run_row,                                      \
			&(const struct exact_row){__VA_ARGS__}, _vps,          \
			NEED_HV | (_needs)                                     \
	}
/* NAME: what is named is gone. NAME_only: and nothing else. */
#define ROW(_name, _heading, _vps, _needs, ...)                                \
	ONE(_name, _heading, _vps, _needs, __VA_ARGS__),                       \
		ONE(_name "_only", _heading, _vps, (_needs) | NEED_SHADOW,     \
		    __VA_ARGS__, .others = SLOTS_OLD)
#define RANGE(_name, _gone, ...)                                               \
	ROW(_name, LISTS, 1, 0, .step = STEPS_OF(LISTED(__VA_ARGS__)),         \
	    .gone = _gone)
#define LIST_OF(_name, _gone, ...)                                             \
	ROW(_name, LISTS, 1, 0, .step = STEPS_OF(NAMED(__VA_ARGS__)),          \
	    .gone = _gone)
#define EXT(_name, _gone, ...)                                                 \
	ROW(_name, LISTS, 1, NEED_EXTENDED,                                    \
	    .step = STEPS_OF(                                                  \
		    NAMED(.flags = EXTENDED, .ranges = {__VA_ARGS__})),        \
	    .gone = _gone)
#define SPACE_OF(_name, _gone, ...)                                            \
	ROW(_name, SPACES, 1, 0, .step = STEPS_OF(SPACED(__VA_ARGS__)),        \
	    .gone = _gone)
#define MOVED(_name, _gone, ...)                                               \
	ROW(_name, SPACES, 1, 0, .step = STEPS_OF(STEP(__VA_ARGS__)),          \
	    .gone = _gone, .has_moved = true)
#define QUEUED(_name, _gone, _needs, ...)                                      \
	ROW(_name, LISTS, 2, _needs, .step = STEPS_OF(__VA_ARGS__),            \
	    .gone = _gone, .is_halted = true)

/* clang-format off */
static const struct check checks[] = {
	RANGE("list_page", SLOT_FIRST, AT(0x600, 0)),
	RANGE("list_page_before", SLOT_BEFORE, AT(0x5ff, 0)),
	RANGE("list_page_after", SLOT_SECOND, AT(0x601, 0)),
	RANGE("list_last_of_table", SLOT_LAST, AT(0x7ff, 0)),
	RANGE("list_2_pages", SLOT_FIRST | SLOT_SECOND, AT(0x600, 1)),
	RANGE("list_3_pages", SLOT_SECOND | SLOT_THIRD | SLOT_FOURTH,
	      AT(0x601, 2)),
	RANGE("list_across_tables", SLOT_BEFORE | SLOT_FIRST, AT(0x5ff, 1)),
	RANGE("list_2_ranges", SLOT_BEFORE | SLOT_THIRD, AT(0x5ff, 0),
	      AT(0x602, 0)),
	RANGE("list_4_ranges", SLOT_BEFORE | SLOT_THIRD | SLOT_FAR | SLOT_GIB2,
	      AT(0x5ff, 0), AT(0x602, 0), AT(0xe00, 7), AT(0x80000, 0)),
	RANGE("list_4096_pages", FULL_RANGE, AT(0x600, 4095)),
	RANGE("list_4096_pages_later", (FULL_RANGE & ~SLOT_FIRST) |
	      SLOT_PAST_END, AT(0x601, 4095)),
	RANGE("list_4095_pages", FULL_RANGE & ~SLOT_RANGE_END, AT(0x600, 4094)),
	RANGE("list_across_gib", SLOT_GIB_END | SLOT_GIB1, AT(0x3ffff, 1)),
	RANGE("list_nothing_there", 0, AT(0x605, 20)),
	RANGE("list_first_of_large", SLOT_LARGE, AT(0x800, 0)),
	RANGE("list_middle_of_large", SLOT_LARGE, AT(0x901, 0)),
	RANGE("list_last_of_large", SLOT_LARGE, AT(0x9ff, 0)),
	RANGE("list_into_large", SLOT_LAST | SLOT_LARGE, AT(0x7ff, 1)),
	RANGE("list_out_of_large", SLOT_LARGE | SLOT_BESIDE, AT(0x9ff, 1)),
	RANGE("list_before_large", SLOT_LAST, AT(0x7ff, 0)),
	RANGE("list_beside_large", SLOT_BESIDE, AT(0xa00, 0)),
	RANGE("list_global", SLOT_GLOBAL, AT(0xa01, 0)),
	RANGE("list_global_large", SLOT_LARGE_GLOBAL, AT(0xdff, 0)),
	LIST_OF("list_non_global_flag", SLOT_BESIDE | SLOT_GLOBAL,
		.flags = NON_G, .ranges = {AT(0xa00, 1)}),
	LIST_OF("list_32_ranges", SLOT_FIRST | SLOT_LARGE, .count = 32,
		.ranges = {AT(0x600, 0), AT(0x9ff, 0)}),
	ROW("list_33_ranges", LISTS, 1, 0, .gone = SLOT_FIRST | SLOT_LARGE,
	    .may_more = true, .step = STEPS_OF(NAMED(.count = 33,
	    .ranges = {AT(0x600, 0), AT(0x9ff, 0)}))),
	LIST_OF("list_rep_start", SLOT_THIRD, .start = 1,
		.ranges = {AT(0x600, 0), AT(0x602, 0)}),
	LIST_OF("list_all_vps", SLOT_FIRST | SLOT_GLOBAL, .flags = ALL,
		.ranges = {AT(0x600, 0), AT(0xa01, 0)}),

	/* globals belong to every address space */
	LIST_OF("list_other_space", SLOT_GLOBALS, .space = OTHER,
		.ranges = {AT(0x600, 4095)}),
	LIST_OF("list_bit_12", FULL_RANGE, .space = BIT_12,
		.ranges = {AT(0x600, 4095)}),
	LIST_OF("list_low_bits", SLOT_FIRST, .space = LOW_BITS,
		.ranges = {AT(0x600, 0)}),
	LIST_OF("list_all_spaces", FULL_RANGE, .space = OTHER, .flags = ALL_AS,
		.ranges = {AT(0x600, 4095)}),

	EXT("extended_pages", SLOT_FIRST | SLOT_SECOND | SLOT_THIRD,
	    AT(0x600, 2)),
	EXT("extended_large", SLOT_LARGE, AT(0x800, MIB2)),
	EXT("extended_2m", AREA, AT(0x600, MIB2)),
	EXT("extended_4m", AREA | SLOT_LARGE, AT(0x600, MIB2 | 1)),
	EXT("extended_2m_before", SLOT_BEFORE, AT(0x400, MIB2)),
	EXT("extended_2m_globals", SLOT_BESIDE | SLOT_GLOBAL | SLOT_AFTER,
	    AT(0xa00, MIB2)),
	EXT("extended_2m_and_page", AREA | SLOT_AFTER, AT(0x600, MIB2),
	    AT(0xa02, 0)),
	EXT("extended_1g", SLOT_GIB1 | SLOT_GIB1_END, AT(0x40000, GIB1)),
	EXT("extended_1g_first", GIB0, AT(0, GIB1)),
	EXT("extended_2g", GIB0 | SLOT_GIB1 | SLOT_GIB1_END, AT(0, GIB1 | 1)),
	EXT("extended_2g_later", SLOT_GIB1 | SLOT_GIB1_END | SLOT_GIB2,
	    AT(0x40000, GIB1 | 1)),

	SPACE_OF("space", SLOT_ALL, .flags = 0),
	SPACE_OF("space_non_global", SLOT_ALL & ~SLOT_GLOBALS, .flags = NON_G),
	SPACE_OF("space_all_vps", SLOT_ALL & ~SLOT_GLOBALS,
		 .flags = NON_G | ALL),
	SPACE_OF("space_other", SLOT_GLOBALS, .space = OTHER),
	SPACE_OF("space_other_non_global", 0, .space = OTHER, .flags = NON_G),
	SPACE_OF("space_bit_12", SLOT_ALL & ~SLOT_GLOBALS, .space = BIT_12,
		 .flags = NON_G),
	SPACE_OF("space_low_bits", SLOT_ALL & ~SLOT_GLOBALS, .space = LOW_BITS,
		 .flags = NON_G),
	SPACE_OF("space_all_spaces", SLOT_ALL, .space = OTHER, .flags = ALL_AS),
	SPACE_OF("space_all_spaces_non_global", SLOT_ALL & ~SLOT_GLOBALS,
		 .space = OTHER, .flags = ALL_AS | NON_G),

	/* the target's CR3 is another one than before: its tree is named now */
	MOVED("moved_list", FULL_RANGE, .code = LIST, .names_root = true,
	      .ranges = {AT(0x600, 4095)}),
	MOVED("moved_list_former", SLOT_GLOBALS, .code = LIST,
	      .ranges = {AT(0x600, 4095)}),
	MOVED("moved_space", SLOT_ALL & ~SLOT_GLOBALS, .code = SPACE,
	      .names_root = true, .flags = NON_G),
	MOVED("moved_space_former", 0, .code = SPACE, .flags = NON_G),

	/* calls that wait until VP 1 enters guest mode again */
	QUEUED("queue_2", SLOT_FIRST | SLOT_THIRD, 0,
	       LISTED(AT(0x600, 0)), LISTED(AT(0x602, 0))),
	QUEUED("queue_32", SLOT_FIRST | SLOT_THIRD, 0,
	       LISTED(AT(0x600, 0)), NAMED(.count = 1, .times = 30), LISTED(AT(0x602, 0))),
	ROW("queue_full", LISTS, 2, 0, .gone = SLOT_FIRST | SLOT_THIRD,
	    .may_more = true, .is_halted = true,
	    .step = STEPS_OF(LISTED(AT(0x600, 0)),
			     NAMED(.count = 1, .times = 40),
			     LISTED(AT(0x602, 0)))),
	QUEUED("queue_space_then_global",
	       (SLOT_ALL & ~SLOT_GLOBALS) | SLOT_GLOBAL, 0,
	       SPACED(.flags = NON_G), LISTED(AT(0xa01, 0))),
	QUEUED("queue_global_then_space",
	       (SLOT_ALL & ~SLOT_GLOBALS) | SLOT_GLOBAL, 0,
	       LISTED(AT(0xa01, 0)), SPACED(.flags = NON_G)),
	QUEUED("queue_all_spaces_then_global",
	       (SLOT_ALL & ~SLOT_GLOBALS) | SLOT_GLOBAL, 0,
	       SPACED(.flags = NON_G | ALL_AS), LISTED(AT(0xa01, 0))),
	QUEUED("queue_global_then_all_spaces",
	       (SLOT_ALL & ~SLOT_GLOBALS) | SLOT_GLOBAL, 0,
	       LISTED(AT(0xa01, 0)), SPACED(.flags = NON_G | ALL_AS)),
	QUEUED("queue_other_space", SLOT_THIRD, 0,
	       NAMED(.space = OTHER, .ranges = {AT(0x600, 0)}),
	       LISTED(AT(0x602, 0)),
	       SPACED(.space = OTHER, .flags = NON_G)),
	QUEUED("queue_other_space_first", SLOT_ALL & ~SLOT_GLOBALS, 0,
	       SPACED(.space = OTHER, .flags = NON_G),
	       SPACED(.flags = NON_G)),
	QUEUED("queue_extended", AREA | SLOT_GIB2, NEED_EXTENDED,
	       NAMED(.flags = EXTENDED, .ranges = {AT(0x600, MIB2)}),
	       LISTED(AT(0x80000, 0))),
};
/* clang-format on */

SUITE("exact", 091, checks);
