/* SPDX-License-Identifier: MIT */
/*
 * The beginning of a partition's life, and an end that leaves as much behind as
 * it can. The key `restarts` of the partition runs it again and again: each
 * life looks for what the one before has left, in its memory, in its VPs and in
 * the hypervisor; a partition beside it looks for what this one has left in the
 * CPUs.
 */
#include "call/counters.h"
#include "call/flush.h"
#include "call/registers.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/layout.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "suites/life/registers.h"
#include "tlfs/msr.h"
#include "x86/msr.h"

#define LEFT         0x4c4546544c454654ull
#define DATA         0x1234567887654321ull
#define START_PAGE   0x9f000ull
#define LOW_END      0xa0000ull
#define LEFT_VECTOR  0x57
#define TIME_UNITS   10000000ull /* of TIME_REF_COUNT in a second */
#define SECONDS_MAX  20          /* from the start to the first check */
#define INHIBITED_VP 1
#define SUSPENDED_VP 2

static u64 in_data = DATA;
static u64 in_bss[PAGE_SIZE / sizeof(u64)];

/* ---- memory ---- */

/* The first address in [from, to) with a word that is not 0; `to`: none. */
static u64 not_zero(u64 from, u64 to)
{
	u64 count = (to - from) / sizeof(u64);
	bool same;

	if (from >= to) {
		return to;
	}
	__asm__ volatile("repe scasq"
			 : "+D"(from), "+c"(count), "=@ccz"(same)
			 : "a"(0ull)
			 : "memory");
	return same ? to : from - sizeof(u64);
}

static void fill(u64 from, u64 to)
{
	u64 count = (to - from) / sizeof(u64);

	if (from < to) {
		__asm__ volatile("rep stosq"
				 : "+D"(from), "+c"(count)
				 : "a"(LEFT)
				 : "memory");
	}
}

/* All RAM that this kernel has not used yet. */
static void ram(const void *arg)
{
	u64 free = page_gpa(page_alloc(PAGE_SIZE)) + PAGE_SIZE;
	u64 end = page_memory_end();

	(void)arg;
	tap_equal("RAM above the kernel", not_zero(free, end), end);
	tap_equal("the first pages", not_zero(0, REAL_PAGE), REAL_PAGE);
	tap_equal("RAM below the start page",
		  not_zero(AP_PAGE + PAGE_SIZE, START_PAGE), START_PAGE);
	tap_equal("the kernel's zeroes",
		  not_zero((u64)in_bss, (u64)in_bss + sizeof(in_bss)),
		  (u64)in_bss + sizeof(in_bss));
	tap_equal("the kernel's data", *(volatile u64 *)&in_data, DATA);
}

/* ---- registers ---- */

static void look_job(void *arg)
{
	(void)arg;
	life_registers_look();
}

static void registers(const void *arg)
{
	(void)arg;
	look_job(NULL);
	smp_run_range(1, smp_count() - 1, look_job, NULL);
	smp_wait_range(1, smp_count() - 1);
}

/* ---- what the hypervisor keeps ---- */

static void msrs(const void *arg)
{
	(void)arg;
	tap_equal("HYPERCALL", cpu_rdmsr(HV_X64_MSR_HYPERCALL), 0);
	tap_at_most("TIME_REF_COUNT", cpu_rdmsr(HV_X64_MSR_TIME_REF_COUNT),
		    SECONDS_MAX * TIME_UNITS);
	for (u32 i = 0; i < 8; i++) {
		tap_equal("IRR", apic_read(APIC_IRR + i), 0);
		tap_equal("ISR", apic_read(APIC_ISR + i), 0);
	}
}

static void inhibits(const void *arg)
{
	(void)arg;
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal("InterceptSuspend", registers_get(n), 0);
	}
}

/* The start makes a VP drain flushes of everything: INIT, and paging. */
#define FLUSHES_BY_START 3

static void counters(const void *arg)
{
	struct lethe_test_output *out = page_alloc(PAGE_SIZE);

	(void)arg;
	for (u32 n = 1; n < smp_count(); n++) {
		test_call_read(n, out);
		tap_at_most("flushes", out->flushes_done, FLUSHES_BY_START);
		tap_equal("evictions", out->shadow_evictions, 0);
	}
}

/* ---- what is left behind ---- */

static void fill_job(void *arg)
{
	(void)arg;
	life_registers_fill();
}

static volatile u32 deaf;

/* With IF = 0 what arrives stays pending. */
static void deaf_job(void *arg)
{
	(void)arg;
	cpu_cli();
	life_registers_fill();
	apic_write(APIC_DIVIDE, APIC_DIVIDE_BY_1);
	apic_write(APIC_TIMER, APIC_TIMER_PERIODIC | LEFT_VECTOR);
	apic_write(APIC_INIT, 100);
	deaf = 1;
	for (;;) {
		cpu_pause();
	}
}

static void suspended_job(void *arg)
{
	struct vpset target = vpset_one(INHIBITED_VP);
	static u64 range;
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		.vps = target,
		.ranges = &range,
		.count = 1,
	};

	(void)arg;
	life_registers_fill();
	range = flush_call_range(page_window(0), 0);
	(void)flush_call_do(&call);
	tap_true("the suspended call returned", false);
}

static void leave_inhibit(void)
{
	if (smp_count() > SUSPENDED_VP && host_get()->has_vp_registers) {
		registers_inhibit(INHIBITED_VP);
		smp_run(SUSPENDED_VP, suspended_job, NULL);
		wait_until(registers_is_suspended(SUSPENDED_VP));
	}
}

/* The last check: the run ends with it, and the registers stay as they are. */
static void mess(const void *arg)
{
	u64 free = page_gpa(page_alloc(PAGE_SIZE)) + PAGE_SIZE;
	u64 page = (page_memory_end() - 1) & PAGE_MASK;

	(void)arg;
	for (u32 n = SUSPENDED_VP + 1; n < smp_count(); n++) {
		smp_run(n, fill_job, NULL);
		smp_wait(n);
	}
	if (smp_count() > 1) {
		smp_run(1, deaf_job, NULL);
		wait_until(deaf == 1);
		apic_send(1, APIC_ICR_ASSERT | LEFT_VECTOR);
		apic_send(1, APIC_ICR_ASSERT | (LEFT_VECTOR + 0x60));
	}
	leave_inhibit();
	fill(free, page_memory_end());
	fill(0, REAL_PAGE);
	fill(AP_PAGE + PAGE_SIZE, LOW_END);
	fill((u64)in_bss, (u64)in_bss + sizeof(in_bss));
	in_data = LEFT;
	cpu_wrmsr(HV_X64_MSR_HYPERCALL, page | HV_HYPERCALL_MSR_ENABLE);
	tap_equal("hypercall page", *(volatile u32 *)page, 0xc3c1010f);
	life_registers_fill();
}

#define HEADING "SDM 3A: Processor State After Reset"
#define HYPERV  "TLFS: Virtual Processors"

/* clang-format off */
static const struct check checks[] = {
	{"ram", HEADING, ram, NULL, 1, NEED_HV},
	{"registers", HEADING, registers, NULL, 1, NEED_HV},
	{"msrs", HYPERV, msrs, NULL, 1, NEED_HV | NEED_X2APIC},
	{"inhibits", HYPERV, inhibits, NULL, 1, NEED_HV | NEED_REGISTERS},
	{"counters", HYPERV, counters, NULL, 1, NEED_HV | NEED_TEST_CALL},
	{"mess", HYPERV, mess, NULL, 1, NEED_HV | NEED_LETHE},
};
/* clang-format on */

SUITE("life", 430, checks);
