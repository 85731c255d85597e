/* SPDX-License-Identifier: MIT */
/*
 * From 64-bit mode to a PVH entry: 32-bit protected mode without paging. jump.c
 * copies [enter_pvh_begin, enter_pvh_end) to a page below 4 GiB and calls it
 * there: all addresses are relative. It has no stack from the second half on.
 *
 * In: RDI list of struct copy, RSI entry, RDX start info; all below 4 GiB.
 */
#include "x86/cr.h"
#include "x86/msr.h"

#define SEL_CODE32 0x08
#define SEL_DATA   0x10

	.section .rodata
	.globl enter_pvh_begin, enter_pvh_end
	.hidden enter_pvh_begin, enter_pvh_end
	.code64
enter_pvh_begin:
	cli			/* the firmware's IDT becomes unreachable */
	cld			/* REP goes upwards */
	mov	%edi, %ebp	/* the list; EDI is needed for copying */
	mov	%edx, %ebx	/* EBX = start info, as PVH demands */
	sub	$32, %rsp	/* room for the GDT's length and address */
	lea	gdt(%rip), %rax
	movw	$(gdt_end - gdt - 1), (%rsp)
	mov	%rax, 2(%rsp)
	lgdt	(%rsp)
	lea	stack_end(%rip), %rsp	/* room for the far return, in this page */
	mov	%esi, %edx	/* the entry; RSI is needed for copying */
	lea	protected(%rip), %rax
	pushq	$SEL_CODE32
	pushq	%rax
	lretq
	.code32
protected:
	mov	$SEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%eax, %ss
	mov	%edx, %esp	/* the entry, kept where REP leaves it alone */
	mov	$(CR0_PE | CR0_ET | CR0_NE), %eax
	mov	%eax, %cr0	/* paging off: this page is mapped to itself */
	mov	$MSR_IA32_EFER, %ecx
	xor	%eax, %eax
	xor	%edx, %edx
	wrmsr			/* LME off */
	mov	%eax, %cr4
1:	mov	(%ebp), %edi	/* to; 0 is the end of the list */
	test	%edi, %edi
	jz	2f
	mov	4(%ebp), %esi	/* from */
	mov	8(%ebp), %ecx	/* len */
	rep movsb
	mov	12(%ebp), %ecx	/* zeros after it */
	xor	%eax, %eax
	rep stosb
	add	$16, %ebp
	jmp	1b
2:	jmp	*%esp
	.balign 8
gdt:	.quad 0
	.quad 0x00cf9b000000ffff /* SEL_CODE32 */
	.quad 0x00cf93000000ffff /* SEL_DATA */
gdt_end:
	.skip 16
stack_end:
enter_pvh_end:

	.section .note.GNU-stack, "", @progbits
