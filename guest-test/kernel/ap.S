/* SPDX-License-Identifier: MIT */
/*
 * AP start. smp_init() copies ap_begin..ap_end to AP_PAGE, where a SIPI starts
 * it in real mode. It ends in smp_ap_main(), on the stack of the VP whose APIC
 * ID CPUID reports.
 */
#include "kernel/layout.h"
#include "kernel/long_mode.inc"

#define AT(sym) (AP_PAGE + (sym) - ap_begin)

	.text
	.globl ap_begin, ap_end
	.code16
ap_begin:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl ap_gdt_ptr - ap_begin
	movl %cr0, %eax
	orl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl $SEL_CODE32, $AT(ap_protected)

	.code32
ap_protected:
	movl $SEL_DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	ENTER_LONG_MODE ap_long

	.balign 8
ap_gdt_ptr:
	.word SEL_TSS - 1
	.long gdt_flat
ap_end:

	.code64
ap_long:
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movl $1, %eax
	cpuid
	shrl $24, %ebx
	movq smp_vps(, %rbx, 8), %rdi
	movq VP_STACK_TOP(%rdi), %rsp
	xorl %ebp, %ebp
	call smp_ap_main
1:	hlt
	jmp 1b
