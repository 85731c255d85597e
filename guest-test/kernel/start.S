/* SPDX-License-Identifier: MIT */
/*
 * PVH entry: 32-bit protected mode without paging, EBX = hvm_start_info. Maps
 * the low 4 GiB one to one by 2 MiB pages and goes on in 64-bit C code.
 */
#include "kernel/layout.h"
#include "kernel/long_mode.inc"

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
	ENTER_LONG_MODE start_long

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
start_gdt_ptr:
	.word SEL_TSS - 1
	.long gdt_flat

	.bss
	.balign 4096
	.skip 16384
start_stack_top:
