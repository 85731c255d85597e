/* SPDX-License-Identifier: MIT */
/* Changing the VP of a CPU: what the VMCS does not switch. */
#ifndef HV_VMX_SWITCH_H
#define HV_VMX_SWITCH_H

struct cpu;
struct vp;

/*
 * Makes `vp` the VP of the CPU: its VMCS becomes current and its registers are
 * loaded; those of the VP before it are saved. Called on that CPU, with the run
 * word even.
 */
void switch_to(struct cpu *cpu, struct vp *vp);

/* The registers of a VP that has never run. Before launch. */
void switch_init(struct vp *vp);

/*
 * Gives the current VP of this CPU, which is `vp`, the registers of one that
 * has never run, and leaves no others of it anywhere.
 */
void switch_renew(struct vp *vp);

/* Loads the registers of the VP that vp_setup() left current. Once per CPU. */
void switch_load_first(const struct cpu *cpu);

#endif
