/* SPDX-License-Identifier: MIT */
/*
 * More VPs than CPUs: each VP makes progress, none much more than another,
 * timers and yields are in time, and a VP that does not run costs a caller
 * nothing.
 */
#include "call/checked.h"
#include "call/flush.h"
#include "experiment/late_timer.h"
#include "experiment/reader.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#include "tlfs/msr.h"

#define WINDOW_SLICES 20 /* of each VP, while progress is measured */
#define ALLOWED       20 /* per cent between the slowest and the fastest */
#define TIMER_ROUNDS  16
#define TIMER_SOON_US 2000
#define YIELD_ROUNDS  64

static u64 window[2][VPS_MAX];

static void index_job(void *arg)
{
	u64 *index = arg;

	index[vp_self()->id] = cpu_rdmsr(HV_X64_MSR_VP_INDEX);
}

static void vp_index(const void *arg)
{
	u64 *index = window[0];

	(void)arg;
	smp_run_range(1, smp_count() - 1, index_job, index);
	smp_wait_range(1, smp_count() - 1);
	for (u32 n = 1; n < smp_count(); n++) {
		tap_equal("VP index", index[n], smp_vps[n]->index);
	}
}

static volatile u64 progress_end;
static volatile u64 counts[VPS_MAX];

/* All VPs run this loop; VP 0 looks at the counts outside of it. */
static void count_until(volatile u64 *end)
{
	u32 self = vp_self()->id;

	while (cpu_rdtsc() < *end) {
		counts[self]++;
		watchdog_poll();
	}
}

static void count_job(void *arg)
{
	(void)arg;
	count_until(&progress_end);
}

static void snapshot(u64 *to)
{
	for (u32 n = 0; n < smp_count(); n++) {
		to[n] = counts[n];
	}
}

/* Compares VPs of one CPU; all VPs, if every CPU has the same number. */
static void compare_progress(u32 first, u32 step)
{
	u64 least = ~0ull;
	u64 most = 0;

	for (u32 n = first; n < smp_count(); n += step) {
		u64 made = window[1][n] - window[0][n];

		least = made < least ? made : least;
		most = made > most ? made : most;
	}
	tap_at_least("progress of the slowest × 100", least * 100,
		     most * (100 - ALLOWED));
}

static void progress(const void *arg)
{
	static volatile u64 own_end;
	u32 cpus = smp_cpus();

	(void)arg;
	progress_end = ~0ull;
	for (u32 n = 0; n < smp_count(); n++) {
		counts[n] = 0;
	}
	smp_run_range(1, smp_count() - 1, count_job, NULL);
	for (u32 n = 1; n < smp_count(); n++) {
		wait_until(counts[n] != 0);
	}
	own_end = cpu_rdtsc() + 2 * shared_most() * shared_slice();
	count_until(&own_end);
	snapshot(window[0]);
	own_end = cpu_rdtsc() + WINDOW_SLICES * shared_most() * shared_slice();
	count_until(&own_end);
	snapshot(window[1]);
	progress_end = 0;
	smp_wait_range(1, smp_count() - 1);
	if (smp_count() % cpus == 0) {
		compare_progress(0, 1);
		return;
	}
	for (u32 n = 0; n < cpus; n++) {
		compare_progress(n, cpus);
	}
}

static volatile u64 longest_gap;
static volatile u64 gap_end;

/* Measures the longest time for which the VP did not run. */
static void gap_job(void *arg)
{
	u64 last = cpu_rdtsc();

	(void)arg;
	while (last < gap_end) {
		u64 now = cpu_rdtsc();

		if (now - last > longest_gap) {
			longest_gap = now - last;
		}
		last = now;
	}
}

/* Two VPs that spin on one CPU take turns of exactly one slice. */
static void slice_length(const void *arg)
{
	u32 other = 1 + smp_cpus();
	u64 slice = shared_slice();

	(void)arg;
	if (smp_cpus() == 1 || smp_count() <= other) {
		tap_skip("too few VPs or CPUs");
		return;
	}
	longest_gap = 0;
	gap_end = cpu_rdtsc() + 8 * slice;
	smp_run(1, gap_job, NULL);
	smp_run(other, gap_job, NULL);
	smp_wait(1);
	smp_wait(other);
	tap_at_least("longest pause", longest_gap, slice / 2);
	tap_at_most("longest pause", longest_gap, slice + slice / 2);
}

static void nothing_job(void *arg)
{
	(void)arg;
}

/* On each CPU the second VP spins with IF = 0. */
static void never_exits(const void *arg)
{
	u32 cpus = smp_cpus();
	u32 free = 2 * cpus;
	u64 from;

	(void)arg;
	if (smp_count() <= free) {
		free = smp_count(); /* only VP 0 and its neighbour */
	}
	for (u32 n = cpus; n < free; n++) {
		shared_spin_dark(n);
	}
	from = cpu_rdtsc();
	smp_run_range(1, cpus - 1, nothing_job, NULL);
	for (u32 n = free; n < smp_count(); n++) {
		smp_run(n, nothing_job, NULL);
	}
	smp_wait_range(1, cpus - 1);
	if (free < smp_count()) {
		smp_wait_range(free, smp_count() - 1);
	}
	/* each VP needs one or two turns, VP 0 one for each VP it waits for */
	tap_at_most("ticks", cpu_rdtsc() - from,
		    (smp_count() + 8) * 2 * shared_slice());
	shared_stop(cpus, free - 1);
}

/* VP n reads without exits; VP 0 swaps the page and flushes only VP n. */
static void flush_one(u32 n, u64 *frames)
{
	struct reader *r = reader_of(n);
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX,
		.vps = vpset_one(n),
		.ranges = &(const u64){flush_call_range(PAGE_WINDOW, 0)},
		.count = 1,
	};
	u64 epoch = reader_newest + 1;
	u64 cycles;

	*r = (struct reader){.base = PAGE_WINDOW, .count = 1};
	smp_run(n, reader_run, NULL);
	wait_until(r->cycles >= 2);
	reader_newest = epoch;
	cpu_write64(frames[epoch & 1], epoch);
	page_map(0, frames[epoch & 1], 0);
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
	r->floor = epoch;
	cycles = r->cycles;
	wait_until(r->cycles >= cycles + 2);
	r->stop = 1;
	smp_wait(n);
	tap_equal("stale reads", r->stale, 0);
	tap_equal("newest read", r->highest, epoch);
}

static void flush_alone(const void *arg)
{
	static u64 frames[2];

	(void)arg;
	frames[0] = page_gpa(page_alloc(PAGE_SIZE));
	frames[1] = page_gpa(page_alloc(PAGE_SIZE));
	cpu_write64(frames[reader_newest & 1], reader_newest);
	page_map(0, frames[reader_newest & 1], 0);
	flush_call_everything();
	for (u32 n = 1; n < smp_count(); n++) {
		flush_one(n, frames);
	}
}

/* Halts again and again; only its timer wakes it. */
static void sleeper_job(void *arg)
{
	u64 slice = shared_slice();

	(void)arg;
	cpu_cli();
	for (u32 i = 0; i < TIMER_ROUNDS; i++) {
		/* each time at another point of a slice, also beyond it */
		late_timer_sleep(slice / 2 + i * slice / 7);
	}
	cpu_sti();
}

static void timer_in_time(const void *arg)
{
	u32 sleeper = 1 + smp_cpus();
	u64 limit = 2 * shared_slice();
	u64 soon = shared_ticks(TIMER_SOON_US);

	(void)arg;
	if (smp_count() <= sleeper) {
		tap_skip("too few VPs");
		return;
	}
	late_timer_begin();
	shared_spin_dark(1);
	smp_run(sleeper, sleeper_job, NULL);
	smp_wait(sleeper);
	shared_stop(1, 1);
	tap_equal("timers", late_timer_fired, TIMER_ROUNDS);
	tap_at_most("ticks late", late_timer_ticks,
		    soon < limit ? soon : limit);
}

static volatile u32 turn;

static void ping_pong_job(void *arg)
{
	u32 self = vp_self()->id;
	u32 other = *(u32 *)arg;

	for (u32 i = 0; i < YIELD_ROUNDS; i++) {
		while (turn != self) {
			watchdog_poll();
			(void)host_yield();
		}
		turn = other;
	}
}

/* Two VPs of a CPU alternate; without yields each turn takes a slice. */
static void yields(const void *arg)
{
	static u32 pair[2];
	u32 cpus = smp_cpus();
	u64 from;

	(void)arg;
	pair[0] = 1;
	pair[1] = 1 + cpus;
	if (cpus == 1 || smp_count() <= pair[1]) {
		tap_skip("VPs 0, 1 and the next one share no two CPUs");
		return;
	}
	turn = pair[0];
	from = cpu_rdtsc();
	smp_run(pair[0], ping_pong_job, &pair[1]);
	smp_run(pair[1], ping_pong_job, &pair[0]);
	smp_wait(pair[0]);
	smp_wait(pair[1]);
	tap_at_most("ticks", cpu_rdtsc() - from,
		    2 * YIELD_ROUNDS * shared_slice() / 4);
}

static void yield_result(const void *arg)
{
	struct hypercall_result r;
	u64 *in = (u64 *)vp_self()->input;

	(void)arg;
	in[0] = 1000;
	r = hypercall_checked(HV_CALL_NOTIFY_LONG_SPIN_WAIT, page_gpa(in), 0);
	hypercall_expect(&r, HV_STATUS_SUCCESS);
}

#define NEEDS (NEED_HV | NEED_SHARED)

/* clang-format off */
static const struct check checks[] = {
	{"vp_index", "TLFS: vp-properties", vp_index, NULL, 2, NEEDS},
	{"progress", "design: round robin", progress, NULL, 2, NEEDS},
	{"slice_length", "design: slices", slice_length, NULL, 3,
	 NEEDS | TAG_TICKS},
	{"never_exits", "design: slices", never_exits, NULL, 2,
	 NEEDS | TAG_IF0},
	{"flush_alone", "TLFS: HvCallFlushVirtualAddressListEx", flush_alone,
	 NULL, 2, NEEDS | NEED_EX},
	{"timer_in_time", "design: the preemption timer", timer_in_time, NULL, 3,
	 NEEDS | NEED_DEADLINE | TAG_IF0},
	{"yield", "TLFS: HvCallNotifyLongSpinWait", yields, NULL, 3, NEEDS},
	{"yield_result", "TLFS: HvCallNotifyLongSpinWait", yield_result, NULL, 1,
	 NEED_HV},
};
/* clang-format on */

SUITE("overcommit", 120, checks);
