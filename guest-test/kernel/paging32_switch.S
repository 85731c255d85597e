/* SPDX-License-Identifier: MIT */
/*
 * For 32-bit code that is mapped one to one. paging32_enter, in compatibility
 * mode: leaves IA-32e mode for the paging that paging32_cr3 and paging32_cr4
 * choose. paging32_leave goes back to compatibility mode. EAX, ECX and EDX are
 * lost.
 */
#include "x86/cr.h"
#include "x86/msr.h"

.macro PAGING_OFF
	movl %cr0, %eax
	andl $~CR0_PG, %eax
	movl %eax, %cr0
.endm
.macro PAGING_ON
	movl %cr0, %eax
	orl $CR0_PG, %eax
	movl %eax, %cr0
.endm

	.text
	.code32
	.globl paging32_enter, paging32_leave
paging32_enter:
	PAGING_OFF
	movl $MSR_IA32_EFER, %ecx
	rdmsr
	andl $~EFER_LME, %eax
	wrmsr
	call swap_tables
	PAGING_ON
	ret

paging32_leave:
	PAGING_OFF
	call swap_tables
	movl $MSR_IA32_EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	wrmsr
	PAGING_ON /* compatibility mode */
	ret

/* exchanges CR3 and CR4 with paging32_cr3 and _cr4; EAX and ECX are lost */
swap_tables:
	movl %cr3, %eax
	movl paging32_cr3, %ecx
	movl %ecx, %cr3
	movl %eax, paging32_cr3
	movl %cr4, %eax
	movl paging32_cr4, %ecx
	movl %ecx, %cr4
	movl %eax, paging32_cr4
	ret
