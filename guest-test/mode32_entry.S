/* SPDX-License-Identifier: MIT */
/*
 * VMCALL from 32-bit code. void mode32_compat(u64 *regs), mode32_unpaged():
 * like hypercall_regs(), but the call is made in compatibility mode, or in
 * protected mode without paging (which is without IA-32e mode). Registers are
 * loaded by 64-bit code, so that their upper halves are what regs[] says.
 * Pre: IF is 0 in regs[15]. EBP is lost in the second. Stack, regs[] and
 * struct vp lie below 4 GiB, mapped one to one. One VP at a time.
 */
#include "layout.h"
#include "x86/cr.h"

#define R(n) (8 * (n))(%rdi)

.macro ENTER ptr
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	pushq %rdi
	movq %rsp, %gs:VP_CALL_RSP
	movl $SEL_DATA, %eax /* null behind a visit to CPL 3 */
	movl %eax, %ds
	movl %eax, %ss
	pushq R(15) /* RFLAGS */
	movq R(0), %rax
	movq R(1), %rcx
	movq R(2), %rdx
	movq R(3), %rbx
	movq R(4), %rbp
	movq R(5), %rsi
	movq R(7), %r8
	movq R(8), %r9
	movq R(9), %r10
	movq R(10), %r11
	movq R(11), %r12
	movq R(12), %r13
	movq R(13), %r14
	movq R(14), %r15
	movq R(6), %rdi
	popfq
	ljmpl *\ptr
.endm

/* four one-byte pushes measure how far RIP moved */
.macro CALL32
	vmcall
	pushl %ebp
	pushl %ebp
	pushl %ebp
	pushl %ebp
	movl %esp, mode32_esp /* %gs is null: no use in 32-bit modes */
.endm

	.text
	.code64
	.globl mode32_compat, mode32_unpaged
mode32_compat:
	ENTER compat_ptr
mode32_unpaged:
	ENTER unpaged_ptr

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

	.code64
back:
	movq %gs:VP_CALL_RSP, %rsp
	pushq mode32_esp
	popq %gs:VP_CALL_RSP_AFTER
	pushfq
	pushq %rdi
	movq 16(%rsp), %rdi
	popq R(6)
	popq R(15)
	movq %rax, R(0)
	movq %rcx, R(1)
	movq %rdx, R(2)
	movq %rbx, R(3)
	movq %rbp, R(4)
	movq %rsi, R(5)
	movq %r8, R(7)
	movq %r9, R(8)
	movq %r10, R(9)
	movq %r11, R(10)
	movq %r12, R(11)
	movq %r13, R(12)
	movq %r14, R(13)
	movq %r15, R(14)
	popq %rdi
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	ret

	.bss
	.balign 8
mode32_esp:
	.skip 8

	.section .rodata
	.balign 8
compat_ptr:
	.long compat
	.word SEL_CODE32
unpaged_ptr:
	.long unpaged
	.word SEL_CODE32

/*
 * Real mode: mode32_real_begin..end is copied to REAL_PAGE, where SIPI starts
 * it. #UD, vector 6 of the table at 0, leads to real_ud. Then it goes on as
 * every AP does. The word at byte 4 says what came: 0xd if #UD did, at the VMCALL.
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
