/* SPDX-License-Identifier: MIT */
/*
 * PVH entry: 32-bit protected mode without paging, EBX = hvm_start_info. Maps
 * the low 4 GiB one to one by 2 MiB pages and goes on in 64-bit C code.
 */
#include "kernel/layout.h"
#include "x86/cr.h"
#include "x86/msr.h"

/* XEN_ELFNOTE_PHYS32_ENTRY */
	.section .note.pvh, "a", @note
	.balign 4
	.long 4, 4, 18
	.asciz "Xen"
	.long start_pvh

	.section .text.start, "ax"
	.code32
	.globl start_pvh
start_pvh:
	cli
	cld
	movl $start_stack_top, %esp
	movl %ebx, %ebp

	/* 2048 entries of 2 MiB; U is set above the leaves only */
	movl $page_pd, %edi
	movl $0x83, %eax
	xorl %ecx, %ecx
1:	movl %eax, (%edi, %ecx, 8)
	movl $0, 4(%edi, %ecx, 8)
	addl $0x200000, %eax
	incl %ecx
	cmpl $2048, %ecx
	jne 1b

	movl $page_pdpt, %edi
	movl $page_pd + 7, %eax
	xorl %ecx, %ecx
2:	movl %eax, (%edi, %ecx, 8)
	addl $0x1000, %eax
	incl %ecx
	cmpl $4, %ecx
	jne 2b
	movl $page_pdpt + 7, page_pml4

	movl $start_gdt_ptr, %eax
	lgdt (%eax)
	movl $(CR4_PAE | CR4_PGE), %eax
	movl %eax, %cr4
	movl $page_pml4, %eax
	movl %eax, %cr3
	movl $MSR_IA32_EFER, %ecx
	rdmsr
	orl $EFER_LME, %eax
	wrmsr
	movl $(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
	movl %eax, %cr0
	ljmp $SEL_CODE64, $start_long

	.code64
start_long:
	movl $SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movl $start_stack_top, %esp
	movl %ebp, %edi
	xorl %ebp, %ebp
	call main_start
3:	hlt
	jmp 3b

	.section .rodata
	.balign 8
	.globl start_gdt
start_gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* SEL_CODE64 */
	.quad 0x00cf93000000ffff /* SEL_DATA */
	.quad 0x00cf9b000000ffff /* SEL_CODE32 */
start_gdt_ptr:
	.word start_gdt_ptr - start_gdt - 1
	.long start_gdt

	.bss
	.balign 4096
	.skip 16384
start_stack_top:
