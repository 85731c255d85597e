/* SPDX-License-Identifier: MIT */
/*
 * VMCALL with chosen values in all registers. void hypercall_regs(u64 *regs)
 * loads regs[0..15], executes VMCALL, and stores what came back. The four
 * one-byte pushes after VMCALL measure how far RIP has moved.
 */
#include "call/registers.inc"

	.text
	.globl hypercall_regs
hypercall_regs:
	LOAD_REGS
	vmcall
	pushq %rbp
	pushq %rbp
	pushq %rbp
	pushq %rbp
	movq %rsp, %gs:VP_CALL_RSP_AFTER
	movq %gs:VP_CALL_RSP, %rsp
	STORE_REGS

/* u64 hypercall_call_page(u64 control, u64 in_gpa, u64 out_gpa, u64 page);
   RAX is 0 at the CALL */
	.globl hypercall_call_page
hypercall_call_page:
	movq %rcx, %r11
	movq %rdi, %rcx
	movq %rdx, %r8
	movq %rsi, %rdx
	xorl %eax, %eax
	subq $8, %rsp
	call *%r11
	addq $8, %rsp
	ret

/* void hypercall_user_entry(u64 rip, u64 rsp): to CPL 3; a fault returns */
	.globl hypercall_user_entry
hypercall_user_entry:
	pushq $(SEL_UDATA | 3)
	pushq %rsi
	pushq $2
	pushq $(SEL_UCODE | 3)
	pushq %rdi
	iretq
