/* SPDX-License-Identifier: MIT */
/*
 * Interrupt entries, 16 bytes each; they build the frame of trap_dispatch().
 * trap_enter_try() runs a function; a fault in it ends only that function.
 */
#include "kernel/layout.h"

	.text
	.balign 16
	.globl isr_entries
isr_entries:
	.set vector, 0
	.rept 256
	.balign 16
	/* these push an error code themselves: SDM 3A, "Error Code" */
	.if (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21)
	.else
	pushq $0
	.endif
	pushq $vector
	jmp isr_common
	.set vector, vector + 1
	.endr

	.balign 16
isr_common:
	pushq %rax
	pushq %rcx
	pushq %rdx
	pushq %rbx
	pushq %rbp
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	cld
	movq %rsp, %rdi
	movq %rsp, %rbx
	andq $-16, %rsp
	call trap_dispatch
	movq %rbx, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rbp
	popq %rbx
	popq %rdx
	popq %rcx
	popq %rax
	addq $16, %rsp
	iretq

/* void trap_enter_try(void (*fn)(void *), void *arg) */
	.globl trap_enter_try, trap_leave_try
trap_enter_try:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	pushfq
	pushq %gs:VP_TRY_RSP
	movq %rsp, %gs:VP_TRY_RSP
	subq $8, %rsp
	movq %rdi, %rax
	movq %rsi, %rdi
	call *%rax
	addq $8, %rsp
/* trap_dispatch() returns here after a fault, with RSP = try_rsp */
trap_leave_try:
	popq %gs:VP_TRY_RSP
	popfq
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret
