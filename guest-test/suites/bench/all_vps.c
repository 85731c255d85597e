/* SPDX-License-Identifier: MIT */
/*
 * A flush of ALL with many VPs on few CPUs: one VP of each CPU spins, the
 * others halt. And the end of a suspended call: the time from the call that
 * ends the inhibit until the flush has returned on the other VP.
 */
#include "call/counters.h"
#include "call/flush.h"
#include "call/registers.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "harness/timing.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"

#define SAMPLES   100
#define TRIES_MAX 1000
#define BENCH_GVA 0x00007d0000000000ull
#define SETTLE_US 200
#define TARGET    1
#define CALLER    2

static u64 sample[SAMPLES];
static const u64 range = BENCH_GVA;

static u32 measure_all(u64 control, const u8 *page)
{
	u32 used = 0;

	for (u32 i = 0; i < TRIES_MAX && used < SAMPLES; i++) {
		u64 kicks = test_call_kicks();
		u64 ticks = timing_call(control, page_gpa(page), 0);

		if (test_call_kicks() - kicks == smp_cpus() - 1) {
			sample[used++] = ticks;
		}
	}
	return used;
}

static void all(const void *arg, const char *name, u32 vps)
{
	static u8 page[PAGE_SIZE] __aligned(4096);
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		.flags = HV_FLUSH_ALL_PROCESSORS,
		.ranges = &range,
		.count = 1,
	};
	u32 used;

	(void)arg;
	if (smp_count() != vps) {
		tap_skip("another number of VPs");
		return;
	}
	for (u32 n = 1; n < smp_cpus(); n++) {
		shared_spin(n);
	}
	shared_wait(shared_ticks(SETTLE_US));
	used = measure_all(flush_call_build(&call, page), page);
	shared_stop(1, smp_cpus() - 1);
	if (tap_equal("calls that counted", used, SAMPLES)) {
		timing_print(name, sample, used);
	}
}

static void all8(const void *arg)
{
	all(arg, "all8", 8);
}

static void all32(const void *arg)
{
	all(arg, "all32", 32);
}

static void all130(const void *arg)
{
	all(arg, "all130", 130);
}

static volatile u64 returned_at;

static void caller_job(void *arg)
{
	(void)flush_call_do(arg);
	returned_at = cpu_rdtsc();
}

static void suspend(const void *arg)
{
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		.vps = vpset_one(TARGET),
		.ranges = &range,
		.count = 1,
	};

	(void)arg;
	if (!flush_call_can_name(call.code, &call.vps)) {
		call.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
	}
	for (u32 i = 0; i < SAMPLES; i++) {
		u64 from;

		registers_inhibit(TARGET);
		smp_run(CALLER, caller_job, &call);
		spin_until(registers_is_suspended(CALLER));
		shared_wait(shared_ticks(SETTLE_US));
		from = cpu_rdtsc();
		(void)registers_set(TARGET, 0);
		smp_wait(CALLER);
		sample[i] = returned_at - from;
	}
	timing_print("suspend", sample, SAMPLES);
}

#define NEEDS (NEED_HV | NEED_TEST_CALL)

/* clang-format off */
static const struct check checks[] = {
	{"all8", "cost", all8, NULL, 8, NEEDS | NEED_SHARED},
	{"all32", "cost", all32, NULL, 32, NEEDS | NEED_SHARED},
	{"all130", "cost", all130, NULL, 130, NEEDS | NEED_SHARED},
	{"suspend", "cost", suspend, NULL, 3, NEEDS | NEED_REGISTERS},
};
/* clang-format on */

SUITE("bench-all", 310, checks);
