/* SPDX-License-Identifier: MIT */
/*
 * Macros for functions of (u64 *regs), beside a VMCALL: regs[0..15] in the
 * order below into registers and RFLAGS, and what came back into regs[]. The
 * code in between may push: %gs:VP_CALL_RSP has the stack.
 */
#include "layout.h"

#define R(n) (8 * (n))(%rdi)

.macro LOAD_REGS
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
.endm

/* and returns; RSP is that of LOAD_REGS again */
.macro STORE_REGS
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
.endm
