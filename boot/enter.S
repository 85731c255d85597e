/* SPDX-License-Identifier: MIT */
/*
 * The jump into the hypervisor. leave.c copies [enter_begin, enter_end) to a
 * page below 4 GiB and calls it there: it must not refer to itself.
 *
 * In: RDI struct handoff, RSI CR3, RDX top of the stack, RCX entry point.
 */
	.section .rodata
	.globl enter_begin, enter_end
	.hidden enter_begin, enter_end
enter_begin:
	cli			/* the firmware's IDT becomes unreachable */
	cld			/* as compiled code expects it */
	mov	%rsi, %cr3	/* this page is mapped to itself in both */
	mov	%rdx, %rsp	/* 16-byte aligned */
	xor	%ebp, %ebp	/* ends the chain of frame pointers */
	push	%rbp		/* a return address that leads nowhere */
	jmp	*%rcx
enter_end:

	.section .note.GNU-stack, "", @progbits
