/* SPDX-License-Identifier: MIT */
/*
 * void script32_execute(bool is_paged): executes the steps at script32_steps in
 * 32-bit mode without IA-32e mode, without paging or with that of paging32_cr3.
 * Pre: IF is 0; code, stack and steps are mapped one to one below 4 GiB. The
 * IDT at return is that of script32_idt.
 */
#include "kernel/layout.h"
#include "suites/paging/script32_layout.h"
#include "x86/cr.h"

	.text
	.code64
	.globl script32_execute
script32_execute:
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, saved_rsp
	movl %edi, is_paged
	ljmpl *start_ptr

	.code32
start:
	movl $SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	cmpl $0, is_paged
	je 1f
	call paging32_enter
	jmp 2f
1:	movl %cr0, %eax
	andl $~CR0_PG, %eax
	movl %eax, %cr0
2:	lidt script32_idt
	movl $script32_steps, step

/* ESI is the step in all operations, EDX and ECX are its words a and b */
execute:
	movl step, %esi
	movl STEP_OP(%esi), %eax
	movl STEP_A(%esi), %edx
	movl STEP_B(%esi), %ecx
	movl $-1, STEP_VECTOR(%esi)
	jmp *operations(, %eax, 4)
do_read:
	movl (%edx), %eax
	jmp has_value
do_write:
	movl %ecx, (%edx)
	jmp next
do_fetch:
	call *%edx
	jmp next
do_invlpg:
	invlpg (%edx)
	jmp next
do_cr0:
	movl %edx, %cr0
	jmp next
do_cr3:
	movl %edx, %cr3
	jmp next
do_read_cr3:
	movl %cr3, %eax
	jmp has_value
do_cr4:
	movl %edx, %cr4
	jmp next
do_call:
	movl %edx, %eax
	movl STEP_C(%esi), %edx
	xorl %ebx, %ebx
	xorl %esi, %esi
	xorl %edi, %edi
	vmcall
	movl step, %esi
has_value:
	movl %eax, STEP_VALUE(%esi)
next:
	addl $STEP_LEN, step
	jmp execute

do_end:
	cmpl $0, is_paged
	je 1f
	call paging32_leave
	jmp 2f
1:	movl %cr0, %eax
	orl $CR0_PG, %eax
	movl %eax, %cr0
2:	ljmp $SEL_CODE64, $back

	.code64
back:
	movq saved_rsp, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret

/* Exceptions: the stack has the error code, here 0 where there is none. */
	.code32
	.globl script32_ud, script32_gp, script32_pf
script32_ud:
	pushl $0
	movl $6, %ebx
	jmp fault
script32_gp:
	movl $13, %ebx
	jmp fault
script32_pf:
	movl $14, %ebx
fault:
	movl step, %esi
	movl %ebx, STEP_VECTOR(%esi)
	popl STEP_ERROR(%esi)
	movl %cr2, %eax
	movl %eax, STEP_CR2(%esi)
	movl saved_rsp, %esp
	jmp next

	.section .rodata
	.balign 8
start_ptr:
	.long start
	.word SEL_CODE32
	.balign 4
operations: /* enum script32_op */
	.long do_end, do_read, do_write, do_fetch, do_invlpg, do_cr0, do_cr3
	.long do_read_cr3, do_cr4, do_call

	.bss
	.balign 8
saved_rsp:
	.skip 8
is_paged:
	.skip 4
step:
	.skip 4
