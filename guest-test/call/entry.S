/* SPDX-License-Identifier: MIT */
/*
 * VMCALL with every register under control. void hypercall_regs(u64 *regs):
 * regs[0..15] are loaded, VMCALL executes, and regs[] gets what came back. The four one-byte pushes behind VMCALL
 * measure how far RIP moved.
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
   RAX is 0 before */
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

/* void hypercall_user_entry(u64 rip, u64 rsp): to CPL 3; a fault leads back */
	.globl hypercall_user_entry
hypercall_user_entry:
	pushq $(SEL_UDATA | 3)
	pushq %rsi
	pushq $2
	pushq $(SEL_UCODE | 3)
	pushq %rdi
	iretq
