/* SPDX-License-Identifier: MIT */
/* A CPU's main loop, as entry.S sees it. */
#ifndef HV_VMX_LOOP_H
#define HV_VMX_LOOP_H

#include "base/types.h"

struct cpu;
struct vp;

void entry_loop(void) __attribute__((noreturn));
void entry_exit(void);
void entry_exit_publish(void);
void entry_exit_shadow(void);

/*
 * Does everything that is due, idles while nothing can run, and returns the
 * VP to enter: its VMCS current and prepared, the run word odd.
 */
struct vp *loop_next(struct cpu *cpu);

/*
 * After a VM exit of cpu->vp, run word even: handles the exit, and returns what
 * loop_next() does. entry.S calls it with the guest's RCX, RDX and RSI still in
 * the registers of these arguments: RCX need not be loaded again. RSI and RDX
 * are not used. loop_exit_publish() first ends the publishing of registers that
 * entry.S has begun.
 */
struct vp *loop_exit(struct cpu *cpu, u64 rsi, u64 rdx, u64 rcx);
struct vp *loop_exit_publish(struct cpu *cpu);

/* loop_exit_publish() for VPs with a software TLB. */
struct vp *loop_exit_shadow(struct cpu *cpu);

/* Called after an aborted entry: makes the word even first. */
void loop_aborted(struct cpu *cpu);

/* VMLAUNCH or VMRESUME failed, which is a bug of the hypervisor: panics. */
void loop_entry_failed(bool no_vmcs) __attribute__((noreturn));

#endif
