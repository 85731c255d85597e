/* SPDX-License-Identifier: MIT */
/*
 * The hypercall engine: everything that is common to all calls. Order of the
 * checks: docs/abi.md. TLFS "Hypercall Interface".
 */
#ifndef HV_CORE_HYPERCALL_ENGINE_H
#define HV_CORE_HYPERCALL_ENGINE_H

#include "base/types.h"
#include "x86/vmcs.h"

struct vp;

/* How the caller runs: TLFS hypercall-interface, "Legal Hypercall Environments"
 */
struct hc_caller {
	bool is_64bit;     /* EFER.LMA && CS.L */
	bool is_protected; /* CR0.PE */
	u8 cpl;
};

/*
 * True if, with EFER.LMA set, these are the access rights of 64-bit code at CPL
 * 0: the DPL of a non-conforming code segment is the CPL (SDM 3C, "Checks on
 * Guest Segment Registers"). False means that the full check decides.
 */
static inline bool hc_is_kernel_cs(u32 cs_access)
{
	return (cs_access & (VMX_ACCESS_L | VMX_ACCESS_CONFORMING |
			     VMX_ACCESS_DPL)) == VMX_ACCESS_L;
}

enum hc_outcome {
	HC_DONE,   /* result is in the registers: advance RIP */
	HC_UD,     /* #UD, nothing changed */
	HC_REPEAT, /* RIP stays, only the rep start index in the control word
		      changes: the same call will be made again, at once or,
		      if vp->own.state is VP_SUSPENDED, after the wake */
};

/*
 * Executes the call in vp->own.gpr. Called in root mode on the VP's CPU, with
 * the run word even.
 */
enum hc_outcome hypercall(struct vp *vp, const struct hc_caller *caller);

#endif
