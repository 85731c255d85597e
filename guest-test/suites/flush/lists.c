/* SPDX-License-Identifier: MIT */
/*
 * Which types of INVVPID the list calls of a guest cause that has its hypercall
 * page on, as every guest that follows TLFS "Establishing the Hypercall
 * Interface". Up to 32 ranges with up to 32 pages are flushed by address only,
 * on the caller and on four running targets; with whole=1 (flush-exact = no)
 * the whole context goes while the page is on. Suite counts has the order and
 * the addresses, with the page off. Check small prints a line for each list of
 * single pages and each number of targets: docs/performance.md has these.
 */
#include "call/counters.h"
#include "call/flush.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "tlfs/msr.h"

#define VPS        5 /* the caller and four targets */
#define LIST_GVA   0x00007b0000000000ull
#define TYPE_COUNT 4

struct list {
	u32 ranges;
	u32 extra; /* additional pages of each */
};

static const struct list by_address[] = {
	{1, 0},  {2, 0},  {3, 0}, {8, 0},  {16, 0}, {17, 0},
	{32, 0}, {16, 1}, {8, 3}, {1, 31}, {1, 7},
};
static const struct list too_much[] = {
	{33, 0}, {1, 32}, {16, 2}, {64, 0}, {509, 0}, {1, 4095},
};

static u8 page[2][PAGE_SIZE] __aligned(4096);

static volatile u32 spin_stop;
static volatile u64 turns[VPS];
static bool prints; /* the running check is small */

static void spin_job(void *arg)
{
	(void)arg;
	while (spin_stop == 0) {
		turns[vp_self()->id]++;
	}
}

static u32 last_target(void)
{
	return smp_count() < VPS ? smp_count() - 1 : VPS - 1;
}

/* Waits until each target has been in guest mode: what it had to do is done. */
static void let_targets_run(void)
{
	for (u32 n = 1; n <= last_target(); n++) {
		u64 from = turns[n];

		spin_until(turns[n] >= from + 10);
	}
}

static void spin_begin(void)
{
	spin_stop = 0;
	smp_run_range(1, last_target(), spin_job, NULL);
	let_targets_run();
}

static void spin_end(void)
{
	spin_stop = 1;
	smp_wait_range(1, last_target());
}

/* The INVVPIDs of all VPs so far, by type. */
static void read_types(u64 sum[TYPE_COUNT])
{
	static struct lethe_test_output out __aligned(4096);

	for (u32 type = 0; type < TYPE_COUNT; type++) {
		sum[type] = 0;
	}
	for (u32 n = 0; n <= last_target(); n++) {
		test_call_read(n, &out);
		for (u32 type = 0; type < TYPE_COUNT; type++) {
			sum[type] += out.invvpid_type[type];
		}
	}
}

/* One call for VPs 0 to `last`; `gva`: of the first page. */
static void call_list(const struct list *list, u64 gva, u32 last)
{
	static u64 ranges[FLUSH_RANGES_MAX];
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		.vps = vpset_range(0, last),
		.ranges = ranges,
		.count = list->ranges,
	};

	for (u32 i = 0; i < list->ranges; i++) {
		ranges[i] = flush_call_range(
			gva + i * (list->extra + 1) * PAGE_SIZE, list->extra);
	}
	if (!flush_call_can_name(call.code, &call.vps)) {
		call.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
	}
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
	let_targets_run();
}

/* `# invvpids PAGES TARGETS BY-TYPE-0 …`, of the caller and its targets. */
static void print_types(const struct list *list, u32 targets,
			const u64 before[TYPE_COUNT],
			const u64 after[TYPE_COUNT])
{
	if (!prints || list->extra != 0 || targets == 0) {
		return;
	}
	serial_puts("# invvpids ");
	serial_put_dec(list->ranges);
	serial_put(' ');
	serial_put_dec(targets);
	for (u32 type = 0; type < TYPE_COUNT; type++) {
		serial_put(' ');
		serial_put_dec(after[type] - before[type]);
	}
	serial_put('\n');
}

/* Each call of the table, for the caller and each number of targets. */
static void call_all(const struct list *lists, size_t count, u64 gva,
		     bool address)
{
	u32 type = test_call_offered(address ? 0 : 1);
	u64 total[2] = {0, 0};

	for (u32 last = 0; last <= last_target(); last++) {
		for (size_t i = 0; i < count; i++) {
			u64 pages = lists[i].ranges * (lists[i].extra + 1);
			u64 each = type == 0 ? pages : 1;
			u64 before[TYPE_COUNT];
			u64 after[TYPE_COUNT];

			read_types(before);
			call_list(&lists[i], gva, last);
			read_types(after);
			for (u32 t = 0; t < TYPE_COUNT; t++) {
				tap_equal("INVVPIDs of a type",
					  after[t] - before[t],
					  t == type ? each * (last + 1) : 0);
			}
			print_types(&lists[i], last, before, after);
			total[0] += after[0] - before[0];
			total[1] += after[1] - before[1];
		}
	}
	tap_note("invvpids_by_address_and_of_a_context", total[0], total[1]);
}

static void page_at(u64 msr)
{
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, msr);
}

/* True if the page is on; else the check is skipped. */
static bool page_on(void)
{
	if (trap_wrmsr(HV_X64_MSR_HYPERCALL,
		       page_gpa(page[0]) | HV_HYPERCALL_MSR_ENABLE) ==
	    TRAP_NONE) {
		return true;
	}
	tap_skip("HYPERCALL is locked");
	return false;
}

static void run(const struct list *lists, size_t count, u64 gva, bool address)
{
	spin_begin();
	call_all(lists, count, gva, address);
	spin_end();
}

static void run_by_address(u64 gva)
{
	run(by_address, ARRAY_SIZE(by_address), gva, !cmdline_get()->whole);
}

static void small(const void *arg)
{
	(void)arg;
	if (page_on()) {
		prints = true;
		run_by_address(LIST_GVA);
		prints = false;
		page_at(0);
	}
}

/* The pages named are mapped, and their EPT region is the one that is split. */
static void small_in_the_region(const void *arg)
{
	(void)arg;
	if (page_on()) {
		run_by_address(page_gpa(page[0]) & ~(PAGE_LARGE - 1));
		page_at(0);
	}
}

static void small_after_a_move(const void *arg)
{
	(void)arg;
	if (page_on()) {
		page_at(page_gpa(page[1]) | HV_HYPERCALL_MSR_ENABLE);
		run_by_address(LIST_GVA);
		page_at(0);
	}
}

static void small_page_off(const void *arg)
{
	(void)arg;
	if (page_on()) {
		page_at(0);
		run(by_address, ARRAY_SIZE(by_address), LIST_GVA, true);
	}
}

static void large(const void *arg)
{
	(void)arg;
	if (page_on()) {
		run(too_much, ARRAY_SIZE(too_much), LIST_GVA, false);
		page_at(0);
	}
}

#define NEEDS (NEED_HV | NEED_TEST_CALL | NEED_OBSERVE | NEED_EPT)

static const struct check checks[] = {
	{"small", "SDM 3C: INVVPID", small, NULL, 1, NEEDS},
	{"small_in_the_region", "SDM 3C: INVVPID", small_in_the_region, NULL, 1,
	 NEEDS},
	{"small_after_a_move", "SDM 3C: INVVPID", small_after_a_move, NULL, 1,
	 NEEDS},
	{"small_page_off", "SDM 3C: INVVPID", small_page_off, NULL, 1, NEEDS},
	{"large", "design: limits", large, NULL, 1, NEEDS},
};

SUITE("lists", 071, checks);
