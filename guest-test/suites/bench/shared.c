/* SPDX-License-Identifier: MIT */
/*
 * What a flush of all other VPs, which spin, costs its caller: the same calls
 * with a CPU for each VP, and with two VPs a CPU. lethe.measure.shared_cpus
 * compares the two.
 *
 * A sample is the time from the VM exit to the VM entry: RDTSC before and after
 * the VMCALL, less the ticks of two RDTSC without a call. Where another VP of
 * the caller's CPU had a turn in between, its own turns say so, and the call is
 * counted, but is no sample.
 */
#include "call/counters.h"
#include "call/flush.h"
#include "call/row_words.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "harness/timing.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"

#define VPS        4
#define SAMPLES    6000
#define TURNS_MAX  (SAMPLES / 10)
#define RANGES_MAX 8
#define SHARED_GVA 0x00007d0000000000ull
/* Ticks between two calls, in which the VPs that were kicked enter again. */
#define GAP 700
/* A call that waits for a VP's turn takes a part of a slice. */
#define SLICE_PART 4

struct shared_row {
	u16 code;
	u32 ranges;
	u32 caller;
};

static const struct shared_row *row; /* of the running check */
static u64 sample[SAMPLES];
static u32 used;  /* samples */
static u32 turns; /* calls in which another VP of the CPU ran */
static u64 kicks; /* of all these calls */

/* Turns of the loops of the other VPs of the caller's CPU. */
static u64 neighbours_spins(void)
{
	u32 self = vp_self()->id;
	u64 sum = 0;

	for (u32 n = self % smp_cpus(); n < smp_count(); n += smp_cpus()) {
		sum += n == self ? 0 : smp_vps[n]->spins;
	}
	return sum;
}

static u64 two_rdtsc(void)
{
	u64 least = ~0ull;

	for (u32 i = 0; i < 16; i++) {
		u64 start = cpu_rdtsc();
		u64 ticks = cpu_rdtsc() - start;

		least = ticks < least ? ticks : least;
	}
	return least;
}

static void wait_gap(void)
{
	u64 from = cpu_rdtsc();

	while (cpu_rdtsc() - from < GAP) {
	}
}

/*
 * Until there are enough samples, or so many long ones that p99 is one. A call
 * that waits for longer than a slice ends in a turn of another VP.
 */
static void sample_calls(u64 control, const u8 *page)
{
	u64 nothing = two_rdtsc();
	u64 limit = shared_slice() / SLICE_PART;
	u32 too_long = 0;

	while (used < SAMPLES && turns <= TURNS_MAX &&
	       too_long <= SAMPLES / 100) {
		u64 spins;
		u64 ticks;

		wait_gap();
		spins = neighbours_spins();
		ticks = timing_call(control, page_gpa(page), 0);
		if (neighbours_spins() != spins) {
			turns++;
		} else {
			sample[used++] = ticks - nothing;
			too_long += ticks - nothing > limit;
		}
	}
}

/* On the caller. */
static void caller_job(void *arg)
{
	static u8 page[PAGE_SIZE] __aligned(4096);
	static u64 ranges[RANGES_MAX];
	struct flush_call call = {
		.code = row->code,
		.vps = vpset_range(0, smp_count() - 1),
		.ranges = ranges,
		.count = row->ranges,
	};
	u64 from;

	(void)arg;
	call.vps.bits[0] &= ~BIT(row->caller);
	for (u32 i = 0; i < row->ranges; i++) {
		ranges[i] = flush_call_range(SHARED_GVA + i * 2 * PAGE_SIZE, 0);
	}
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
	from = test_call_kicks();
	sample_calls(flush_call_build(&call, page), page);
	kicks = test_call_kicks() - from;
}

/* VP 0 is the caller, or spins as the others do. */
static void run_caller(void)
{
	used = turns = 0;
	if (row->caller == 0) {
		caller_job(NULL);
		return;
	}
	smp_run(row->caller, caller_job, NULL);
	spin_until(!smp_is_busy(row->caller));
}

static void shared(const void *arg, const char *name)
{
	row = arg;
	for (u32 n = 1; n < smp_count(); n++) {
		if (n != row->caller) {
			shared_spin(n);
		}
	}
	run_caller();
	shared_stop(1, smp_count() - 1);
	if (!tap_equal("calls that counted", used, SAMPLES)) {
		return;
	}
	/* all other VPs are in guest mode, or one of each other CPU */
	tap_at_least("kicks", kicks,
		     (SAMPLES - SAMPLES / 10) * (smp_cpus() - 1));
	timing_print_p99(name, sample, used);
	tap_note("calls_with_a_turn_and_kicks", turns, kicks);
	tap_at_most("ticks at p99", timing_p99(sample, used),
		    shared_slice() / SLICE_PART);
}

#define SHARED(_name, _code, _ranges, _caller)                                 \
	static void shared_##_name(const void *arg)                            \
	{                                                                      \
		shared(arg, #_name);                                           \
	}                                                                      \
	static const struct shared_row row_##_name = {_code, _ranges, _caller};
#define ROW(_name)                                                             \
	{                                                                      \
#_name, "cost", shared_##_name, &row_##_name, VPS,             \
			NEED_HV | NEED_TEST_CALL                               \
	}

/* clang-format off */
SHARED(list1, LIST, 1, 0)
SHARED(list4, LIST, 4, 0)
SHARED(space, SPACE, 0, 0)
SHARED(list1_cpu1, LIST, 1, 1)
SHARED(list4_cpu1, LIST, 4, 1)
SHARED(space_cpu1, SPACE, 0, 1)

static const struct check checks[] = {
	ROW(list1), ROW(list4), ROW(space),
	ROW(list1_cpu1), ROW(list4_cpu1), ROW(space_cpu1),
};
/* clang-format on */

SUITE("bench-shared", 302, checks);
