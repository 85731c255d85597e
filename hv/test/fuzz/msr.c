/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any RDMSR, WRMSR and CPUID of a guest, with any grants. The
 * synthetic MSRs must follow docs/abi.md section 5, a #GP must change nothing,
 * and CPUID must show no hidden bit.
 */
#include "core/apic/interrupts.h"
#include "core/emulate/msr.h"
#include "core/paging/ept.h"

#include <string.h>

#include "core/console/first_use.h"
#include "core/console/log.h"
#include "core/emulate/cpuid.h"
#include "core/paging/overlay.h"
#include "fuzz/fuzz.h"
#include "support/fake_partition.h"
#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "x86/msr.h"

#define STEPS_MAX 64
#define STRIDE    7
#define ENABLE    0x1ull
#define LOCK      0x2ull
#define PFN       (~0xfffull)
#define TSC_HZ    1000000000ull

/* SDM 3A, "x2APIC Interrupt Command Register": 13, 17:16, 31:20, and status */
#define ICR_RESERVED 0xfff33000ull

static struct partition *p;
static struct vp *vp;
static struct fuzz_bytes bytes;

/* The model of the MSRs: what has been written, and what is granted */
static u64 os_id;
static u64 page_msr;
static u64 invariant;
static u64 assist;
static u64 mask;
static u32 features;
static bool is_shared; /* one of the CPUs */

static u64 below(u64 limit)
{
	return fuzz_below(&bytes, limit);
}

static bool has(u64 privilege, u32 feature)
{
	return (mask & privilege) == privilege &&
	       (features & feature) == feature;
}

static void start(void)
{
	fake_reset();
	log_flush();
	p = fake_partition(3, STRIDE);
	vp = p->vps[below(3)];
	first_use_reset(p);
	FUZZ_EXPECT(overlay_init());
	FUZZ_EXPECT(ept_build(&p->ept, p->memory, p->memory_len) == ERR_OK);
	for (u32 i = 0; i < 3; i++) {
		vapic_reset(&p->vps[i]->own.vapic, i, i == 0);
	}
	os_id = 0;
	page_msr = 0;
	invariant = 0;
	assist = 0;
	mask = fake_config(p)->privileges.mask;
	features = fake_config(p)->privileges.features;
	if (below(2)) {
		mask &= below(0);
		features &= (u32)below(1ull << 32);
	}
	fake_config(p)->privileges.mask = mask;
	fake_config(p)->privileges.features = features;
	is_shared = below(2) != 0;
	p->vps[below(3)]->cpu->has_several = is_shared;
}

/* ---- a second implementation of the synthetic MSRs ---- */

static bool model_read(u32 msr, u64 *value)
{
	bool frequency =
		has(HV_PRIV_ACCESS_FREQUENCY_REGS, HV_FEATURE_FREQUENCY_MSRS);

	switch (msr) {
	case HV_X64_MSR_GUEST_OS_ID:
		*value = os_id;
		return has(HV_PRIV_ACCESS_HYPERCALL_MSRS, 0);
	case HV_X64_MSR_HYPERCALL:
		*value = page_msr;
		return has(HV_PRIV_ACCESS_HYPERCALL_MSRS, 0);
	case HV_X64_MSR_VP_INDEX:
		*value = vp->number * STRIDE;
		return has(HV_PRIV_ACCESS_VP_INDEX, 0);
	case HV_X64_MSR_TIME_REF_COUNT:
		*value = fake.tsc / (TSC_HZ / 10000000);
		return has(HV_PRIV_ACCESS_REFERENCE_COUNTER, 0);
	case HV_X64_MSR_TSC_FREQUENCY:
		*value = TSC_HZ;
		return frequency;
	case HV_X64_MSR_APIC_FREQUENCY:
		*value = machine.apic_hz;
		return frequency;
	case HV_X64_MSR_ICR:
	case HV_X64_MSR_TPR:
		/* as the x2APIC's register, which `vapic` tests */
		return msr_read(vp,
				msr == HV_X64_MSR_ICR ? MSR_IA32_X2APIC_ICR
						      : MSR_IA32_X2APIC_TPR,
				value) == MSR_OK &&
		       has(HV_PRIV_ACCESS_INTR_CTRL_REGS, 0);
	case HV_X64_MSR_VP_ASSIST_PAGE:
		*value = assist;
		return has(HV_PRIV_ACCESS_INTR_CTRL_REGS, 0);
	case HV_X64_MSR_TSC_INVARIANT_CONTROL:
		*value = invariant;
		return has(HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL, 0);
	default:
		return false;
	}
}

static bool model_page(u64 value)
{
	if ((page_msr & LOCK) != 0 && has(0, HV_FEATURE_HYPERCALL_LOCK)) {
		return false;
	}
	if (os_id == 0) {
		page_msr = value & ~ENABLE;
		return true;
	}
	if ((value & ENABLE) != 0 && (value & PFN) >= FAKE_RAM) {
		return false;
	}
	page_msr = value;
	return true;
}

static bool model_write(u32 msr, u64 value)
{
	switch (msr) {
	case HV_X64_MSR_GUEST_OS_ID:
		if (!has(HV_PRIV_ACCESS_HYPERCALL_MSRS, 0)) {
			return false;
		}
		os_id = value;
		page_msr &= value == 0 ? ~ENABLE : ~0ull;
		return true;
	case HV_X64_MSR_HYPERCALL:
		return has(HV_PRIV_ACCESS_HYPERCALL_MSRS, 0) &&
		       model_page(value);
	case HV_X64_MSR_TSC_INVARIANT_CONTROL:
		if (!has(HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL, 0) ||
		    value > 1) {
			return false;
		}
		invariant = value;
		return true;
	case HV_X64_MSR_EOI:
		return has(HV_PRIV_ACCESS_INTR_CTRL_REGS, 0) &&
		       value <= 0xffffffff;
	case HV_X64_MSR_ICR:
		return has(HV_PRIV_ACCESS_INTR_CTRL_REGS, 0) &&
		       (value & ICR_RESERVED) == 0;
	case HV_X64_MSR_TPR:
		return has(HV_PRIV_ACCESS_INTR_CTRL_REGS, 0) && value <= 0xff;
	case HV_X64_MSR_VP_ASSIST_PAGE:
		if (!has(HV_PRIV_ACCESS_INTR_CTRL_REGS, 0) ||
		    ((value & ENABLE) != 0 && (value & PFN) >= FAKE_RAM)) {
			return false;
		}
		assist = value;
		return true;
	default:
		return false;
	}
}

static u32 any_msr(void)
{
	static const u32 synthetic[] = {
		HV_X64_MSR_GUEST_OS_ID,
		HV_X64_MSR_HYPERCALL,
		HV_X64_MSR_VP_INDEX,
		HV_X64_MSR_TIME_REF_COUNT,
		HV_X64_MSR_TSC_FREQUENCY,
		HV_X64_MSR_APIC_FREQUENCY,
		HV_X64_MSR_VP_ASSIST_PAGE,
		HV_X64_MSR_TSC_INVARIANT_CONTROL,
		HV_X64_MSR_EOI,
		HV_X64_MSR_ICR,
		HV_X64_MSR_TPR,
	};

	switch (below(6)) {
	case 0:
		return 0x40000000 + (u32)below(0x200);
	case 1:
		return (u32)below(0x200);
	case 2:
		return 0x800 + (u32)below(0x40);
	case 3:
		return (u32)below(0x100000000);
	default:
		return synthetic[below(ARRAY_SIZE(synthetic))];
	}
}

/* A page in RAM, one at its end, or any value. The low bits enable and lock. */
static u64 any_value(void)
{
	switch (below(4)) {
	case 0:
		return below(0);
	case 1:
		return (FAKE_RAM - PAGE_SIZE + PAGE_SIZE * below(3)) | below(4);
	default:
		return below(FAKE_RAM) | below(4);
	}
}

static bool is_synthetic(u32 msr)
{
	return msr >> 28 == 4;
}

static void read_any(void)
{
	u32 msr = any_msr();
	u64 value = 0x5a5a;
	u64 want = 0;
	enum msr_result result = msr_read(vp, msr, &value);

	FUZZ_EXPECT(result == MSR_OK || (result == MSR_GP && value == 0x5a5a));
	if (is_synthetic(msr)) {
		FUZZ_EXPECT_EQ(result == MSR_OK, model_read(msr, &want));
		FUZZ_EXPECT(result != MSR_OK || value == want);
	}
	/*
	 * an MSR that passes causes no exit, so that the emulation does not
	 * know it
	 */
	FUZZ_EXPECT(result != MSR_OK || !msr_passes(msr, false));
}

static void write_any(void)
{
	u32 msr = any_msr();
	u64 value = any_value();
	enum msr_result result = msr_write(vp, msr, value);
	u64 kept = 0;

	FUZZ_EXPECT(result == MSR_OK || result == MSR_GP);
	if (is_synthetic(msr)) {
		FUZZ_EXPECT_EQ(result == MSR_OK, model_write(msr, value));
		FUZZ_EXPECT_EQ(p->guest_os_id, os_id);
		if (has(HV_PRIV_ACCESS_HYPERCALL_MSRS, 0)) {
			FUZZ_EXPECT(msr_read(vp, HV_X64_MSR_HYPERCALL, &kept) ==
				    MSR_OK);
			FUZZ_EXPECT_EQ(kept, page_msr);
		}
		FUZZ_EXPECT_EQ(ept_is_split(&p->ept), page_msr & ENABLE);
	}
	for (u32 i = 0; i < 3; i++) {
		p->vps[i]->shared.events = 0;
	}
}

/* ---- CPUID ---- */

/* Bits that a guest never sees, whatever the CPU has: docs/abi.md section 4 */
static void check_hidden(u32 leaf, u32 subleaf, const u32 *out)
{
	static const struct {
		u32 leaf;
		u32 reg;
		u32 bits;
	} hidden[] = {
		/* MONITOR VMX SMX PCID XSAVE OSXSAVE AVX F16C */
		{1, CPUID_ECX, 0x3c020068},
		/* MCE MTRR MCA */
		{1, CPUID_EDX, 0x00005080},
		/* TSC_ADJUST, SGX, AVX2, INVPCID, MPX, AVX512F, PT */
		{7, CPUID_EBX, 0x02014426},
		/* PKU OSPKE CET LA57 */
		{7, CPUID_ECX, 0x00010098},
		/* IBT and the speculation controls */
		{7, CPUID_EDX, 0xfc100000},
		/* 1 GiB pages */
		{0x80000001, CPUID_EDX, 0x04000000},
	};

	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		if (hidden[i].leaf == leaf && subleaf == 0) {
			FUZZ_EXPECT_EQ(out[hidden[i].reg] & hidden[i].bits, 0);
		}
	}
}

static void cpuid_any(void)
{
	static const u32 starts[] = {0, 0x40000000, 0x80000000, 0xc0000000};
	u32 leaf = below(8) ? starts[below(4)] + (u32)below(0x24)
			    : (u32)below(0x100000000);
	u32 subleaf = (u32)below(4);
	u32 out[4];
	u32 other[4];

	fake.cpuid_count = 0;
	for (u32 i = 0; i < 0x20; i++) {
		fake_cpuid_set(i, subleaf, (u32)below(1ull << 32), ~0u, ~0u,
			       ~0u);
	}
	fake_cpuid_set(0x80000000, 0, ~0u, ~0u, ~0u, ~0u);
	fake_cpuid_set(0x80000001, 0, ~0u, ~0u, ~0u, ~0u);
	memset(out, 0xa5, sizeof(out));
	cpuid_emulate(vp, leaf, subleaf, out);
	check_hidden(leaf, subleaf, out);
	if (leaf >> 28 == 4) {
		cpuid_emulate(p->vps[0], leaf, subleaf, other);
		FUZZ_EXPECT(memcmp(out, other, sizeof(out)) == 0);
	}
	if (leaf == HV_CPUID_RECOMMENDATIONS) {
		/* call 0x0008: where it does something */
		FUZZ_EXPECT_EQ(out[CPUID_EBX] != ~0u,
			       is_shared &&
				       has(HV_PRIV_ACCESS_HYPERCALL_MSRS, 0));
	}
	if (leaf == HV_CPUID_FEATURES) {
		/* nothing that is not granted */
		FUZZ_EXPECT_EQ(out[CPUID_EAX] & ~(u32)mask, 0);
		FUZZ_EXPECT_EQ(out[CPUID_EBX] & ~(u32)(mask >> 32), 0);
		FUZZ_EXPECT_EQ(out[CPUID_EDX] & ~features, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	bytes = (struct fuzz_bytes){data, len};
	start();
	for (u32 i = 0; i < STEPS_MAX && bytes.len > 0; i++) {
		fake.tsc += below(1000000);
		switch (below(4)) {
		case 0:
			cpuid_any();
			break;
		case 1:
			read_any();
			break;
		default:
			write_any();
			break;
		}
	}
	return 0;
}
