/* SPDX-License-Identifier: MIT */
/*
 * A guest's MSRs: those of the platform, the synthetic ones, and those that
 * cause no exit. hypercall_page_test.c tests the hypercall page.
 */
#include "core/apic/interrupts.h"
#include "core/emulate/msr.h"

#include "core/console/first_use.h"
#include "core/console/log.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "x86/msr.h"

#define UNSET 0x5a5a5a5a5a5a5a5aull

static struct partition *p;
static struct vp *vp;

static void start(void)
{
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
	fake.tsc = 5000;
	p = fake_partition(3, 70);
	vp = p->vps[1];
	for (u32 i = 0; i < 3; i++) {
		vapic_reset(&p->vps[i]->own.vapic, i, i == 0);
	}
	fake_config(p)->first_use = CONFIG_FIRST_USE_LIST;
	first_use_reset(p);
}

static void read_is(u32 msr, u64 want)
{
	u64 value = UNSET;

	CHECK_EQ(msr_read(vp, msr, &value), MSR_OK);
	CHECK_EQ(value, want);
}

static void read_faults(u32 msr)
{
	u64 value = UNSET;

	CHECK_EQ((u64)msr << 8 | (u64)msr_read(vp, msr, &value),
		 (u64)msr << 8 | MSR_GP);
	CHECK_EQ(value, UNSET);
}

static void write_is(u32 msr, u64 value, enum msr_result want)
{
	CHECK_EQ((u64)msr << 8 | (u64)msr_write(vp, msr, value),
		 (u64)msr << 8 | (u64)want);
}

static void t_constant_msrs_ignore_writes(void)
{
	start();
	write_is(MSR_IA32_MISC_ENABLE, ~0ull, MSR_OK);
	write_is(MSR_IA32_BIOS_SIGN_ID, 0, MSR_OK);
	read_is(MSR_IA32_MISC_ENABLE, 1);
	read_is(MSR_IA32_BIOS_SIGN_ID, 0x100000000);
}

static void t_unknown_msrs_fault_and_are_reported_once(void)
{
	static const u32 msrs[] = {0x0, 0x34, 0x3a, 0xfe, 0x2ff, 0xc0011029};

	start();
	for (u32 round = 0; round < 2; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
			read_faults(msrs[i]);
		}
		write_is(MSR_IA32_TIME_STAMP_COUNTER, 0, MSR_GP);
		write_is(0x40000080, 1, MSR_GP);
	}
	log_flush();
	CHECK_STR(fake.uart,
		  "[0] guest0: first use kind=msr-read key=0x0\n"
		  "[0] guest0: first use kind=msr-read key=0x34\n"
		  "[0] guest0: first use kind=msr-read key=0x3a\n"
		  "[0] guest0: first use kind=msr-read key=0xfe\n"
		  "[0] guest0: first use kind=msr-read key=0x2ff\n"
		  "[0] guest0: first use kind=msr-read key=0xc0011029\n"
		  "[0] guest0: first use kind=msr-write key=0x10\n"
		  "[0] guest0: first use kind=msr-write key=0x40000080\n");
}

static void t_apic_msrs_reach_the_vapic(void)
{
	start();
	read_is(MSR_IA32_APIC_BASE, 0xfee00c00);
	read_is(MSR_IA32_X2APIC_APICID, 1);
	write_is(MSR_IA32_X2APIC_TPR, 0x20, MSR_OK);
	read_is(MSR_IA32_X2APIC_TPR, 0x20);
	write_is(MSR_IA32_X2APIC_TPR, 0x100, MSR_GP);
	read_faults(MSR_IA32_X2APIC_EOI);
	write_is(MSR_IA32_X2APIC_APICID, 7, MSR_GP);
	read_is(MSR_IA32_TSC_DEADLINE, 0);
	log_flush();
	CHECK_STR(fake.uart, "");
}

static void t_apic_time_is_the_tsc(void)
{
	start();
	write_is(MSR_IA32_X2APIC_SIVR, 0x1ff, MSR_OK);
	write_is(MSR_IA32_X2APIC_LVT_TIMER, 2u << 17 | 0x40, MSR_OK);
	write_is(MSR_IA32_TSC_DEADLINE, 6000, MSR_OK);
	read_is(MSR_IA32_TSC_DEADLINE, 6000);
	fake.tsc = 6000;
	read_is(MSR_IA32_TSC_DEADLINE, 0);
}

static void t_icr_write_sends_the_ipi(void)
{
	start();
	vp = p->vps[2];
	write_is(MSR_IA32_X2APIC_SIVR, 0x1ff, MSR_OK);
	vp = p->vps[1];
	fake_enter(p->vps[2]);
	write_is(MSR_IA32_X2APIC_ICR, 2ull << 32 | 0x4042, MSR_OK);
	CHECK_EQ(p->vps[2]->shared.posted_irr[1], BIT(2));
	CHECK(p->vps[2]->shared.events & VP_EVENT_IRQ);
	CHECK_EQ(p->vps[0]->shared.events, 0);
	CHECK_EQ(fake.kick_count, 1);
	CHECK_EQ(fake.kicks[0], 2);
}

static void t_synthetic_reads(void)
{
	start();
	read_is(HV_X64_MSR_GUEST_OS_ID, 0);
	read_is(HV_X64_MSR_HYPERCALL, 0);
	read_is(HV_X64_MSR_VP_INDEX, 70);
	read_is(HV_X64_MSR_TSC_FREQUENCY, FAKE_TSC_HZ);
	read_is(HV_X64_MSR_APIC_FREQUENCY, FAKE_APIC_HZ);
	read_is(HV_X64_MSR_TSC_INVARIANT_CONTROL, 0);
	vp = p->vps[2];
	read_is(HV_X64_MSR_VP_INDEX, 140);
}

static void t_read_only_msrs_refuse_writes(void)
{
	static const u32 msrs[] = {
		HV_X64_MSR_VP_INDEX,
		HV_X64_MSR_TIME_REF_COUNT,
		HV_X64_MSR_TSC_FREQUENCY,
		HV_X64_MSR_APIC_FREQUENCY,
	};

	start();
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		write_is(msrs[i], 0, MSR_GP);
	}
}

static void t_other_synthetic_msrs_fault(void)
{
	static const u32 msrs[] = {
		0x40000003, 0x40000010, 0x40000021, 0x40000040, 0x4000006f,
		0x40000074, 0x40000080, 0x40000084, 0x40000090, 0x400000b0,
		0x400000f0, 0x40000100, 0x40000105, 0x40000106, 0x40000117,
		0x40000119, 0x400001ff, 0x4fffffff,
	};

	start();
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		read_faults(msrs[i]);
		write_is(msrs[i], 0, MSR_GP);
	}
}

static void t_access_without_privilege_faults(void)
{
	static const struct {
		u32 msr;
		u32 features;
		u64 privilege;
	} rows[] = {
		{HV_X64_MSR_GUEST_OS_ID, 0, HV_PRIV_ACCESS_HYPERCALL_MSRS},
		{HV_X64_MSR_HYPERCALL, 0, HV_PRIV_ACCESS_HYPERCALL_MSRS},
		{HV_X64_MSR_VP_INDEX, 0, HV_PRIV_ACCESS_VP_INDEX},
		{HV_X64_MSR_TIME_REF_COUNT, 0,
		 HV_PRIV_ACCESS_REFERENCE_COUNTER},
		{HV_X64_MSR_TSC_FREQUENCY, 0, HV_PRIV_ACCESS_FREQUENCY_REGS},
		{HV_X64_MSR_APIC_FREQUENCY, 0, HV_PRIV_ACCESS_FREQUENCY_REGS},
		{HV_X64_MSR_TSC_FREQUENCY, HV_FEATURE_FREQUENCY_MSRS, 0},
		{HV_X64_MSR_APIC_FREQUENCY, HV_FEATURE_FREQUENCY_MSRS, 0},
		{HV_X64_MSR_TSC_INVARIANT_CONTROL, 0,
		 HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_reset();
		start();
		fake_config(p)->privileges.mask &= ~rows[i].privilege;
		fake_config(p)->privileges.features &= ~rows[i].features;
		read_faults(rows[i].msr);
		write_is(rows[i].msr, 0, MSR_GP);
		/* the other MSRs are still granted */
		fake_config(p)->privileges.mask = rows[i].privilege;
		fake_config(p)->privileges.features = HV_FEATURE_FREQUENCY_MSRS;
		if (rows[i].privilege != 0) {
			u64 value;

			CHECK_EQ(msr_read(vp, rows[i].msr, &value), MSR_OK);
		}
	}
}

static void t_reference_count_is_exact(void)
{
	static const struct {
		u64 hz;
		u64 ticks;
		u64 count;
	} rows[] = {
		{1000000000, 0, 0},
		{1000000000, 99, 0},
		{1000000000, 100, 1},
		{1000000000, 1000000000, 10000000},
		{1000000000, 1999999999, 19999999},
		{2893202000, 2893202000ull * 86400 * 365,
		 10000000ull * 86400 * 365},
		{2893202000, 2893201999, 9999999},
		{3, 1, 3333333},
		{3, 2, 6666666},
		{5000000, 7, 14},
		/* the largest product that fits, near the end of the TSC */
		{1800000000000, 0xfffffffffffff000, 102481911520608},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_reset();
		start();
		machine.tsc_hz = rows[i].hz;
		p->start_tsc = 0xfff;
		fake.tsc = 0xfff + rows[i].ticks;
		read_is(HV_X64_MSR_TIME_REF_COUNT, rows[i].count);
	}
}

static void t_invariant_control_has_one_bit(void)
{
	start();
	write_is(HV_X64_MSR_TSC_INVARIANT_CONTROL, 2, MSR_GP);
	write_is(HV_X64_MSR_TSC_INVARIANT_CONTROL, 1ull << 63 | 1, MSR_GP);
	read_is(HV_X64_MSR_TSC_INVARIANT_CONTROL, 0);
	write_is(HV_X64_MSR_TSC_INVARIANT_CONTROL, 1, MSR_OK);
	read_is(HV_X64_MSR_TSC_INVARIANT_CONTROL, 1);
}

static void t_bitmap_passes_the_vps_own_registers(void)
{
	static const struct {
		u32 first;
		u32 last;
		bool read;
		bool write;
	} rows[] = {
		{0x0, 0xf, false, false},
		{0x10, 0x10, true, false},
		{0x11, 0x173, false, false},
		{0x174, 0x176, true, true},
		{0x177, 0x276, false, false},
		{0x277, 0x277, true, true},
		{0x278, 0x1fff, false, false},
		{0x40000000, 0x40000200, false, false},
		{0xc0000000, 0xc000007f, false, false},
		{0xc0000080, 0xc0000084, true, true},
		{0xc0000085, 0xc00000ff, false, false},
		{0xc0000100, 0xc0000103, true, true},
		{0xc0000104, 0xc0001fff, false, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (u32 msr = rows[i].first; msr <= rows[i].last; msr++) {
			CHECK_EQ((u64)msr << 1 | msr_passes(msr, false),
				 (u64)msr << 1 | rows[i].read);
			CHECK_EQ((u64)msr << 1 | msr_passes(msr, true),
				 (u64)msr << 1 | rows[i].write);
		}
	}
}

#define T(name)                                                                \
	{                                                                      \
#name, t_##name                                                \
	}

static const struct test tests[] = {
	T(constant_msrs_ignore_writes),
	T(unknown_msrs_fault_and_are_reported_once),
	T(apic_msrs_reach_the_vapic),
	T(apic_time_is_the_tsc),
	T(icr_write_sends_the_ipi),
	T(synthetic_reads),
	T(read_only_msrs_refuse_writes),
	T(other_synthetic_msrs_fault),
	T(access_without_privilege_faults),
	T(reference_count_is_exact),
	T(invariant_control_has_one_bit),
	T(bitmap_passes_the_vps_own_registers),
};

const struct suite suite_msr = SUITE("msr", tests);
