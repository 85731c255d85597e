/* SPDX-License-Identifier: MIT */
/*
 * VMCALL from 32-bit code. void mode32_compat(u64 *regs), mode32_unpaged(),
 * mode32_paged(): like hypercall_regs(), but they call in compatibility mode,
 * in protected mode without paging (so without IA-32e mode), or with EFER.LME
 * = 0 and the paging that paging32_cr3 and paging32_cr4 choose. 64-bit code loads
 * the registers, so that their upper halves are those of regs[];
 * mode32_paged() loses those of RAX, RCX and RDX, and mode32_unpaged() loses
 * EBP. Pre: IF is 0 in regs[15]; stack, regs[] and struct guest_cpu lie below
 * 4 GiB, mapped one to one; only one VP calls at a time.
 */
#include "call/registers.inc"
#include "x86/cr.h"

.macro ENTER ptr
	movl $SEL_DATA, %eax /* null after code at CPL 3 */
	movl %eax, %ds
	movl %eax, %ss
	LOAD_REGS
	ljmpl *\ptr
.endm

/* the four one-byte pushes measure how far RIP has moved */
.macro CALL32
	vmcall
	pushl %ebp
	pushl %ebp
	pushl %ebp
	pushl %ebp
	movl %esp, mode32_esp /* %gs is null in 32-bit modes */
.endm

/* saves the registers that WRMSR and the rest use */
.macro SAVE32
	movl %eax, mode32_eax
	movl %ecx, mode32_ecx
	movl %edx, mode32_edx
.endm
.macro RESTORE32
	movl mode32_eax, %eax
	movl mode32_ecx, %ecx
	movl mode32_edx, %edx
.endm

	.text
	.code64
	.globl mode32_compat, mode32_unpaged, mode32_paged
mode32_compat:
	ENTER compat_ptr
mode32_unpaged:
	ENTER unpaged_ptr
mode32_paged:
	ENTER paged_ptr

	.code32
compat:
	CALL32
	ljmp $SEL_CODE64, $back
unpaged:
	movl %cr0, %ebp
	andl $~CR0_PG, %ebp
	movl %ebp, %cr0 /* EFER.LMA is 0 now */
	CALL32
	movl %cr0, %ebp
	orl $CR0_PG, %ebp
	movl %ebp, %cr0 /* compatibility mode again: EFER.LME is set */
	ljmp $SEL_CODE64, $back
paged:
	SAVE32
	call paging32_enter
	RESTORE32
	CALL32
	SAVE32
	call paging32_leave
	RESTORE32
	ljmp $SEL_CODE64, $back

	.code64
back:
	movq %gs:VP_CALL_RSP, %rsp
	pushq mode32_esp
	popq %gs:VP_CALL_RSP_AFTER
	STORE_REGS

	.bss
	.balign 8
mode32_esp:
	.skip 8
mode32_eax:
	.skip 4
mode32_ecx:
	.skip 4
mode32_edx:
	.skip 4

	.section .rodata
	.balign 8
compat_ptr:
	.long compat
	.word SEL_CODE32
unpaged_ptr:
	.long unpaged
	.word SEL_CODE32
paged_ptr:
	.long paged
	.word SEL_CODE32

/*
 * Real mode: forms_real_mode() copies mode32_real_begin..end to REAL_PAGE,
 * where SIPI starts it. #UD (vector 6 of the table at 0) goes to real_ud; then
 * the VP starts as every AP does. The word at byte 4 is 0xd if VMCALL gave #UD.
 */
	.text
	.code16
	.balign 4 /* real_seen is at byte 4 */
	.globl mode32_real_begin, mode32_real_end
mode32_real_begin:
	jmp 1f
	.balign 4
real_seen:
	.long 0
1:	cli
	xorw %ax, %ax
	movw %ax, %ds
	movw $real_ud - mode32_real_begin, 0x18
	movw %cs, 0x1a
	movw %cs, %ax
	movw %ax, %ds
	movw %ax, %ss
	movw $0x1000, %sp
	movl $2, %eax /* HvCallFlushVirtualAddressSpace */
	xorl %edx, %edx
	xorl %ebx, %ebx
	movl $REAL_PAGE + 0x800, %ecx
real_vmcall:
	vmcall
	movl $1, real_seen - mode32_real_begin
	jmp 2f
real_ud:
	popw %ax
	movzwl %ax, %eax
	subl $real_vmcall - mode32_real_begin - 0xd, %eax
	movl %eax, real_seen - mode32_real_begin
2:	ljmp $AP_PAGE >> 4, $0
mode32_real_end:
