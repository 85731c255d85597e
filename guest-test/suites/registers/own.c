/* SPDX-License-Identifier: MIT */
/*
 * 0x0050 and 0x0051 on the caller itself: they read what instructions read,
 * instructions read what they write, and a value that a VM entry would refuse
 * gives a status.
 */
#include "call/registers.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/layout.h"
#include "kernel/page.h"
#include "kernel/vp.h"

#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define X(name) HV_X64_REGISTER_##name
#define HOLE    BIT(47)
#define VALUE   HV_STATUS_INVALID_REGISTER_VALUE
#define HEADING "TLFS: HvCallGetVpRegisters, HvCallSetVpRegisters"

struct table_ptr {
	u16 limit;
	u64 base;
} __attribute__((packed));

static u64 get(u32 name)
{
	return registers_get_name(0, name).low;
}

static u16 set(u32 name, u64 low, u64 high)
{
	return registers_set_name(0, name,
				  (struct hv_register_value){low, high});
}

static u64 read_cr0(void)
{
	u64 value;

	__asm__ volatile("movq %%cr0, %0" : "=r"(value));
	return value;
}

static u64 read_dr0(void)
{
	u64 value;

	__asm__ volatile("movq %%dr0, %0" : "=r"(value));
	return value;
}

static u64 read_dr3(void)
{
	u64 value;

	__asm__ volatile("movq %%dr3, %0" : "=r"(value));
	return value;
}

static u64 read_dr7(void)
{
	u64 value;

	__asm__ volatile("movq %%dr7, %0" : "=r"(value));
	return value;
}

static const struct {
	u32 name;
	u32 msr;
	u64 value; /* to be written */
} msrs[] = {
	{X(EFER), MSR_IA32_EFER, 0},
	{X(APIC_BASE), MSR_IA32_APIC_BASE, 0},
	{X(PAT), MSR_IA32_PAT, 0x0007040600070406},
	{X(KERNEL_GS_BASE), MSR_IA32_KERNEL_GS_BASE, ~0ull << 47},
	{X(SYSENTER_CS), MSR_IA32_SYSENTER_CS, 0x1234},
	{X(SYSENTER_ESP), MSR_IA32_SYSENTER_ESP, 0x7fffffffffff},
	{X(SYSENTER_EIP), MSR_IA32_SYSENTER_EIP, ~0ull << 47},
	{X(STAR), MSR_IA32_STAR, 0x123456789abcdef0},
	{X(LSTAR), MSR_IA32_LSTAR, ~0ull << 47 | 1},
	{X(CSTAR), MSR_IA32_CSTAR, 0x123456},
	{X(SFMASK), MSR_IA32_FMASK, 0x47700},
	{X(TSC_AUX), MSR_IA32_TSC_AUX, 0xabcd},
	{X(HYPERCALL), HV_X64_MSR_HYPERCALL, 0},
	{HV_REGISTER_GUEST_OS_ID, HV_X64_MSR_GUEST_OS_ID, HOST_OS_ID + 1},
	{HV_REGISTER_VP_INDEX, HV_X64_MSR_VP_INDEX, 0},
};

static void msr_names(const void *arg)
{
	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(msrs); i++) {
		u64 old = cpu_rdmsr(msrs[i].msr);

		tap_equal("as RDMSR", get(msrs[i].name), old);
		if (msrs[i].value == 0) {
			continue;
		}
		tap_equal("set", set(msrs[i].name, msrs[i].value, 0), 0);
		tap_equal("RDMSR", cpu_rdmsr(msrs[i].msr), msrs[i].value);
		tap_equal("set back", set(msrs[i].name, old, 0), 0);
		tap_equal("RDMSR", cpu_rdmsr(msrs[i].msr), old);
	}
}

static void control_and_debug(const void *arg)
{
	u64 cr0 = read_cr0();
	u64 cr4 = cpu_cr4();

	(void)arg;
	tap_equal("CR0", get(X(CR0)), cr0);
	tap_equal("CR3", get(X(CR3)), cpu_cr3());
	tap_equal("CR4", get(X(CR4)), cr4);
	tap_equal("CR8", get(X(CR8)), cpu_cr8());
	tap_equal("DR7", get(X(DR7)), read_dr7());
	tap_equal("DR6", get(X(DR6)), cpu_dr6());
	tap_equal("set CR0", set(X(CR0), cr0 ^ CR0_WP, 0), 0);
	tap_equal("CR0.WP", read_cr0(), cr0 ^ CR0_WP);
	tap_equal("set CR0", set(X(CR0), cr0, 0), 0);
	tap_equal("set CR4", set(X(CR4), cr4 ^ CR4_TSD, 0), 0);
	tap_equal("CR4.TSD", cpu_cr4(), cr4 ^ CR4_TSD);
	tap_equal("set CR4", set(X(CR4), cr4, 0), 0);
	tap_equal("set CR3", set(X(CR3), cpu_cr3(), 0), 0);
	tap_equal("set CR2", set(X(CR2), HOLE | 5, 0), 0);
	tap_equal("CR2", cpu_cr2(), HOLE | 5);
	tap_equal("get CR2", get(X(CR2)), HOLE | 5);
	tap_equal("set CR8", set(X(CR8), 3, 0), 0);
	tap_equal("CR8", cpu_cr8(), 3);
	tap_equal("set CR8", set(X(CR8), 0, 0), 0);
	tap_equal("set DR0", set(X(DR0), 0x1234, 0), 0);
	tap_equal("set DR3", set(X(DR3), ~0ull, 0), 0);
	tap_equal("DR0", read_dr0(), 0x1234);
	tap_equal("DR3", read_dr3(), ~0ull);
	tap_equal("get DR0", get(X(DR0)), 0x1234);
}

static void segments(const void *arg)
{
	struct hv_register_value cs = registers_get_name(0, X(CS));
	struct hv_register_value ds = registers_get_name(0, X(DS));
	struct hv_register_value tr = registers_get_name(0, X(TR));
	struct hv_register_value fs = registers_get_name(0, X(FS));
	struct hv_register_value table;
	struct table_ptr ptr;

	(void)arg;
	tap_equal("CS selector", FIELD_GET(HV_SEGMENT_SELECTOR, cs.high),
		  SEL_CODE64);
	tap_equal("CS attributes", FIELD_GET(HV_SEGMENT_ATTRIBUTES, cs.high),
		  0xa09b);
	tap_equal("GS base", registers_get_name(0, X(GS)).low, (u64)vp_self());
	tap_equal("TR base", tr.low, (u64)vp_self()->gdt.tss);
	tap_equal("TR limit", FIELD_GET(HV_SEGMENT_LIMIT, tr.high),
		  sizeof(vp_self()->gdt.tss) - 1);
	tap_equal("TR selector", FIELD_GET(HV_SEGMENT_SELECTOR, tr.high),
		  SEL_TSS);
	tap_equal("TR attributes",
		  FIELD_GET(HV_SEGMENT_ATTRIBUTES, tr.high) & 0xff, 0x8b);
	__asm__ volatile("sgdt %0" : "=m"(ptr));
	table = registers_get_name(0, X(GDTR));
	tap_equal("GDTR limit", FIELD_GET(HV_TABLE_LIMIT, table.low),
		  ptr.limit);
	tap_equal("GDTR base", table.high, ptr.base);
	__asm__ volatile("sidt %0" : "=m"(ptr));
	table = registers_get_name(0, X(IDTR));
	tap_equal("IDTR limit", FIELD_GET(HV_TABLE_LIMIT, table.low),
		  ptr.limit);
	tap_equal("IDTR base", table.high, ptr.base);
	tap_equal("set IDTR", set(X(IDTR), table.low, table.high), 0);
	/* the same values, and a base that instructions use */
	tap_equal("set TR", set(X(TR), tr.low, tr.high), 0);
	tap_equal("set CS", set(X(CS), cs.low, cs.high), 0);
	tap_equal("set FS", set(X(FS), ~0ull << 47, fs.high), 0);
	tap_equal("FS base", cpu_rdmsr(MSR_IA32_FS_BASE), ~0ull << 47);
	tap_equal("set FS", set(X(FS), fs.low, fs.high), 0);
	/* DS may be null in 64-bit mode */
	tap_equal("set DS", set(X(DS), 0, 0), 0);
	tap_equal("get DS", registers_get_name(0, X(DS)).high, 0);
	tap_equal("set DS", set(X(DS), ds.low, ds.high), 0);
}

/* The input of a call that sets two registers of the caller. */
struct set_two {
	struct hv_vp_registers header;
	struct hv_register_assoc assoc[2];
};

#define SET_TWO (HV_CALL_SET_VP_REGISTERS | COUNT(2))

static struct set_two *set_two(u32 name1, u64 value1, u32 name2, u64 value2)
{
	struct set_two *block = (void *)vp_self()->input;

	*block = (struct set_two){
		.header = {.partition_id = HV_PARTITION_ID_SELF,
			   .vp_index = HV_VP_INDEX_SELF},
		.assoc = {{.name = name1, .value = {value1, 0}},
			  {.name = name2, .value = {value2, 0}}},
	};
	return block;
}

/* Sets general registers of the caller by one call; RAX has its result. */
static void general(const void *arg)
{
	struct set_two *block =
		set_two(X(RAX) + 3, 0x1122334455667788, X(RAX) + 12, ~0ull - 1);
	u64 result;
	u64 rbx;
	register u64 r8 __asm__("r8") = 0;
	register u64 r12 __asm__("r12");

	(void)arg;
	__asm__ volatile("vmcall"
			 : "=a"(result), "=b"(rbx), "=r"(r12)
			 : "c"(SET_TWO), "d"(page_gpa(block)), "r"(r8)
			 : "memory", "cc");
	tap_equal("result", result, COUNT(2));
	tap_equal("RBX", rbx, 0x1122334455667788);
	tap_equal("R12", r12, ~0ull - 1);
}

/* The caller goes on at the RIP and with the RSP that the call sets. */
static void rip_and_rsp(const void *arg)
{
	struct set_two *block = set_two(X(RIP), 0, X(RSP), 0x123456);
	u64 result;
	u64 rsp;
	register u64 r8 __asm__("r8") = 0;
	register u64 r12 __asm__("r12");

	(void)arg;
	__asm__ volatile("movq %%rsp, %%r12\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "movq %%rax, (%5)\n\t"
			 "cli\n\t"
			 "vmcall\n\t"
			 "ud2\n"
			 "1:\n\t"
			 "movq %%rsp, %1\n\t"
			 "movq %%r12, %%rsp\n\t"
			 "sti"
			 : "=&a"(result), "=&b"(rsp), "=&r"(r12)
			 : "c"(SET_TWO), "d"(page_gpa(block)),
			   "S"(&block->assoc[0].value.low), "r"(r8)
			 : "memory", "cc");
	tap_equal("result", result, COUNT(2));
	tap_equal("RSP", rsp, 0x123456);
}

static const struct {
	u64 name;
	u64 low;
	u64 high;
	u16 status;
} refused[] = {
	{X(RIP), HOLE, 0, VALUE},
	{X(RFLAGS), 0, 0, VALUE},
	{X(RFLAGS), 2 | RFLAGS_VM, 0, VALUE},
	{X(CR0), CR0_PG, 0, VALUE},
	{X(CR0), 0, 0, VALUE},
	{X(CR3), BIT(63), 0, VALUE},
	{X(CR4), 0, 0, VALUE},
	{X(CR4), CR4_PAE | CR4_VMXE, 0, VALUE},
	{X(CR8), 16, 0, VALUE},
	{X(DR6), BIT(32), 0, VALUE},
	{X(DR7), BIT(32), 0, VALUE},
	{X(CS), 0, 0, VALUE},
	{X(SS), 0, 0x60ull << 48, VALUE},
	{X(GS), HOLE, 0, VALUE},
	{X(TR), 0, 0, VALUE},
	{X(GDTR), 0, HOLE, VALUE},
	{X(EFER), 0, 0, VALUE},
	{X(EFER), EFER_LME | EFER_LMA | BIT(1), 0, VALUE},
	{X(KERNEL_GS_BASE), HOLE, 0, VALUE},
	{X(LSTAR), HOLE, 0, VALUE},
	{X(CSTAR), HOLE, 0, VALUE},
	{X(SFMASK), BIT(32), 0, VALUE},
	{X(TSC_AUX), BIT(32), 0, VALUE},
	{X(SYSENTER_EIP), HOLE, 0, VALUE},
	{X(APIC_BASE), 0, 0, VALUE},
	{X(PAT), 2, 0, VALUE},
	{X(RAX), 0, 1, VALUE},
	{X(TSC), 0, 0, PARAM},
	{X(INITIAL_APIC_ID), 0, 0, PARAM},
	{HV_REGISTER_VP_INDEX, 0, 0, PARAM},
	{HV_REGISTER_HYPERVISOR_VERSION, 0, 0, PARAM},
	{0, 0, 0, PARAM},
};

static void refusals(const void *arg)
{
	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(refused); i++) {
		tap_equal("status",
			  set((u32)refused[i].name, refused[i].low,
			      refused[i].high),
			  refused[i].status);
	}
}

/* The 128-bit registers are CPUID leaves. */
static void features(const void *arg)
{
	static const struct {
		u32 name;
		u32 leaf;
	} rows[] = {
		{HV_REGISTER_HYPERVISOR_VERSION, HV_CPUID_VERSION},
		{HV_REGISTER_PRIVILEGES_AND_FEATURES, HV_CPUID_FEATURES},
		{HV_REGISTER_FEATURES_INFO, HV_CPUID_RECOMMENDATIONS},
		{HV_REGISTER_IMPLEMENTATION_LIMITS, HV_CPUID_LIMITS},
		{HV_REGISTER_HARDWARE_FEATURES, HV_CPUID_HARDWARE},
		{HV_REGISTER_NESTED_FEATURES, HV_CPUID_NESTED},
	};

	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct hv_register_value v =
			registers_get_name(0, rows[i].name);
		struct cpuid leaf = cpu_cpuid(rows[i].leaf, 0);

		tap_equal("EBX:EAX", v.low, (u64)leaf.ebx << 32 | leaf.eax);
		tap_equal("EDX:ECX", v.high, (u64)leaf.edx << 32 | leaf.ecx);
	}
}

#define NEEDS (NEED_HV | NEED_REGISTERS)

/* clang-format off */
static const struct check checks[] = {
	{"reg_msr_names", HEADING, msr_names, NULL, 1, NEEDS},
	{"reg_control_and_debug", HEADING, control_and_debug, NULL, 1, NEEDS},
	{"reg_segments", HEADING, segments, NULL, 1, NEEDS},
	{"reg_general", HEADING, general, NULL, 1, NEEDS},
	{"reg_rip_and_rsp", HEADING, rip_and_rsp, NULL, 1, NEEDS},
	{"reg_refused", HEADING, refusals, NULL, 1, NEEDS},
	{"reg_features", HEADING, features, NULL, 1, NEEDS},
};
/* clang-format on */

SUITE("neighbours", 240, checks);
