/* SPDX-License-Identifier: MIT */
/*
 * Which CPUID bit or capability MSR says that an MSR exists. Compiled into the
 * hypervisor and, position independent, into the UEFI application.
 */
#include "x86/caps_read.h"

#include "x86/msr.h"
#include "x86/vmcs.h"

#define CPUID_1_ECX_VMX     BIT(5)
#define BASIC_TRUE          BIT(55)
#define CAN_SECONDARY       (VMX_PROC_SECONDARY << 32)
#define CAN_EPT_OR_VPID     ((VMX_PROC2_EPT | VMX_PROC2_VPID) << 32)
#define CPUID_1_EBX_APIC_ID GENMASK(31, 24)
#define CPUID_EXTENDED      0x80000000u
#define CPUID_TOPOLOGY      0xbu

struct regs {
	u32 eax, ebx, ecx, edx;
};

static struct regs cpuid(u32 leaf)
{
	struct regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(0));
	return r;
}

static u64 rdmsr(u32 msr)
{
	u32 low;
	u32 high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static void put(struct caps_raw *raw, enum caps_word word, u64 value)
{
	raw->word[word] = value;
	raw->present |= (u32)BIT(word);
}

static void read_cpuid(struct caps_raw *raw)
{
	u32 leaf_max = cpuid(0).eax;
	struct regs one = cpuid(1);

	put(raw, CAPS_CPUID_1_ECX, one.ecx);
	put(raw, CAPS_CPUID_1_EDX, one.edx);
	raw->apic_id = (u32)FIELD_GET(CPUID_1_EBX_APIC_ID, one.ebx);

	/* SDM 2A, "CPUID": leaf 0BH is valid where EBX of subleaf 0 is not 0 */
	if (leaf_max >= CPUID_TOPOLOGY && cpuid(CPUID_TOPOLOGY).ebx != 0) {
		raw->apic_id = cpuid(CPUID_TOPOLOGY).edx;
	}
	if (cpuid(CPUID_EXTENDED).eax > CPUID_EXTENDED) {
		put(raw, CAPS_CPUID_80000001_EDX,
		    cpuid(CPUID_EXTENDED + 1).edx);
	}
}

struct vmx_msr {
	enum caps_word word;
	u32 msr;      /* without TRUE controls */
	u32 true_msr; /* with them */
};

static const struct vmx_msr vmx_msrs[] = {
	{CAPS_FEATURE_CONTROL, MSR_IA32_FEATURE_CONTROL,
	 MSR_IA32_FEATURE_CONTROL},
	{CAPS_BASIC, MSR_IA32_VMX_BASIC, MSR_IA32_VMX_BASIC},
	{CAPS_MISC, MSR_IA32_VMX_MISC, MSR_IA32_VMX_MISC},
	{CAPS_CR0_FIXED0, MSR_IA32_VMX_CR0_FIXED0, MSR_IA32_VMX_CR0_FIXED0},
	{CAPS_CR0_FIXED1, MSR_IA32_VMX_CR0_FIXED1, MSR_IA32_VMX_CR0_FIXED1},
	{CAPS_CR4_FIXED0, MSR_IA32_VMX_CR4_FIXED0, MSR_IA32_VMX_CR4_FIXED0},
	{CAPS_CR4_FIXED1, MSR_IA32_VMX_CR4_FIXED1, MSR_IA32_VMX_CR4_FIXED1},
	{CAPS_PIN, MSR_IA32_VMX_PINBASED_CTLS, MSR_IA32_VMX_TRUE_PINBASED_CTLS},
	{CAPS_PROC, MSR_IA32_VMX_PROCBASED_CTLS,
	 MSR_IA32_VMX_TRUE_PROCBASED_CTLS},
	{CAPS_EXIT, MSR_IA32_VMX_EXIT_CTLS, MSR_IA32_VMX_TRUE_EXIT_CTLS},
	{CAPS_ENTRY, MSR_IA32_VMX_ENTRY_CTLS, MSR_IA32_VMX_TRUE_ENTRY_CTLS},
};

/* SDM 3D, "VMX Capability Reporting Facility": what says that an MSR exists */
static void read_vmx(struct caps_raw *raw)
{
	bool has_true = (rdmsr(MSR_IA32_VMX_BASIC) & BASIC_TRUE) != 0;

	for (size_t i = 0; i < ARRAY_SIZE(vmx_msrs); i++) {
		const struct vmx_msr *m = &vmx_msrs[i];

		put(raw, m->word, rdmsr(has_true ? m->true_msr : m->msr));
	}
	if (raw->word[CAPS_PROC] & CAN_SECONDARY) {
		put(raw, CAPS_PROC2, rdmsr(MSR_IA32_VMX_PROCBASED_CTLS2));
	}
	if (raw->word[CAPS_PROC2] & CAN_EPT_OR_VPID) {
		put(raw, CAPS_EPT_VPID, rdmsr(MSR_IA32_VMX_EPT_VPID_CAP));
	}
}

void caps_read(struct caps_raw *raw)
{
	*raw = (struct caps_raw){0};
	read_cpuid(raw);
	if (raw->word[CAPS_CPUID_1_ECX] & CPUID_1_ECX_VMX) {
		read_vmx(raw);
	}
}
