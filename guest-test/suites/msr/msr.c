/* SPDX-License-Identifier: MIT */
/* The synthetic MSRs: TLFS, appendix C "Architectural MSRs". */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "suites/msr/msr_suite.h"

#include "tlfs/cpuid.h"
#include "tlfs/msr.h"

#define RATE_TICKS 2000000
#define UNIT_HZ    10000000 /* TIME_REF_COUNT counts 100 ns */

static bool is_granted(u64 privilege)
{
	return (host_get()->privileges & privilege) != 0;
}

static void os_id_job(void *arg)
{
	u64 *value = arg;

	*value = cpu_rdmsr(HV_X64_MSR_GUEST_OS_ID);
}

static void os_id(const void *arg)
{
	static u64 seen;
	u64 value = 0x0001040a00002800;

	(void)arg;
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, value);
	tap_equal("reads back", cpu_rdmsr(HV_X64_MSR_GUEST_OS_ID), value);
	if (smp_count() > 1) {
		smp_run(1, os_id_job, &seen);
		smp_wait(1);
		tap_equal("one for all VPs", seen, value);
	}
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, HOST_OS_ID);
}

static void read_only(const void *arg)
{
	static const struct {
		u32 msr;
		u64 privilege;
	} regs[] = {
		{HV_X64_MSR_VP_INDEX, HV_PRIV_ACCESS_VP_INDEX},
		{HV_X64_MSR_TIME_REF_COUNT, HV_PRIV_ACCESS_REFERENCE_COUNTER},
		{HV_X64_MSR_TSC_FREQUENCY, HV_PRIV_ACCESS_FREQUENCY_REGS},
		{HV_X64_MSR_APIC_FREQUENCY, HV_PRIV_ACCESS_FREQUENCY_REGS},
	};

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		u64 value;

		tap_equal("read", trap_rdmsr(regs[i].msr, &value),
			  is_granted(regs[i].privilege) ? TRAP_NONE : TRAP_GP);
		tap_equal("write", trap_wrmsr(regs[i].msr, 0), TRAP_GP);
	}
}

static void ref_count(const void *arg)
{
	u64 last = 0;

	(void)arg;
	if (!is_granted(HV_PRIV_ACCESS_REFERENCE_COUNTER)) {
		tap_skip("not granted");
		return;
	}
	for (u32 i = 0; i < 200; i++) {
		u64 now = cpu_rdmsr(HV_X64_MSR_TIME_REF_COUNT);

		if (!tap_at_least("monotonic", now, last)) {
			return;
		}
		last = now;
	}
}

static void ref_rate(const void *arg)
{
	u64 hz;
	u64 ticks;
	u64 units;
	u64 expected;

	(void)arg;
	if (!is_granted(HV_PRIV_ACCESS_REFERENCE_COUNTER) ||
	    !is_granted(HV_PRIV_ACCESS_FREQUENCY_REGS)) {
		tap_skip("not granted");
		return;
	}
	hz = cpu_rdmsr(HV_X64_MSR_TSC_FREQUENCY);
	if (!tap_at_least("TSC frequency", hz, 1000000)) {
		return;
	}
	units = cpu_rdmsr(HV_X64_MSR_TIME_REF_COUNT);
	ticks = cpu_rdtsc();
	while (cpu_rdtsc() - ticks < RATE_TICKS) {
		cpu_pause();
	}
	units = cpu_rdmsr(HV_X64_MSR_TIME_REF_COUNT) - units;
	ticks = cpu_rdtsc() - ticks;
	expected = ticks * UNIT_HZ / hz;
	tap_at_least("not slower than TSC", units, expected - expected / 50);
	tap_at_most("not faster than TSC", units, expected + expected / 50 + 2);
}

/* The MSRs of a privilege (leaf 3 EAX) or feature (EDX): TLFS, same page. */
struct granted_msrs {
	u32 first;
	u32 last;
	u64 privilege; /* 0, and feature 0: always there */
	u32 feature;
};

/* clang-format off */
static const struct granted_msrs granted[] = {
	{HV_X64_MSR_GUEST_OS_ID, HV_X64_MSR_VP_INDEX, 0, 0},
	{0x40000003, 0x40000003, BIT(7), 0},                 /* RESET */
	{0x40000010, 0x40000010, BIT(0), 0},                 /* VP_RUNTIME */
	{HV_X64_MSR_TIME_REF_COUNT, HV_X64_MSR_TIME_REF_COUNT,
	 HV_PRIV_ACCESS_REFERENCE_COUNTER, 0},
	{0x40000021, 0x40000021, BIT(9), 0},                 /* REFERENCE_TSC */
	{HV_X64_MSR_TSC_FREQUENCY, HV_X64_MSR_APIC_FREQUENCY,
	 HV_PRIV_ACCESS_FREQUENCY_REGS, 0},
	{HV_X64_MSR_EOI, HV_X64_MSR_VP_ASSIST_PAGE,
	 HV_PRIV_ACCESS_INTR_CTRL_REGS, 0},
	{0x40000080, 0x40000084, BIT(2), 0},                 /* SynIC */
	{0x40000090, 0x4000009f, BIT(2), 0},
	{0x400000b0, 0x400000b7, BIT(3), 0},                 /* its timers */
	{0x400000e0, 0x400000e7, BIT(8), 0},                 /* statistics */
	{0x400000f0, 0x400000f0, BIT(10), 0},                /* GUEST_IDLE */
	{0x400000f1, 0x400000f5, 0, BIT(11)},                /* debugger */
	{0x400000ff, 0x400000ff, 0, BIT(11)},                /* its options */
	{0x40000100, 0x40000105, 0, BIT(10)},                /* crash */
	{0x40000106, 0x40000108, BIT(13), 0},                /* reenlightenment */
	{HV_X64_MSR_TSC_INVARIANT_CONTROL, HV_X64_MSR_TSC_INVARIANT_CONTROL,
	 HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL, 0},
};
/* clang-format on */

static bool is_known(u32 msr)
{
	u32 features = cpu_cpuid(HV_CPUID_FEATURES, 0).edx;

	for (size_t i = 0; i < ARRAY_SIZE(granted); i++) {
		const struct granted_msrs *g = &granted[i];

		if (msr >= g->first && msr <= g->last &&
		    ((g->privilege == 0 && g->feature == 0) ||
		     is_granted(g->privilege) ||
		     (features & g->feature) != 0)) {
			return true;
		}
	}
	return false;
}

static void unknown(const void *arg)
{
	(void)arg;
	for (u32 msr = 0x40000000; msr < 0x40000120; msr++) {
		u64 value;

		if (is_known(msr)) {
			continue;
		}
		if (trap_rdmsr(msr, &value) != TRAP_GP) {
			tap_equal("RDMSR of", msr, ~0ull);
		}
		if (trap_wrmsr(msr, 0) != TRAP_GP) {
			tap_equal("WRMSR to", msr, ~0ull);
		}
	}
}

#define APIC_HEADING "TLFS: EOI MSR, ICR MSR, TPR MSR"
#define PAGE_HEADING "TLFS: Establishing the Hypercall Interface"

/* clang-format off */
static const struct check checks[] = {
	{"os_id", "TLFS: Reporting the Guest OS Identity", os_id, NULL, 1,
	 NEED_HV},
	{"read_only", "TLFS: Architectural MSRs", read_only, NULL, 1, NEED_HV},
	{"time_ref_count", "TLFS: Partition Reference Counter MSR", ref_count,
	 NULL, 1, NEED_HV},
	{"time_ref_rate", "TLFS: Partition Reference Counter MSR", ref_rate,
	 NULL, 1, NEED_HV},
	{"others_gp", "TLFS: Architectural MSRs", unknown, NULL, 1, NEED_HV},
	{"apic_eoi", APIC_HEADING, msr_check_apic_eoi, NULL, 1, NEED_HV},
	{"apic_icr", APIC_HEADING, msr_check_apic_icr, NULL, 1,
	 NEED_HV | NEED_X2APIC},
	{"apic_tpr", APIC_HEADING, msr_check_apic_tpr, NULL, 1, NEED_HV},
	{"apic_reserved", APIC_HEADING, msr_check_apic_reserved, NULL, 1,
	 NEED_HV | NEED_LETHE},
	{"vp_assist", "TLFS: Virtual Processor Assist Page",
	 msr_check_vp_assist, NULL, 1, NEED_HV},
	{"page_works", PAGE_HEADING, msr_check_page_works, NULL, 1, NEED_HV},
	{"page_overlays", PAGE_HEADING, msr_check_page_overlays, NULL, 1,
	 NEED_HV},
	{"page_write_gp", PAGE_HEADING, msr_check_page_write, NULL, 1,
	 NEED_HV},
	{"page_moves", PAGE_HEADING, msr_check_page_moves, NULL, 1, NEED_HV},
	{"page_moves_under_use", PAGE_HEADING, msr_check_page_moves_under_use,
	 NULL, 2, NEED_HV},
	{"page_beyond_ram", PAGE_HEADING, msr_check_page_beyond_ram, NULL, 1,
	 NEED_HV},
	{"page_without_os_id", PAGE_HEADING, msr_check_page_without_os_id,
	 NULL, 1, NEED_HV},
	{"page_os_id_cleared", PAGE_HEADING, msr_check_page_os_id_cleared,
	 NULL, 1, NEED_HV},
	{"lock", PAGE_HEADING, msr_check_lock, NULL, 1, NEED_HV | NEED_LOCK},
};
/* clang-format on */

/* Near the end of the order: the last check locks the HYPERCALL MSR. */
SUITE("msr", 260, checks);
