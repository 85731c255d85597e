/* SPDX-License-Identifier: MIT */
/* VMX operation on this CPU. */
#ifndef HV_VMX_CPU_H
#define HV_VMX_CPU_H

#include "common/platform/caps.h"

struct cpu;

/* Allocates each CPU's VMXON region. Boot CPU, before launch. */
void vmx_cpu_prepare(void);

/*
 * Checks the requirements again, enters VMX operation, invalidates all
 * translations that an earlier user of VMX left, and unblocks NMIs. Fills
 * `caps`.
 * rule: clean-tlb-at-start
 */
void vmx_cpu_start(const struct cpu *cpu, struct caps_raw *caps);

/*
 * Fills in the types of INVVPID and INVEPT that all CPUs have: struct machine.
 */
void vmx_cpu_note_features(const struct caps_raw *caps);

#endif
