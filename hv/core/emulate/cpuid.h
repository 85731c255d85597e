/* SPDX-License-Identifier: MIT */
/* What CPUID answers in a guest: the CPU's own answer through masks. */
#ifndef HV_CORE_EMULATE_CPUID_H
#define HV_CORE_EMULATE_CPUID_H

#include "base/types.h"

struct vp;

/* The registers of a CPUID answer, in the order of out[] */
enum { CPUID_EAX, CPUID_EBX, CPUID_ECX, CPUID_EDX };

/*
 * The guest's CPUID: out = EAX, EBX, ECX, EDX (upper halves of the registers
 * become 0). A leaf or bit that is not in the table is 0.
 *  - A basic or extended leaf above its range's maximum answers as the highest
 *    basic leaf, as the SDM demands (volume 2, "CPUID").
 *  - 0x40000000-0x4fffffff above the partition's max_leaf answers zeros.
 * Called on the VP's own CPU.
 */
void cpuid_emulate(const struct vp *vp, u32 leaf, u32 subleaf, u32 out[4]);

/*
 * The same, but a first use is not reported: the guest has not executed CPUID.
 * False: the leaf is not in the table.
 */
bool cpuid_peek(const struct vp *vp, u32 leaf, u32 subleaf, u32 out[4]);

/* CR4 bits that these answers allow the guest to set; the others are #GP. */
u64 cpuid_cr4_allowed(const struct vp *vp);

#endif
