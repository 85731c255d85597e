/* SPDX-License-Identifier: MIT */
/* Each need has a row: its bit, and the reason of the SKIP without it. */
#include "harness/needs.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/host.h"
#include "kernel/serial.h"
#include "kernel/smp.h"

struct need {
	u32 bit;
	const char *reason;
};

/* clang-format off */
static const struct need need_reasons[] = {
	{NEED_HV,           "no Hyper-V interface"},
	{NEED_EX,           "no EX processor masks"},
	{NEED_TEST_CALL,    "no test call"},
	{NEED_LETHE,        "not Lethe with test calls"},
	{NEED_X2APIC,       "no x2APIC"},
	{NEED_DEADLINE,     "no TSC-deadline timer"},
	{NEED_NO_XMM,       "XMM input is offered"},
	{NEED_LOCK,         "no lock of the HYPERCALL MSR"},
	{NEED_NO_EX,        "EX processor masks are offered"},
	{NEED_OBSERVE,      "VPs share CPUs"},
	{NEED_SHARED,       "no VPs share CPUs"},
	{NEED_REGISTERS,    "no AccessVpRegisters"},
	{NEED_NO_REGISTERS, "AccessVpRegisters is granted"},
	{NEED_XMM,          "no XMM input"},
	{NEED_XMM_OUTPUT,   "no XMM output"},
	{NEED_NO_XMM_OUTPUT, "XMM output is offered"},
	{NEED_EXTENDED,     "no extended ranges"},
	{NEED_NO_EXTENDED,  "extended ranges are offered"},
	{NEED_IPI,          "no cluster IPI"},
	{NEED_NO_IPI,       "the cluster IPI is offered"},
	{NEED_EXT_CALLS,     "no extended hypercalls"},
	{NEED_NO_EXT_CALLS,  "extended hypercalls are granted"},
	{TAG_IF0,           "if0: a VP spins with IF = 0"},
	{TAG_TICKS,         "ticks: a limit of time"},
};
/* clang-format on */

static u32 have(void)
{
	const struct host *host = host_get();
	bool is_shared = cmdline_get()->overcommit && smp_count() > smp_cpus();
	u32 bits = 0;

	bits |= host->is_hyperv ? NEED_HV : 0;
	bits |= host->has_ex ? NEED_EX : NEED_NO_EX;
	bits |= host->has_test_call ? NEED_TEST_CALL | NEED_LETHE : 0;
	bits |= host->has_lock ? NEED_LOCK : 0;
	bits |= host->has_xmm_input ? NEED_XMM : NEED_NO_XMM;
	bits |= host->has_xmm_output ? NEED_XMM_OUTPUT : NEED_NO_XMM_OUTPUT;
	bits |= host->has_extended_ranges ? NEED_EXTENDED : NEED_NO_EXTENDED;
	bits |= apic_is_x2() ? NEED_X2APIC : 0;
	bits |= apic_has_deadline() ? NEED_DEADLINE : 0;
	bits |= cmdline_get()->overcommit ? 0 : NEED_OBSERVE;
	bits |= is_shared ? NEED_SHARED : 0;
	bits |= host->has_vp_registers ? NEED_REGISTERS : NEED_NO_REGISTERS;
	bits |= host->has_ipi ? NEED_IPI : NEED_NO_IPI;
	bits |= host->has_extended ? NEED_EXT_CALLS : NEED_NO_EXT_CALLS;
	bits |= cmdline_skips("if0") ? 0 : TAG_IF0;
	bits |= cmdline_skips("ticks") ? 0 : TAG_TICKS;
	return bits;
}

const char *needs_missing(const struct check *check)
{
	u32 lack = check->needs & ~have();

	if (smp_count() < check->min_vps) {
		return "too few VPs";
	}
	for (size_t i = 0; i < ARRAY_SIZE(need_reasons); i++) {
		if (lack & need_reasons[i].bit) {
			return need_reasons[i].reason;
		}
	}
	return NULL;
}

void needs_check(void)
{
	u32 seen = 0;

	for (size_t i = 0; i < ARRAY_SIZE(need_reasons); i++) {
		if ((seen & need_reasons[i].bit) != 0) {
			serial_puts("Bail out! two needs share a bit: ");
			serial_puts(need_reasons[i].reason);
			serial_put('\n');
			serial_exit(2);
		}
		seen |= need_reasons[i].bit;
	}
}
