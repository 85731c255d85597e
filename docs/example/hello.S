/* SPDX-License-Identifier: MIT */
/*
 * The smallest kernel that Lethe starts: prints a line and its command line on
 * COM1, then ends with code 0. docs/own-kernel.md explains it.
 */
	/* The note that makes an ELF file a PVH kernel: name, type 18, entry */
	.section .note.Xen, "a", @note
	.long 4, 4, 18
	.asciz "Xen"
	.long start

	.text
	.code32
	.globl start
start:				/* EBX = physical address of hvm_start_info */
	mov $stack_top, %esp
	mov $hello, %esi
	call print
	cmpl $0x336ec578, (%ebx)	/* magic */
	jne bad
	mov 24(%ebx), %esi		/* cmdline_paddr, low half */
	call print
	mov $newline, %esi
	call print
	mov $0, %al
	out %al, $0xf4			/* debug exit: code 0 */
bad:
	mov $1, %al
	out %al, $0xf4
print:				/* the 0-terminated text at ESI */
	lodsb
	test %al, %al
	jz 2f
	mov %al, %ah
	mov $0x3fd, %dx			/* line status: bit 5 = room */
1:	in %dx, %al
	test $0x20, %al
	jz 1b
	mov %ah, %al
	mov $0x3f8, %dx
	out %al, %dx
	jmp print
2:	ret

	.section .rodata
hello:	.asciz "hello from a PVH kernel, command line: "
newline: .asciz "\n"

	.bss
	.balign 16
	.skip 4096
stack_top:
