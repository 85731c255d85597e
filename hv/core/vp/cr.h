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
 * Of a VP with a software TLB too: what decides how its tables are walked. The
 * CPU itself always runs with WP = 1 and PAE = 1.
 */
#define CR_CR0_OWNED_SHADOW (CR0_PG | CR0_WP)
#define CR_CR4_OWNED_SHADOW                                                    \
	(CR4_PSE | CR4_PAE | CR4_PGE | CR4_PCIDE | CR4_SMEP | CR4_SMAP)

/*
 * MOV to CR0 that changes an owned bit, complete with the paging and IA-32e
 * mode transitions. SDM 2B, "MOV—Move to/from Control Registers". False: #GP,
 * nothing changed. VMCS current.
 */
bool cr_write_cr0(struct vp *vp, u64 raw_value);

/*
 * SDM 3A, "PDPTE Registers": loads them from where the guest's CR3 points.
 * False: #GP, nothing changed. VMCS current.
 */
bool cr_load_pdptes(struct vp *vp);

#endif
