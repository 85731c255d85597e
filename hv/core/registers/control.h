/* SPDX-License-Identifier: MIT */
/*
 * CR3, CR4 and EFER, set by call 0x0051 or by the guest itself, whose writes
 * exit only with a software TLB. CR0 is core/vp/cr.h.
 */
#ifndef HV_CORE_REGISTERS_CONTROL_H
#define HV_CORE_REGISTERS_CONTROL_H

#include "base/types.h"

struct vp;

/*
 * As MOV to CR3, MOV to CR4 and WRMSR of IA32_EFER would: false stands for #GP,
 * and nothing has changed. A bit that CPUID hides is refused; EFER.LMA must
 * have the value that LME and CR0.PG imply. The VP's TLB is flushed before its
 * next entry; by EFER only if NXE changes. VMCS current.
 */
bool cr_set_cr3(struct vp *vp, u64 value);
bool cr_set_cr4(struct vp *vp, u64 value);
bool cr_set_efer(struct vp *vp, u64 value);

/*
 * MOV to CR3 and WRMSR of IA32_EFER by a VP with a software TLB, for which they
 * exit. With PCIDs bit 63 of CR3 asks that nothing be forgotten, and is not
 * part of the register. LMA is read-only: what is written there is ignored.
 * VMCS current.
 */
bool cr_guest_cr3(struct vp *vp, u64 raw_value);
bool cr_guest_efer(struct vp *vp, u64 raw_value);

#endif
