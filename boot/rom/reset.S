/* SPDX-License-Identifier: MIT */
/*
 * From the reset vector to C: real mode, protected mode, a copy of the ROM to
 * RAM (where it is linked), identity page tables for [0, 4 GiB), long mode,
 * rom_main(). Only the boot CPU comes here; the others wait for INIT-SIPI.
 */
#define ROM_BASE 0xfffe0000 /* where the chipset shows the 128 KiB ROM */
#define RAM_BASE 0x100000   /* where rom.lds links it */
#define ROM_SIZE 0x20000

#define IN_ROM(x) ((x) - RAM_BASE + ROM_BASE)
#define SEG(x)    ((x) - RAM_BASE - ROM_SIZE + 0x10000) /* CS base 4G-64K */

#define SEL_CODE32 0x08
#define SEL_DATA   0x10
#define SEL_CODE64 0x18

#define PTE_TABLE 0x03 /* present, writable */
#define PTE_LARGE 0x83 /* the same, 2 MiB page */

	.section .reset, "ax"
	.code16
reset_vector:
	jmp	real_mode		/* CS base 0xffff0000, IP 0xfff0 */
	.balign 16, 0xf4

	.section .real, "ax"
	.code16
real_mode:
	cli
	cld
	movb	$0xff, %al		/* both 8259 masked: nobody sets */
	outb	%al, $0x21		/* them up, and the emulator wires */
	outb	%al, $0xa1		/* them to this CPU */
	lgdtl	%cs:SEG(gdt_pointer)
	movl	%cr0, %eax
	orl	$0x1, %eax		/* CR0.PE */
	movl	%eax, %cr0
	ljmpl	$SEL_CODE32, $IN_ROM(protected_mode)

	.balign 8
gdt:
	.quad	0
	.quad	0x00cf9a000000ffff	/* 32-bit code, flat */
	.quad	0x00cf92000000ffff	/* data, flat */
	.quad	0x00af9a000000ffff	/* 64-bit code */
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	IN_ROM(gdt)

	.code32
protected_mode:
	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$ROM_BASE, %esi		/* the whole ROM to RAM */
	movl	$RAM_BASE, %edi
	movl	$ROM_SIZE / 4, %ecx
	rep movsl
	movl	$bss_start, %edi	/* stack, tables and variables */
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	rep stosb
	movl	$in_ram, %eax
	jmp	*%eax

	.text
	.code32
in_ram:
	lgdtl	ram_gdt_pointer

	/* Four directories of 2 MiB pages: [0, 4 GiB) onto itself */
	movl	$directories, %edi
	movl	$PTE_LARGE, %eax
	movl	$2048, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	decl	%ecx
	jnz	1b

	movl	$directories + PTE_TABLE, %eax
	movl	%eax, pdpt
	addl	$0x1000, %eax
	movl	%eax, pdpt + 8
	addl	$0x1000, %eax
	movl	%eax, pdpt + 16
	addl	$0x1000, %eax
	movl	%eax, pdpt + 24
	movl	$pdpt + PTE_TABLE, pml4

	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$0x20, %eax		/* CR4.PAE */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx	/* EFER.LME and .NXE */
	rdmsr
	orl	$0x900, %eax
	wrmsr
	movl	%cr0, %eax
	andl	$0x9fffffff, %eax	/* CR0.CD and .NW off: caches on */
	orl	$0x80010020, %eax	/* CR0.PG, .WP, .NE */
	movl	%eax, %cr0
	ljmpl	$SEL_CODE64, $long_mode

	.code64
long_mode:
	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	xorl	%eax, %eax
	movw	%ax, %fs
	movw	%ax, %gs
	movl	$stack_top, %esp
	call	rom_main		/* does not return */

/* [[noreturn]] void rom_jump(u64 entry, u64 cr3, const struct handoff *h) */
	.globl	rom_jump
rom_jump:
	movq	%rsi, %rcx
	movq	%rdi, %rax
	movq	%rdx, %rdi		/* the handoff */
	movq	%rcx, %cr3		/* this code is mapped there as well */
	xorl	%ebp, %ebp
	jmp	*%rax

	.section .rodata
	.balign 8
ram_gdt:
	.quad	0
	.quad	0x00cf9a000000ffff
	.quad	0x00cf92000000ffff
	.quad	0x00af9a000000ffff
ram_gdt_end:
ram_gdt_pointer:
	.word	ram_gdt_end - ram_gdt - 1
	.long	ram_gdt

	.bss
	.balign 4096
pml4:		.skip 4096
pdpt:		.skip 4096
directories:	.skip 4 * 4096
stack:		.skip 32768
stack_top:

	.section .note.GNU-stack, "", @progbits
