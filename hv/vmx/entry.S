/* SPDX-License-Identifier: MIT */
/*
 * Into guest mode and out of it. One loop per CPU, on the CPU's own stack:
 *
 * 	vp = loop_next(cpu)   everything before the entry; run word odd
 * 	window                compare kicked, load registers, VMRESUME;
 * 	                      one more with VMLAUNCH, for a VP's first entry
 * 	run word even         first after a VM exit, or after it is marked
 * 	                      that what is published changes
 * 	vp = loop_exit(cpu)   handles it, and ends as loop_next() does
 *
 * The stack holds nothing across the entry: HOST_RSP is cpu->host_stack_top,
 * and there RSP is at every label below.
 */
#include "asm_offsets.h"
#include "x86/window.inc"

/* RAX last on the way in, first on the way out: it is the pointer. */
.macro FOR_EACH_GPR op
	\op rcx, VP_RCX
	\op rdx, VP_RDX
	\op rbx, VP_RBX
	\op rbp, VP_RBP
	\op rsi, VP_RSI
	\op rdi, VP_RDI
	\op r8, VP_R8
	\op r9, VP_R9
	\op r10, VP_R10
	\op r11, VP_R11
	\op r12, VP_R12
	\op r13, VP_R13
	\op r14, VP_R14
	\op r15, VP_R15
.endm
.macro LOAD_GPR reg, offset
	movq \offset(%rax), %\reg
.endm
.macro SAVE_GPR reg, offset
	movq %\reg, \offset(%rax)
.endm

/* RAX = VP to enter. */
.macro LOAD_GUEST
	FOR_EACH_GPR LOAD_GPR
	movq VP_RAX(%rax), %rax
.endm

/* Leaves RDI = this CPU. With `publishes` the run word becomes even. */
.macro SAVE_GUEST publishes
	pushq %rax				/* RAX of the guest */
	movq %gs:CPU_VP, %rax
.ifnb \publishes
	/* published_begin(), then the run word: in this order for others too.
	   rule: registers-are-published */
	addl $1, VP_PUBLISHED_SEQ(%rax)
	addq $CPU_RUN_ONE, %gs:CPU_RUN
.endif
	FOR_EACH_GPR SAVE_GPR
	popq VP_RAX(%rax)
	movq %gs:CPU_SELF, %rdi
.endm

	.text
/* void entry_loop(void): the CPU's main loop. Never returns. */
	.globl entry_loop
	.type entry_loop, @function
entry_loop:
	movq %gs:CPU_HOST_STACK_TOP, %rsp	/* discard the caller's
						   frames */
entry_next:
	movq %gs:CPU_SELF, %rdi
	call loop_next				/* RAX = VP to enter */
	jmp entry_window_begin

/* HOST_RIP of VPs with a software TLB. */
	.globl entry_exit_shadow
entry_exit_shadow:
	SAVE_GUEST
	call loop_exit_shadow			/* RAX = VP to enter */
	jmp entry_window_begin

/* HOST_RIP of VPs that publish registers. */
	.globl entry_exit_publish
entry_exit_publish:
	SAVE_GUEST publishes
	call loop_exit_publish			/* RAX = VP to enter */
	jmp entry_window_begin

/* HOST_RIP of all others. RSP = host_stack_top, GPRs are the guest's. */
	.globl entry_exit
entry_exit:
	/* another CPU may be waiting for it. rule: even-first-at-exit */
	addq $CPU_RUN_ONE, %gs:CPU_RUN
	SAVE_GUEST
	call loop_exit				/* RAX = VP to enter */

entry_window_begin:
	/* rule: compare-kicked-before-entry */
	cmpq $0, %gs:CPU_KICKED
	jne entry_aborted
	STRETCH
	LOAD_GUEST
	vmresume
entry_window_end:			/* fell through: VMfail */
	jc entry_failed			/* no current VMCS */
	movq %gs:CPU_VP, %rax
	cmpq $0, VP_EXIT_COUNT(%rax)
	jne entry_failed

/* The VP's first entry: its VMCS is clear, so VMRESUME had no effect. */
entry_launch_begin:
	cmpq $0, %gs:CPU_KICKED
	jne entry_aborted			/* as in the first window */
	STRETCH
	LOAD_GUEST
	vmlaunch
entry_launch_end:

/* All GPRs may be the guest's: RSP, %gs and RIP-relative only. CF is VMfail's,
   or clear. */
entry_failed:
	setc %dil				/* CF: no current VMCS */
	movzbl %dil, %edi
	call loop_entry_failed			/* panics */
	ud2

/* The NMI handler comes here from a window; the same registers are good. */
entry_aborted:
	movq %gs:CPU_SELF, %rdi
	call loop_aborted			/* makes the run word even */
	jmp entry_next

	.size entry_loop, . - entry_loop

	WINDOW entry_window_begin, entry_window_end, entry_aborted
	WINDOW entry_launch_begin, entry_launch_end, entry_aborted

	.section .note.GNU-stack, "", @progbits
