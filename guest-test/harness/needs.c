/* SPDX-License-Identifier: MIT */
/* Each need has a row: its bit, when it is met, and the reason of the SKIP. */
#include "harness/needs.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/serial.h"
#include "kernel/smp.h"

#include "x86/cpuid.h"

/* A need is met if its fact has the wanted value. */
struct need {
	u32 bit;
	const char *reason; /* of the SKIP if it is not met */
	bool (*fact)(void); /* NULL: a flag of struct host */
	size_t host_flag;
	bool wanted;
};

static bool does_overcommit(void)
{
	return cmdline_get()->overcommit;
}

static bool is_shared(void)
{
	return does_overcommit() && smp_count() > smp_cpus();
}

static bool skips_if0(void)
{
	return cmdline_skips("if0");
}

static bool skips_ticks(void)
{
	return cmdline_skips("ticks");
}

static bool has_pcid(void)
{
	return (cpu_cpuid(CPUID_LEAF_FEATURES, 0).ecx & CPUID_1_ECX_PCID) != 0;
}

static bool has_invpcid(void)
{
	return (cpu_cpuid(CPUID_LEAF_EXTENDED, 0).ebx & CPUID_7_EBX_INVPCID) !=
	       0;
}

#define HOST(_flag) NULL, offsetof(struct host, _flag)
#define FACT(_fn)   (_fn), 0

/* Of several needs that are not met, the first one is the reason. */
/* clang-format off */
static const struct need needs[] = {
	{NEED_HV, "no Hyper-V interface", HOST(is_hyperv), true},
	{NEED_EX, "no EX processor masks", HOST(has_ex), true},
	{NEED_TEST_CALL, "no test call", HOST(has_test_call), true},
	{NEED_LETHE, "not Lethe with test calls", HOST(has_test_call), true},
	{NEED_X2APIC, "no x2APIC", FACT(apic_is_x2), true},
	{NEED_DEADLINE, "no TSC-deadline timer", FACT(apic_has_deadline), true},
	{NEED_NO_XMM, "XMM input is offered", HOST(has_xmm_input), false},
	{NEED_LOCK, "no lock of the HYPERCALL MSR", HOST(has_lock), true},
	{NEED_NO_EX, "EX processor masks are offered", HOST(has_ex), false},
	{NEED_OBSERVE, "VPs share CPUs", FACT(does_overcommit), false},
	{NEED_SHARED, "no VPs share CPUs", FACT(is_shared), true},
	{NEED_REGISTERS, "no AccessVpRegisters", HOST(has_vp_registers), true},
	{NEED_NO_REGISTERS, "AccessVpRegisters is granted",
	 HOST(has_vp_registers), false},
	{NEED_XMM, "no XMM input", HOST(has_xmm_input), true},
	{NEED_XMM_OUTPUT, "no XMM output", HOST(has_xmm_output), true},
	{NEED_NO_XMM_OUTPUT, "XMM output is offered",
	 HOST(has_xmm_output), false},
	{NEED_EXTENDED, "no extended ranges", HOST(has_extended_ranges), true},
	{NEED_NO_EXTENDED, "extended ranges are offered",
	 HOST(has_extended_ranges), false},
	{NEED_IPI, "no cluster IPI", HOST(has_ipi), true},
	{NEED_NO_IPI, "the cluster IPI is offered", HOST(has_ipi), false},
	{NEED_EXT_CALLS, "no extended hypercalls", HOST(has_extended), true},
	{NEED_NO_EXT_CALLS, "extended hypercalls are granted",
	 HOST(has_extended), false},
	{NEED_SHADOW, "not paging = shadow", HOST(has_shadow), true},
	{NEED_EPT, "paging = shadow", HOST(has_shadow), false},
	{NEED_PCID, "no PCIDs", FACT(has_pcid), true},
	{NEED_INVPCID, "no INVPCID", FACT(has_invpcid), true},
	{TAG_IF0, "if0: a VP spins with IF = 0", FACT(skips_if0), false},
	{TAG_TICKS, "ticks: a limit of time", FACT(skips_ticks), false},
};
/* clang-format on */

static bool is_met(const struct need *need)
{
	const u8 *host = (const u8 *)host_get();
	bool is_true = need->fact != NULL
			       ? need->fact()
			       : *(const bool *)&host[need->host_flag];

	return is_true == need->wanted;
}

const char *needs_missing(const struct check *check)
{
	if (smp_count() < check->min_vps) {
		return "too few VPs";
	}
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		if ((check->needs & needs[i].bit) != 0 && !is_met(&needs[i])) {
			return needs[i].reason;
		}
	}
	return NULL;
}

void needs_check(void)
{
	u32 seen = 0;

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		if ((seen & needs[i].bit) != 0) {
			serial_puts("Bail out! two needs share a bit: ");
			serial_puts(needs[i].reason);
			serial_put('\n');
			serial_exit(2);
		}
		seen |= needs[i].bit;
	}
}
