/* SPDX-License-Identifier: MIT */
/* Changing the VP of a CPU: what the VMCS does not switch. */
#ifndef HV_VMX_SWITCH_H
#define HV_VMX_SWITCH_H

struct cpu;
struct vp;

/*
 * Makes `vp` the CPU's VP: its VMCS current, its registers in the CPU; those
 * of the VP that was there are saved. Own CPU, run word even.
 */
void switch_to(struct cpu *cpu, struct vp *vp);

/* The registers of a VP that has never run. Before launch. */
void switch_init(struct vp *vp);

/* Loads them for the VP that vp_setup() left current. Once per CPU. */
void switch_load_first(const struct cpu *cpu);

#endif
