/* SPDX-License-Identifier: MIT */
/*
 * VM exits: a table of handlers, and the facts the dispatcher reads for them.
 * A handler says what happens to RIP; only the dispatcher does it.
 */
#ifndef HV_VMX_EXIT_H
#define HV_VMX_EXIT_H

#include "base/types.h"

struct cpu;
struct vp;

enum exit_action {
	EXIT_ADVANCE,   /* instruction emulated: skip it */
	EXIT_RETRY,     /* enter again where it was */
	EXIT_INJECT_UD, /* fault, RIP untouched */
	EXIT_INJECT_GP0,
	EXIT_STOP, /* the partition has been stopped */
};

struct exit_info {
	u64 qualification;
	u64 gpa;
	u32 vectoring; /* IDT-vectoring information, 0: none */
};

typedef enum exit_action exit_fn(struct vp *vp, const struct exit_info *info);

/* After every VM exit of `vp` on `cpu`, run word even; `rcx`: the guest's. */
void exit_handle(struct cpu *cpu, struct vp *vp, u64 rcx);

/* Is the guest in 64-bit mode (EFER.LMA and CS.L)? */
bool exit_in_64bit_mode(void);

/* Prepares the #DB of a single step: DR6.BS, DR7.GD as the CPU sets them. */
void exit_single_step(struct vp *vp);

/*
 * Blocks NMIs again: an IRET of the guest had unblocked them before it faulted.
 */
void exit_block_nmi(void);

/* Ends the shadow of STI or MOV SS: an exception is delivered in it. */
void exit_end_shadow(void);

/* #PF of a VP with a software TLB; `interruption`: of the exit. */
enum exit_action exit_page_fault(struct vp *vp, u32 interruption,
				 const struct exit_info *info);

/* Stops the partition, with one line about the access. */
enum exit_action exit_outside_ram(struct vp *vp, const char *access, u64 gpa);

/* Name of a basic exit reason for reports. */
const char *exit_name(u32 reason);

/* The handler that most exits go to; exit_insn.c. */
enum exit_action exit_vmcall(struct vp *vp);

/* Handlers, by file */
exit_fn exit_exception_nmi; /* exit_event.c */
exit_fn exit_external_interrupt;
exit_fn exit_window;
exit_fn exit_preemption_timer;
exit_fn exit_triple_fault;
exit_fn exit_cpuid; /* exit_insn.c */
exit_fn exit_hlt;
exit_fn exit_pause;
exit_fn exit_invd;
exit_fn exit_undefined;
exit_fn exit_refused;
exit_fn exit_task_switch;
exit_fn exit_cr_access; /* exit_control.c */
exit_fn exit_invlpg;
exit_fn exit_invpcid;
exit_fn exit_io; /* exit_access.c */
exit_fn exit_rdmsr;
exit_fn exit_wrmsr;
exit_fn exit_ept_violation;

#endif
