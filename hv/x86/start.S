/* SPDX-License-Identifier: MIT */
/*
 * Where the loader jumps to (include/handoff.h tells the state), and where an
 * AP arrives from the trampoline; both go on in C on a stack of their own.
 */
	.section .text.start, "ax", @progbits

/* RDI = host-physical address of struct handoff, for hv_main() */
	.globl _start
_start:
	cli
	cld
	lea boot_stack_top(%rip), %rsp	/* leave the loader's stack */
	xor %ebp, %ebp
	call hv_main
	ud2

	.text

/*
 * void start_on_stack(u64 top, void (*fn)(void *), void *argument): leaves the
 * present stack for good. A trampoline jumps here too.
 */
	.globl start_on_stack
start_on_stack:
	mov %rdi, %rsp			/* 16-byte aligned, empty */
	xor %ebp, %ebp
	mov %rdx, %rdi			/* fn(argument) */
	call *%rsi
	ud2

	.section .bss.boot_stack, "aw", @nobits
	.balign 16
	.skip 16384
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
