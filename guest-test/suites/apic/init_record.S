/* SPDX-License-Identifier: MIT */
/*
 * Where a SIPI for REAL_PAGE starts a VP: stores the registers that INIT has
 * left, by init_record.h, and goes on to the trampoline. DS and SS begin at 0
 * after INIT.
 */
#include "kernel/layout.h"
#include "suites/apic/init_record.h"

#define CR4_OSFXSR 0x200

	.text
	.globl init_record_begin, init_record_end
	.code16
init_record_begin:
	movl %eax, INIT_GPR + 0
	movl %ecx, INIT_GPR + 4
	movl %edx, INIT_GPR + 8
	movl %ebx, INIT_GPR + 12
	movl %esp, INIT_GPR + 16
	movl %ebp, INIT_GPR + 20
	movl %esi, INIT_GPR + 24
	movl %edi, INIT_GPR + 28
	movl $INIT_STACK, %esp
	pushfl
	popl INIT_FLAGS
	movw %ds, INIT_SELECTORS + 0
	movw %es, INIT_SELECTORS + 2
	movw %fs, INIT_SELECTORS + 4
	movw %gs, INIT_SELECTORS + 6
	movw %ss, INIT_SELECTORS + 8
	sgdtl INIT_GDTR
	sidtl INIT_IDTR
	movl %cr0, %eax
	movl %eax, INIT_CR + 0
	movl %cr2, %eax
	movl %eax, INIT_CR + 4
	movl %cr3, %eax
	movl %eax, INIT_CR + 8
	movl %cr4, %eax
	movl %eax, INIT_CR + 12
	orl $CR4_OSFXSR, %eax
	movl %eax, %cr4
	fxsave INIT_FX
	movl %dr0, %eax
	movl %eax, INIT_DR + 0
	movl %dr1, %eax
	movl %eax, INIT_DR + 4
	movl %dr2, %eax
	movl %eax, INIT_DR + 8
	movl %dr3, %eax
	movl %eax, INIT_DR + 12
	movl %dr6, %eax
	movl %eax, INIT_DR + 16
	movl %dr7, %eax
	movl %eax, INIT_DR + 20
	/* the list of MSRs: number, low, high; it ends with number 0 */
	movl $INIT_MSRS, %esi
1:	movl (%si), %ecx
	testl %ecx, %ecx
	jz 2f
	rdmsr
	movl %eax, 4(%si)
	movl %edx, 8(%si)
	addw $12, %si
	jmp 1b
2:	movl $1, INIT_DONE
	ljmp $AP_PAGE >> 4, $0
init_record_end:
	.code64
