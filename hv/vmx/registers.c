/* SPDX-License-Identifier: MIT */
/* x87 and SSE state, CR2, debug registers and the MSRs of SYSCALL. */
#include "vmx/registers.h"

#include "base/types.h"
#include "core/port_vmcs.h"
#include "vmx/insn.h"
#include "x86/cr.h"
#include "x86/insn.h"
#include "x86/msr.h"

static const u32 msrs[] = {
	MSR_IA32_STAR,  MSR_IA32_LSTAR,          MSR_IA32_CSTAR,
	MSR_IA32_FMASK, MSR_IA32_KERNEL_GS_BASE, MSR_IA32_TSC_AUX,
};

/* SDM 1, "FXSAVE Area": FCW at 0, MXCSR at 24 */
static const u32 fxsave_reset[128] __aligned(16) = {
	[0] = 0x37f,
	[6] = 0x1f80,
};

void port_reset_registers(void)
{
	static const u64 zero[4];

	insn_write_cr2(0);
	insn_write_dr0_3(zero);
	insn_write_dr6(DR6_RESET);
}

void registers_power_on(void)
{
	port_reset_registers();
	insn_fxrstor(fxsave_reset);
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		insn_wrmsr(msrs[i], 0);
	}
}
