/* SPDX-License-Identifier: MIT */
/*
 * Control registers of a guest. NE and VMXE are fixed to 1 in VMX operation
 * and shadowed. CR4 bits that CPUID hides exit and are #GP
 * (cpuid_cr4_allowed()). rule: fixed-bits-stay
 */
#ifndef HV_CORE_VP_CR_H
#define HV_CORE_VP_CR_H

#include "base/types.h"
#include "x86/cr.h"

struct vp;

/*
 * CR0 bits whose change exits. CD and NW are not switched by VM entry and exit:
 * a guest that set them would run root mode without caches, so they are
 * shadowed and the real CR0 never has them.
 */
#define CR_CR0_OWNED (CR0_NE | CR0_CD | CR0_NW)

/*
 * MOV to CR0 that changes an owned bit, complete with the paging and IA-32e
 * mode transitions. SDM 2B, "MOV—Move to/from Control Registers". False: #GP,
 * nothing changed. VMCS current.
 */
bool cr_write_cr0(struct vp *vp, u64 raw_value);

/* CR0 as the guest reads it. VMCS current. */
u64 cr_read_cr0(void);

/*
 * SDM 3A, "PDPTE Registers": loads them from where the guest's CR3 points.
 * False: #GP, nothing changed. VMCS current.
 */
bool cr_load_pdptes(struct vp *vp);

#endif
