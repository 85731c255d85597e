/* SPDX-License-Identifier: MIT */
/*
 * VMCALL with every register under control. void hypercall_regs(u64 *regs):
 * regs[0..15] in the order of the pushes below are loaded, VMCALL executes,
 * and regs[] gets what came back. The four one-byte pushes behind VMCALL
 * measure how far RIP moved.
 */
#include "layout.h"

#define R(n) (8 * (n))(%rdi)

	.text
	.globl hypercall_regs
hypercall_regs:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	pushq %rdi
	movq %rsp, %gs:VP_CALL_RSP
	pushq R(15) /* RFLAGS */
	movq R(0), %rax
	movq R(1), %rcx
	movq R(2), %rdx
	movq R(3), %rbx
	movq R(4), %rbp
	movq R(5), %rsi
	movq R(7), %r8
	movq R(8), %r9
	movq R(9), %r10
	movq R(10), %r11
	movq R(11), %r12
	movq R(12), %r13
	movq R(13), %r14
	movq R(14), %r15
	movq R(6), %rdi
	popfq
	vmcall
	pushq %rbp
	pushq %rbp
	pushq %rbp
	pushq %rbp
	movq %rsp, %gs:VP_CALL_RSP_AFTER
	movq %gs:VP_CALL_RSP, %rsp
	pushfq
	pushq %rdi
	movq 16(%rsp), %rdi
	popq R(6)
	popq R(15)
	movq %rax, R(0)
	movq %rcx, R(1)
	movq %rdx, R(2)
	movq %rbx, R(3)
	movq %rbp, R(4)
	movq %rsi, R(5)
	movq %r8, R(7)
	movq %r9, R(8)
	movq %r10, R(9)
	movq %r11, R(10)
	movq %r12, R(11)
	movq %r13, R(12)
	movq %r14, R(13)
	movq %r15, R(14)
	popq %rdi
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret

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
