/* SPDX-License-Identifier: MIT */
/*
 * The smallest bzImage: checks in which state it starts, prints what it is told
 * and ends with code 0, or with the number of the first check that failed. At
 * the end it overwrites what it was given, so that its next life finds that
 * again only if Lethe writes it again. Linux, Documentation/arch/x86/boot.rst.
 *
 * Linked as a flat file whose first byte is 0; the kernel runs at LOAD.
 */
#define LOAD       0x400000
#define SECTOR     512
#define KERNEL     (5 * SECTOR)	/* setup_sects = 0 means four, and one */
#define INIT_SIZE  0x4000
#define AT(symbol) ((symbol) - KERNEL + LOAD)

#define ZERO_PAGE_RSDP    0x70
#define ZERO_PAGE_E820    0x1e8
#define ZERO_PAGE_TABLE   0x2d0
#define ZERO_PAGE_HEADER  0x202
#define ZERO_PAGE_START   0x214
#define ZERO_PAGE_RAMDISK 0x218
#define ZERO_PAGE_RAMSIZE 0x21c
#define ZERO_PAGE_CMDLINE 0x228

	.text
	.org 0x1f1
	.byte 0				/* setup_sects */
	.word 0
	.long (kernel_end - kernel) / 16
	.org 0x1fe
	.word 0xaa55
	.byte 0xeb, header_end - header	/* jump: the header's length */
header:
	.ascii "HdrS"
	.word 0x20f
	.org 0x211
	.byte 1				/* loadflags: LOADED_HIGH */
	.org 0x22c
	.long 0x7fffffff		/* initrd_addr_max */
	.long 0x200000			/* kernel_alignment */
	.byte 1				/* relocatable_kernel */
	.byte 21
	.word 1				/* xloadflags: a 64-bit entry */
	.long 2047			/* cmdline_size */
	.org 0x258
	.quad LOAD			/* pref_address */
	.long INIT_SIZE
header_end:

	.org KERNEL
kernel:
	.org KERNEL + 0x200
	.code64
entry:				/* RSI = zero page; no stack */
	movl	$AT(kernel) + INIT_SIZE, %esp
	movq	%rsi, %r15

	movb	$1, %bl			/* the selectors */
	movw	%cs, %ax
	cmpw	$0x10, %ax
	jne	failed
	movw	%ss, %ax
	cmpw	$0x18, %ax
	jne	failed
	movw	%ds, %ax
	cmpw	$0x18, %ax
	jne	failed
	movb	$2, %bl			/* ... are in the GDT: load them */
	movw	$0x18, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	pushq	$0x10
	pushq	$AT(reloaded)
	lretq
reloaded:
	movb	$3, %bl			/* interrupts are off */
	pushfq
	popq	%rax
	testl	$0x200, %eax
	jnz	failed
	movb	$4, %bl			/* paging, write protection off */
	movq	%cr0, %rax
	andl	$0x80010001, %eax
	cmpl	$0x80000001, %eax
	jne	failed
	movb	$5, %bl			/* long mode */
	movl	$0xc0000080, %ecx
	rdmsr
	andl	$0x500, %eax
	cmpl	$0x500, %eax
	jne	failed
	movb	$6, %bl			/* the header is in the zero page */
	cmpl	$0x53726448, ZERO_PAGE_HEADER(%r15)
	jne	failed
	cmpl	$LOAD, ZERO_PAGE_START(%r15)
	jne	failed
	movb	$7, %bl			/* RSDP: "RSD PTR " */
	movq	ZERO_PAGE_RSDP(%r15), %rax
	movabsq	$0x2052545020445352, %rcx
	cmpq	%rcx, (%rax)
	jne	failed
	movb	$8, %bl			/* memory after the file's part is 0 */
	movl	$AT(kernel_end), %edi
	movl	$AT(kernel) + INIT_SIZE - 64, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	repe scasb
	jne	failed
	movb	$9, %bl			/* the last range of E820 is RAM */
	movzbl	ZERO_PAGE_E820(%r15), %eax
	imull	$20, %eax
	leaq	ZERO_PAGE_TABLE - 20(%r15,%rax), %r14
	cmpl	$1, 16(%r14)
	jne	failed
	movb	$10, %bl		/* ... to its last byte */
	movq	(%r14), %rax
	addq	8(%r14), %rax
	movb	$0x5a, -1(%rax)
	cmpb	$0x5a, -1(%rax)
	jne	failed

	movl	$AT(hello), %esi
	call	print
	movl	ZERO_PAGE_CMDLINE(%r15), %esi
	call	print
	movl	$AT(newline), %esi
	call	print
	movl	ZERO_PAGE_RAMSIZE(%r15), %ecx
	jecxz	1f
	movl	$AT(initrd), %esi
	call	print
	movl	ZERO_PAGE_RAMDISK(%r15), %esi
	incl	%esi			/* an ELF file: its name */
	movb	$0, 3(%rsi)
	call	print
	movl	$AT(newline), %esi
	call	print
1:	movl	ZERO_PAGE_CMDLINE(%r15), %edi
	movl	$1024, %ecx
	movb	$0x78, %al
	rep stosb			/* the command line */
	movq	%r15, %rdi
	movl	$4096, %ecx
	rep stosb			/* the zero page */
	movb	$0, %bl
failed:
	movb	%bl, %al
	outb	%al, $0xf4
	hlt

print:				/* the 0-terminated text at RSI */
	lodsb
	testb	%al, %al
	jz	2f
	movb	%al, %ah
	movw	$0x3fd, %dx
1:	inb	%dx, %al
	testb	$0x20, %al
	jz	1b
	movb	%ah, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	jmp	print
2:	ret

hello:	.asciz "hello from a bzImage, command line: "
initrd:	.asciz "initrd: "
newline: .asciz "\n"
	.balign 16
kernel_end:

	.section .note.GNU-stack, "", @progbits
