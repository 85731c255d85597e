/* SPDX-License-Identifier: MIT */
/* Discovery by CPUID, and by trying what CPUID does not tell. */
#include "kernel/host.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/vp.h"

#include "tlfs/cpuid.h"
#include "tlfs/msr.h"

#define CPUID_HV_BIT BIT(31)

static struct host host;

u16 host_yield(void)
{
	static const u64 spin_count; /* and a reserved word: both are 0 */

	return (u16)FIELD_GET(HV_RESULT_STATUS,
			      hypercall(HV_CALL_NOTIFY_LONG_SPIN_WAIT,
					page_gpa(&spin_count), 0));
}

static void probe_test_call(void)
{
	struct guest_cpu *vp = vp_self();
	struct lethe_test_input *in = (struct lethe_test_input *)vp->input;
	const struct lethe_test_output *out = (const void *)vp->output;

	in->vp_index = vp->index;
	in->reserved = 0;
	host.has_test_call = hypercall(LETHE_CALL_TEST_READ, page_gpa(in),
				       page_gpa(out)) == HV_STATUS_SUCCESS;
	host.has_shadow = host.has_test_call && out->is_shadow == 1;
}

/* A flush of the caller itself that starts at the second of two ranges. */
static bool probe_rep_start(void)
{
	struct guest_cpu *vp = vp_self();
	u64 control = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST |
		      FIELD_PREP(HV_CONTROL_REP_COUNT, 2) |
		      FIELD_PREP(HV_CONTROL_REP_START, 1);

	memset(vp->input, 0, PAGE_SIZE);
	((u64 *)vp->input)[1] = HV_FLUSH_ALL_PROCESSORS;
	return hypercall(control, page_gpa(vp->input), 0) ==
	       FIELD_PREP(HV_RESULT_REPS, 2);
}

void host_find(void)
{
	if ((cpu_cpuid(1, 0).ecx & CPUID_HV_BIT) == 0 ||
	    cpu_cpuid(HV_CPUID_MAX, 0).eax < HV_CPUID_LIMITS ||
	    cpu_cpuid(HV_CPUID_INTERFACE, 0).eax != HV_INTERFACE_EAX) {
		return;
	}

	struct cpuid features = cpu_cpuid(HV_CPUID_FEATURES, 0);
	u32 hints = cpu_cpuid(HV_CPUID_RECOMMENDATIONS, 0).eax;

	host.is_hyperv = true;
	host.privileges = (u64)features.ebx << 32 | features.eax;
	host.has_xmm_input = (features.edx & HV_FEATURE_XMM_INPUT) != 0;
	host.has_xmm_output = (features.edx & HV_FEATURE_XMM_OUTPUT) != 0;
	host.has_extended_ranges =
		(features.edx & HV_FEATURE_EXTENDED_RANGES) != 0;
	host.has_lock = (features.edx & HV_FEATURE_HYPERCALL_LOCK) != 0;
	host.has_vp_registers =
		(host.privileges & HV_PRIV_ACCESS_VP_REGISTERS) != 0;
	host.has_extended =
		(host.privileges & HV_PRIV_EXTENDED_HYPERCALLS) != 0;
	host.has_ipi = (hints & HV_HINT_CLUSTER_IPI) != 0;
	host.cpus = cpu_cpuid(HV_CPUID_LIMITS, 0).ebx;
	host.has_ex = (hints & HV_HINT_EX_PROCESSOR_MASKS) != 0;
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, HOST_OS_ID);
	probe_test_call();
	host.has_rep_start = probe_rep_start();
}

const struct host *host_get(void)
{
	return &host;
}
