/* SPDX-License-Identifier: MIT */
/* What VMX adds to a panic report. */
#include "core/state/vp.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "vmx/exit.h"
#include "vmx/insn.h"
#include "vmx/selftest_panic.h"
#include "vmx/vmcs.h"
#include "x86/cr.h"
#include "x86/insn.h"
#include "x86/panic.h"

/* VMREAD that may fail: the report must not panic again. */
static u64 peek(u32 field)
{
	u64 value = 0;

	return insn_vmread(field, &value) ? ~0ull : value;
}

/* Without VMX operation VMREAD is #UD; without a VP no VMCS is loaded. */
static bool has_vmcs(void)
{
	return (insn_read_cr4() & CR4_VMXE) && this_cpu() != NULL &&
	       this_cpu()->vp != NULL;
}

u64 vmx_panic_guest_rip(void)
{
	return has_vmcs() ? peek(VMCS_GUEST_RIP) : 0;
}

void vmx_panic_report(void)
{
	const struct vp *vp;
	u32 reason;

	selftest_panic_report();
	if (!has_vmcs()) {
		return;
	}
	vp = this_cpu()->vp;
	reason = (u32)peek(VMCS_EXIT_REASON);
	panic_line("partition=%s vp=%u state=%u run=0x%lx exits=%lu",
		   vp->partition->config->name, vp->number, (u32)vp->own.state,
		   this_cpu()->run, vp->own.exit_count);
	panic_line("exit=0x%x (%s) qualification=0x%lx error=%lu", reason,
		   exit_name(reason), peek(VMCS_EXIT_QUALIFICATION),
		   peek(VMCS_INSTRUCTION_ERROR));
	panic_line("guest rip=0x%lx rsp=0x%lx rflags=0x%lx cr0=0x%lx "
		   "cr3=0x%lx cr4=0x%lx",
		   peek(VMCS_GUEST_RIP), peek(VMCS_GUEST_RSP),
		   peek(VMCS_GUEST_RFLAGS), peek(VMCS_GUEST_CR0),
		   peek(VMCS_GUEST_CR3), peek(VMCS_GUEST_CR4));
}
