/* SPDX-License-Identifier: MIT */
/* What a guest finds at its start: memory, VPs, CPUID, MSRs and ports. */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/smp.h"
#include "kernel/start_info.h"
#include "kernel/trap.h"

#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "x86/cpuid.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define SPIN_ATTEMPTS 256 /* docs/abi.md, section 4 */

static void start_info(const void *arg)
{
	const struct start_info *info = start_info_get();

	(void)arg;
	tap_equal("magic", info->magic, START_INFO_MAGIC);
	tap_at_least("version", info->version, 1);
	tap_true("command line", info->cmdline != 0);
	tap_at_least("ranges", start_info_range_count(), 1);
}

static void memory_map(const void *arg)
{
	u64 end = 0;
	u64 expected = cmdline_get()->memory;

	(void)arg;
	for (u32 i = 0; i < start_info_range_count(); i++) {
		const struct start_info_range *r = start_info_range_at(i);

		tap_at_least("ranges ascend", r->addr, end);
		tap_true("range is not empty", r->len != 0);
		end = r->addr + r->len;
	}
	tap_at_least("RAM above 1 MiB", start_info_ram_end(), 8 * MIB);
	if (expected != 0) {
		tap_equal("end of RAM", start_info_ram_end(), expected);
	}
}

static void memory_last_page(const void *arg)
{
	u64 gpa = page_memory_end() - 8;
	u64 before = cpu_read64(gpa);

	(void)arg;
	cpu_write64(gpa, 0x1122334455667788);
	tap_equal("last word of RAM", cpu_read64(gpa), 0x1122334455667788);
	cpu_write64(gpa, before);
}

static void apic_ids_job(void *arg)
{
	u32 n = vp_self()->id;
	u64 index = 0;

	(void)arg;
	tap_equal("APIC ID", apic_read(APIC_ID), apic_is_x2() ? n : n << 24);
	tap_equal("leaf 1 EBX[31:24]", cpu_cpuid(1, 0).ebx >> 24, n & 0xff);
	tap_equal("BSP flag",
		  (cpu_rdmsr(MSR_IA32_APIC_BASE) & APIC_BASE_BSP) != 0, n == 0);
	if (host_get()->is_hyperv) {
		tap_equal("VP_INDEX access",
			  trap_rdmsr(HV_X64_MSR_VP_INDEX, &index), TRAP_NONE);
		tap_equal("VP_INDEX", index, vp_self()->index);
	}
}

static void apic_ids(const void *arg)
{
	(void)arg;
	apic_ids_job(NULL);
	for (u32 n = 1; n < smp_count(); n++) {
		smp_run(n, apic_ids_job, NULL);
		smp_wait(n);
	}
}

static void cpuid_identity(const void *arg)
{
	struct cpuid interface = cpu_cpuid(HV_CPUID_INTERFACE, 0);

	(void)arg;
	tap_true("hypervisor bit", (cpu_cpuid(1, 0).ecx & BIT(31)) != 0);
	tap_equal("interface", interface.eax, HV_INTERFACE_EAX);
	tap_equal("interface rest",
		  interface.ebx | interface.ecx | interface.edx, 0);
}

/* TLFS: for reports only. Another vendor string is no error. */
static void cpuid_vendor(const void *arg)
{
	struct cpuid max = cpu_cpuid(HV_CPUID_MAX, 0);

	(void)arg;
	tap_equal("vendor EBX", max.ebx, HV_VENDOR_EBX);
	tap_equal("vendor ECX", max.ecx, HV_VENDOR_ECX);
	tap_equal("vendor EDX", max.edx, HV_VENDOR_EDX);
}

struct profile {
	const char *name;
	u32 max_leaf;
	u64 mask;
	u32 features;
	u32 hints;
};

/* clang-format off */
static const struct profile profiles[] = {
	{"all", HV_CPUID_NESTED,
	 HV_PRIV_ACCESS_REFERENCE_COUNTER | HV_PRIV_ACCESS_INTR_CTRL_REGS |
		 HV_PRIV_ACCESS_HYPERCALL_MSRS | HV_PRIV_ACCESS_VP_INDEX |
		 HV_PRIV_ACCESS_FREQUENCY_REGS | HV_PRIV_ACCESS_VP_REGISTERS |
		 HV_PRIV_EXTENDED_HYPERCALLS,
	 HV_FEATURE_XMM_INPUT | HV_FEATURE_FREQUENCY_MSRS |
		 HV_FEATURE_EXTENDED_RANGES | HV_FEATURE_XMM_OUTPUT |
		 HV_FEATURE_HYPERCALL_LOCK,
	 HV_HINT_REMOTE_FLUSH | HV_HINT_CLUSTER_IPI | HV_HINT_EX_PROCESSOR_MASKS},
	{"linux", HV_CPUID_HARDWARE,
	 HV_PRIV_ACCESS_INTR_CTRL_REGS | HV_PRIV_ACCESS_HYPERCALL_MSRS |
		 HV_PRIV_ACCESS_VP_INDEX | HV_PRIV_ACCESS_FREQUENCY_REGS |
		 HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL,
	 HV_FEATURE_FREQUENCY_MSRS,
	 HV_HINT_REMOTE_FLUSH | HV_HINT_EX_PROCESSOR_MASKS},
};
/* clang-format on */

/* Call 0x0008 helps where VPs share a CPU, also with those of others. */
static void compare_spin(const struct profile *p, u32 attempts)
{
	if (smp_count() > smp_cpus() &&
	    (p->mask & HV_PRIV_ACCESS_HYPERCALL_MSRS)) {
		tap_equal("leaf 4 EBX: attempts", attempts, SPIN_ATTEMPTS);
	} else if (!cmdline_get()->overcommit) {
		tap_equal("leaf 4 EBX: never notify", attempts, 0xffffffff);
	}
}

static void compare_profile(const struct profile *p)
{
	struct cpuid grant = cpu_cpuid(HV_CPUID_FEATURES, 0);
	struct cpuid hints = cpu_cpuid(HV_CPUID_RECOMMENDATIONS, 0);
	struct cpuid limits = cpu_cpuid(HV_CPUID_LIMITS, 0);

	tap_equal("leaf 0 EAX", cpu_cpuid(HV_CPUID_MAX, 0).eax, p->max_leaf);
	tap_equal("leaf 3 EAX", grant.eax, (u32)p->mask);
	tap_equal("leaf 3 EBX", grant.ebx, p->mask >> 32);
	tap_equal("leaf 3 ECX", grant.ecx, 0);
	tap_equal("leaf 3 EDX", grant.edx, p->features);
	tap_equal("leaf 4 EAX", hints.eax, p->hints);
	compare_spin(p, hints.ebx);
	tap_at_least("leaf 5 EAX above all VP indices", limits.eax,
		     smp_vps[smp_count() - 1]->index + 1);
}

static void cpuid_grant(const void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
		if (cmdline_equal(cmdline_get()->profile, profiles[i].name)) {
			compare_profile(&profiles[i]);
			return;
		}
	}
	tap_skip("profile= names none that is known");
}

static u64 leaf_sum(void)
{
	u64 sum = 0;

	for (u32 leaf = HV_CPUID_MAX; leaf <= HV_CPUID_NESTED; leaf++) {
		struct cpuid r = cpu_cpuid(leaf, 0);

		sum = sum * 31 + r.eax;
		sum = sum * 31 + r.ebx;
		sum = sum * 31 + r.ecx;
		sum = sum * 31 + r.edx;
	}
	return sum;
}

static volatile u64 first_sum;

static void leaf_job(void *arg)
{
	(void)arg;
	tap_equal("leaves as on VP 0", leaf_sum(), first_sum);
}

static void cpuid_same(const void *arg)
{
	(void)arg;
	first_sum = leaf_sum();
	smp_run_range(1, smp_count() - 1, leaf_job, NULL);
	smp_wait_range(1, smp_count() - 1);
}

struct hidden {
	const char *name;
	u32 leaf;
	u32 subleaf;
	u32 reg; /* 0 EAX … 3 EDX */
	u64 bits;
};

/* clang-format off */
static const struct hidden hidden_bits[] = {
	{"DTES64 MONITOR VMX SMX EIST", 1, 0, 2,
	 BIT(2) | BIT(3) | BIT(5) | BIT(6) | BIT(7)},
	{"PDCM XSAVE OSXSAVE AVX", 1, 0, 2,
	 BIT(15) | BIT(26) | BIT(27) | BIT(28)},
	{"MCE MCA MTRR", 1, 0, 3, BIT(7) | BIT(12) | BIT(14)},
	{"TSC_ADJUST, AVX2", 7, 0, 1, BIT(1) | BIT(5)},
	{"LA57, PKU", 7, 0, 2, BIT(3) | BIT(16)},
	{"SPEC_CTRL and its kin", 7, 0, 3, GENMASK(31, 26)},
	{"PMU", 10, 0, 0, 0xffffffff},
	{"1 GiB pages", 0x80000001, 0, 3, BIT(26)},
};
static const struct hidden shown_bits[] = {
	{"x2APIC, TSC-deadline", 1, 0, 2, BIT(21) | BIT(24)},
	{"FPU PSE TSC MSR PAE CX8 APIC", 1, 0, 3, 0x379 & ~BIT(7)},
	{"PGE CMOV PAT FXSR SSE SSE2", 1, 0, 3,
	 BIT(13) | BIT(15) | BIT(16) | GENMASK(26, 24)},
	{"long mode, NX, SYSCALL", 0x80000001, 0, 3,
	 BIT(11) | BIT(20) | BIT(29)},
};
/* clang-format on */

static u64 cpuid_bits(const struct hidden *h)
{
	u32 top = cpu_cpuid(h->leaf & 0x80000000, 0).eax;
	struct cpuid r = {0};
	u32 regs[4];

	if (h->leaf <= top) {
		r = cpu_cpuid(h->leaf, h->subleaf);
	}
	regs[0] = r.eax;
	regs[1] = r.ebx;
	regs[2] = r.ecx;
	regs[3] = r.edx;
	return regs[h->reg] & h->bits;
}

static void set_pcide(void *arg)
{
	(void)arg;
	cpu_set_cr4(cpu_cr4() | CR4_PCIDE);
	cpu_set_cr4(cpu_cr4() & ~CR4_PCIDE);
}

static void do_invpcid(void *arg)
{
	(void)arg;
	cpu_invpcid(2, 0, 0);
}

/* PCIDs are those of a software TLB: what CPUID shows of them, there is. */
static void expect_pcids(void)
{
	bool has_pcid =
		(cpu_cpuid(CPUID_LEAF_FEATURES, 0).ecx & CPUID_1_ECX_PCID) != 0;
	bool has_invpcid = (cpu_cpuid(CPUID_LEAF_EXTENDED, 0).ebx &
			    CPUID_7_EBX_INVPCID) != 0;

	tap_true("PCID is hidden", !has_pcid || host_get()->has_shadow);
	tap_true("so is INVPCID", !has_invpcid || has_pcid);
	tap_equal("CR4.PCIDE", trap_try(set_pcide, NULL).vector,
		  has_pcid ? TRAP_NONE : TRAP_GP);
	tap_equal("INVPCID", trap_try(do_invpcid, NULL).vector,
		  has_invpcid ? TRAP_NONE : TRAP_UD);
}

static void cpuid_hidden(const void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(hidden_bits); i++) {
		tap_equal(hidden_bits[i].name, cpuid_bits(&hidden_bits[i]), 0);
	}
	expect_pcids();
}

static void cpuid_shown(const void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(shown_bits); i++) {
		tap_equal(shown_bits[i].name, cpuid_bits(&shown_bits[i]),
			  shown_bits[i].bits);
	}
}

static void msr_default(const void *arg)
{
	static const u32 absent[] = {
		0x3a, 0x480, 0x48b, 0xc0011029, 0x1234, 0xc0001234, 0x50000000,
	};

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		u64 value;

		tap_equal("RDMSR", trap_rdmsr(absent[i], &value), TRAP_GP);
		tap_equal("WRMSR", trap_wrmsr(absent[i], 0), TRAP_GP);
	}
}

static void ports_default(const void *arg)
{
	static const u16 absent[] = {0x20, 0x40,  0x60,  0x64,  0x80,
				     0xa1, 0x2f8, 0xcf8, 0xcfc, 0x1234};

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		cpu_out8(absent[i], 0);
		tap_equal("IN 8", cpu_in8(absent[i]), 0xff);
	}
	tap_equal("IN 16", cpu_in16(0x170), 0xffff);
	tap_equal("IN 32", cpu_in32(0xcf8), 0xffffffff);
	cpu_out8(0x70, 0x0a);
	tap_equal("port 0x71: no update in progress", cpu_in8(0x71) & 0x80, 0);
}

static void do_ud2(void *arg)
{
	(void)arg;
	__asm__ volatile("ud2");
}

static void exceptions(const void *arg)
{
	struct trap_fault fault = trap_try(do_ud2, NULL);
	u64 value;

	(void)arg;
	tap_equal("UD2", fault.vector, TRAP_UD);
	tap_equal("unmapped page", trap_read64(PAGE_WINDOW, &value), TRAP_PF);
	tap_equal("CR2", vp_self()->fault.cr2, PAGE_WINDOW);
	tap_equal("error code", vp_self()->fault.error, 0);
	tap_equal("write", trap_write64(PAGE_WINDOW, 1), TRAP_PF);
	tap_equal("its error code", vp_self()->fault.error, 2);
	tap_equal("non-canonical", trap_read64(0x8000ull << 32, &value),
		  TRAP_GP);
}

static void control_registers(const void *arg)
{
	u64 cr4 = cpu_cr4();

	(void)arg;
	tap_equal("CR4.VMXE reads 0", cr4 & CR4_VMXE, 0);
	cpu_set_cr4(cr4 & ~CR4_PGE);
	tap_equal("CR4.PGE cleared", cpu_cr4(), cr4 & ~CR4_PGE);
	cpu_set_cr4(cr4);
	tap_equal("CR4.PGE set", cpu_cr4(), cr4);
}

/* clang-format off */
static const struct check checks[] = {
	{"start_info", "PVH boot protocol", start_info, NULL, 1, 0},
	{"memory_map", "PVH boot protocol", memory_map, NULL, 1, 0},
	{"memory_last_page", "PVH boot protocol", memory_last_page, NULL, 1,
	 NEED_HV},
	{"apic_ids", "SDM 3A: Local APIC ID", apic_ids, NULL, 1, 0},
	{"cpuid_identity", "TLFS: Feature and Interface Discovery",
	 cpuid_identity, NULL, 1, NEED_HV},
	{"cpuid_vendor", "TLFS: Feature and Interface Discovery", cpuid_vendor,
	 NULL, 1, NEED_HV | NEED_LETHE},
	{"cpuid_grant", "TLFS: Hypervisor Feature Identification", cpuid_grant,
	 NULL, 1, NEED_HV | NEED_LETHE},
	{"cpuid_same_on_all_vps", "TLFS: Feature and Interface Discovery",
	 cpuid_same, NULL, 2, 0},
	{"cpuid_hidden", "SDM 2A: CPUID", cpuid_hidden, NULL, 1,
	 NEED_HV | NEED_LETHE},
	{"cpuid_shown", "SDM 2A: CPUID", cpuid_shown, NULL, 1, NEED_HV},
	{"msr_default_deny", "SDM 4: Model-Specific Registers", msr_default,
	 NULL, 1, NEED_HV | NEED_LETHE},
	{"ports_default_deny", "SDM 1: Input/Output", ports_default, NULL, 1,
	 NEED_HV | NEED_LETHE},
	{"exceptions", "SDM 3A: Interrupt and Exception Handling", exceptions,
	 NULL, 1, 0},
	{"control_registers", "SDM 3A: Control Registers", control_registers,
	 NULL, 1, 0},
};
/* clang-format on */

SUITE("boot", 010, checks);
