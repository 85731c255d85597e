/* SPDX-License-Identifier: MIT */
/*
 * Makes a few calls and prints the INVVPIDs that the hypervisor has recorded.
 * lethe.boot_tests.invvpid compares them with those that the emulator has
 * executed.
 */
#include "call/counters.h"
#include "call/flush.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/relax.h"
#include "kernel/serial.h"
#include "kernel/smp.h"

#define RECORDS_GVA 0x00007a0000000000ull

static const struct {
	u16 code;
	u64 flags;
	u32 count;
	u32 extra;
} calls[] = {
	{HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST, 0, 1, 0},
	{HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST, 0, 5, 0},
	{HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST, 0, 2, 7},
	{HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST, 0, 17, 0},
	{HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE, 0, 0, 0},
	{HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE, HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY,
	 0, 0},
	{HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST, 0, 3, 0},
};

static volatile u32 stop;
static volatile u64 turns;

static void spin_job(void *arg)
{
	(void)arg;
	while (stop == 0) {
		turns++;
	}
}

/* Waits until VP 1 has been in guest mode: pending work is done then. */
static void let_vp1_run(void)
{
	u64 from = turns;

	spin_until(turns >= from + 10);
}

static void print(u32 n)
{
	static struct lethe_test_output out __aligned(4096);
	u64 first;

	test_call_read(n, &out);
	serial_puts("# invvpid vp ");
	serial_put_dec(n);
	serial_puts(" count ");
	serial_put_dec(out.invvpid_count);
	serial_put('\n');
	first = out.invvpid_count > LETHE_TEST_RECORDS
			? out.invvpid_count - LETHE_TEST_RECORDS
			: 0;
	for (u64 i = first; i < out.invvpid_count; i++) {
		const struct lethe_test_record *r =
			&out.records[i % LETHE_TEST_RECORDS];

		serial_puts("# invvpid ");
		serial_put_dec(r->type);
		serial_put(' ');
		serial_put_hex(r->gva);
		serial_put('\n');
	}
}

/*
 * Each call has one target: an emulator that stops at the breakpoint of one CPU
 * may miss that of another CPU at the same moment.
 */
static void make_call(u32 number, u32 target)
{
	static u64 ranges[17];
	struct flush_call call = {
		.code = calls[number].code,
		.flags = calls[number].flags,
		.vps = vpset_one(target),
		.ranges = ranges,
		.count = calls[number].count,
	};

	for (u32 i = 0; i < call.count; i++) {
		ranges[i] = flush_call_range(
			RECORDS_GVA + (number * 64 + i * 9) * PAGE_SIZE,
			calls[number].extra);
	}
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
	let_vp1_run();
}

static void records(const void *arg)
{
	(void)arg;
	stop = 0;
	turns = 0;
	smp_run(1, spin_job, NULL);
	let_vp1_run();
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++) {
		make_call(i, 0);
		make_call(i, 1);
	}
	stop = 1;
	smp_wait(1);
	print(0);
	print(1);
}

static const struct check checks[] = {
	{"print", "SDM 3C: INVVPID", records, NULL, 2,
	 NEED_HV | NEED_TEST_CALL | NEED_OBSERVE},
};

SUITE("records", 090, checks);
