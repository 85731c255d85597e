/* SPDX-License-Identifier: MIT */
/* Exits by instructions that need no decoding. */
#include "core/cpu/yield.h"
#include "core/emulate/cpuid.h"
#include "core/hypercall/engine.h"
#include "core/lifecycle/stop.h"
#include "core/run/service.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "vmx/exit.h"
#include "vmx/vmcs.h"
#include "x86/cr.h"
#include "x86/msr.h"

enum exit_action exit_cpuid(struct vp *vp, const struct exit_info *info)
{
	u32 out[4];

	(void)info;
	cpuid_emulate(vp, (u32)vp->own.gpr[GPR_RAX], (u32)vp->own.gpr[GPR_RCX],
		      out);
	vp->own.gpr[GPR_RAX] = out[CPUID_EAX];
	vp->own.gpr[GPR_RBX] = out[CPUID_EBX];
	vp->own.gpr[GPR_RCX] = out[CPUID_ECX];
	vp->own.gpr[GPR_RDX] = out[CPUID_EDX];
	return EXIT_ADVANCE;
}

enum exit_action exit_hlt(struct vp *vp, const struct exit_info *info)
{
	(void)info;
	service_halt(vp);
	return EXIT_ADVANCE;
}

/* A loop of PAUSEs: core/vp/vmcs_plan.c says how long a loop is. */
enum exit_action exit_pause(struct vp *vp, const struct exit_info *info)
{
	(void)info;
	yield_once(vp);
	return EXIT_ADVANCE;
}

/*
 * INVD would lose dirty cache lines of others, so WBINVD is executed instead.
 */
enum exit_action exit_invd(struct vp *vp, const struct exit_info *info)
{
	(void)vp;
	(void)info;
	insn_wbinvd();
	return EXIT_ADVANCE;
}

/* Instructions of features that CPUID hides are #UD. */
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

/* Reads the mode and the CPL of any caller. */
static __attribute__((noinline)) struct hc_caller read_caller(void)
{
	u32 ss_access = vmcs_read32(VMCS_GUEST_SS_ACCESS);
	bool is_64bit = exit_in_64bit_mode();

	return (struct hc_caller){
		.is_64bit = is_64bit,
		.is_protected = is_64bit || (vmcs_read_natural(VMCS_GUEST_CR0) &
					     CR0_PE) != 0,
		.cpl = (u8)FIELD_GET(VMX_ACCESS_DPL, ss_access),
	};
}

/* Two fields decide this for nearly all callers. */
static inline bool is_kernel_64bit(void)
{
	return LIKELY(hc_is_kernel_cs(vmcs_read32(VMCS_GUEST_CS_ACCESS))) &&
	       LIKELY(vmcs_read64(VMCS_GUEST_EFER) & EFER_LMA);
}

/* VMCALL exits whatever CPL and mode are, so they are checked in core. */
enum exit_action exit_vmcall(struct vp *vp)
{
	struct hc_caller caller = {.is_64bit = true, .is_protected = true};

	if (UNLIKELY(!is_kernel_64bit())) {
		caller = read_caller();
	}
	switch (hypercall(vp, &caller)) {
	case HC_DONE:
		return EXIT_ADVANCE;
	case HC_REPEAT:
		return EXIT_RETRY;
	case HC_UD:
		break;
	}
	return EXIT_INJECT_UD;
}
