/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of an AP: copied by ap.c to a page below 1 MiB, where
 * the SIPI starts it in real mode with CS = page / 16 and IP = 0. One write of
 * CR0 leads from real mode to IA-32e mode, then on to start_on_stack(). ap.c
 * fills in what stands at the labels trampoline_*.
 */
#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/seg.h"

#define AT(label) (label - trampoline_start)

	.section .trampoline, "a", @progbits
	.balign 16
	.globl trampoline_start
trampoline_start:
	.code16
	cli
	cld
	mov %cs, %ax
	mov %ax, %ds			/* this page, for AT() */
	mov $(CR4_PAE), %eax
	mov %eax, %cr4
	mov AT(trampoline_root), %eax	/* tables with this page at its own
					   address */
	mov %eax, %cr3
	mov $MSR_IA32_EFER, %ecx
	rdmsr
	or $(EFER_LME | EFER_NXE), %eax
	wrmsr
	lgdtl AT(trampoline_gdtr)
	mov $(CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG), %eax
	mov %eax, %cr0			/* compatibility mode until the jump */
	ljmpl *AT(trampoline_jump)

	.code64
trampoline_long:
	xor %eax, %eax
	mov %eax, %ss			/* null is good for 64-bit CPL 0 */
	mov %eax, %ds
	mov %eax, %es
	mov trampoline_stack(%rip), %rdi
	mov trampoline_function(%rip), %rsi
	mov trampoline_argument(%rip), %rdx
	jmp *trampoline_entry(%rip)	/* start_on_stack, in the upper half */

	.balign 8
trampoline_gdt:
	.quad 0
	.quad SEG_KERNEL_CODE
trampoline_gdt_end:

	.globl trampoline_stack, trampoline_function, trampoline_argument
	.globl trampoline_entry, trampoline_root, trampoline_gdtr
	.globl trampoline_jump, trampoline_end
trampoline_stack:
	.quad 0
trampoline_function:
	.quad 0
trampoline_argument:
	.quad 0
trampoline_entry:
	.quad 0
trampoline_root:
	.long 0
trampoline_jump:			/* far pointer; base is added by ap.c */
	.long AT(trampoline_long)
	.word 8
trampoline_gdtr:			/* the same with the base at + 2 */
	.word trampoline_gdt_end - trampoline_gdt - 1
	.long AT(trampoline_gdt)
trampoline_end:

	.section .note.GNU-stack, "", @progbits
