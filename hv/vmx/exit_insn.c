/* SPDX-License-Identifier: MIT */
/* Exits by instructions that need no decoding. */
#include "core/cpuid.h"
#include "core/hypercall.h"
#include "core/partition.h"
#include "core/service.h"
#include "core/vp.h"
#include "vmx/exit.h"
#include "vmx/vmcs.h"
#include "x86/cr.h"
#include "x86/msr.h"

enum exit_action exit_cpuid(struct vp *vp, const struct exit_info *info)
{
	u32 out[4];

	(void)info;
	cpuid_emulate(vp, (u32)vp->gpr[GPR_RAX], (u32)vp->gpr[GPR_RCX], out);
	vp->gpr[GPR_RAX] = out[CPUID_EAX];
	vp->gpr[GPR_RBX] = out[CPUID_EBX];
	vp->gpr[GPR_RCX] = out[CPUID_ECX];
	vp->gpr[GPR_RDX] = out[CPUID_EDX];
	return EXIT_ADVANCE;
}

enum exit_action exit_hlt(struct vp *vp, const struct exit_info *info)
{
	(void)info;
	service_halt(vp);
	return EXIT_ADVANCE;
}

/* INVD would lose other people's dirty lines: written back instead. */
enum exit_action exit_invd(struct vp *vp, const struct exit_info *info)
{
	(void)vp;
	(void)info;
	insn_wbinvd();
	return EXIT_ADVANCE;
}

/* The instruction of a feature that CPUID hides. */
enum exit_action exit_undefined(struct vp *vp, const struct exit_info *info)
{
	(void)vp;
	(void)info;
	return EXIT_INJECT_UD;
}

enum exit_action exit_refused(struct vp *vp, const struct exit_info *info)
{
	(void)vp;
	(void)info;
	return EXIT_INJECT_GP0;
}

enum exit_action exit_task_switch(struct vp *vp, const struct exit_info *info)
{
	(void)info;
	partition_stop(vp->partition, 126, "task-switch");
	return EXIT_STOP;
}

/*
 * VMCALL exits whatever CPL and mode are, so they are checked in core. With
 * CS.L = 0 EFER need not be read: the caller is not a 64-bit one.
 */
enum exit_action exit_vmcall(struct vp *vp, const struct exit_info *info)
{
	u32 ss_access = vmcs_read32(VMCS_GUEST_SS_ACCESS);
	bool cs_l = (vmcs_read32(VMCS_GUEST_CS_ACCESS) & VMX_ACCESS_L) != 0;
	struct hc_caller caller = {
		.cpl = (u8)FIELD_GET(VMX_ACCESS_DPL, ss_access),
	};

	(void)info;
	if (LIKELY(cs_l)) {
		caller.is_64bit =
			(vmcs_read64(VMCS_GUEST_EFER) & EFER_LMA) != 0;
		caller.is_protected = caller.is_64bit;
	}
	if (UNLIKELY(!caller.is_64bit)) {
		caller.is_protected =
			(vmcs_read_natural(VMCS_GUEST_CR0) & CR0_PE) != 0;
	}
	switch (hypercall(vp, &caller)) {
	case HC_DONE:
		return EXIT_ADVANCE;
	case HC_SUSPENDED:
		return EXIT_RETRY;
	case HC_UD:
		break;
	}
	return EXIT_INJECT_UD;
}
