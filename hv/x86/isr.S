/* SPDX-License-Identifier: MIT */
/*
 * Entry points of the IDT. Exceptions are saved and reported; NMI and external
 * interrupts do almost nothing, and move a return address that lies in a
 * window (window.inc) to the window's abort label.
 */
#include "asm_offsets.h"
#include "x86/exception.h"
#include "x86/gdt.h"
#include "x86/msr.h"

/* One row of the table of windows */
#define WINDOW_BEGIN 0
#define WINDOW_END   8
#define WINDOW_ABORT 16
#define WINDOW_SIZE  24

/* Vectors for which the CPU pushes an error code: SDM 3A, "Error Code" */
#define HAS_ERROR(v) (((1 << (v)) & 0x60227d00) != 0)

#define EXCEPTIONS                                                             \
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,  \
	20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31

	.text

/*
 * RAX = return address in, the one to use out. Changes RCX. Calls nothing and
 * reads only constants.
 */
	.macro WINDOW_APPLY
	lea windows_start(%rip), %rcx
1:	cmp $windows_end, %rcx		/* past the last row: no window */
	jae 3f
	cmp WINDOW_BEGIN(%rcx), %rax	/* below the window? */
	jb 2f
	cmp WINDOW_END(%rcx), %rax	/* in it */
	jb 4f
2:	add $WINDOW_SIZE, %rcx
	jmp 1b
4:	mov WINDOW_ABORT(%rcx), %rax
3:
	.endm

/*
 * Returns from an interrupt, past a window if that is where it came from.
 *   stack: 16 RIP above the two saved words
 */
	.macro WINDOW_RETURN
	push %rax
	push %rcx
	mov 16(%rsp), %rax		/* RIP of the frame */
	WINDOW_APPLY
	mov %rax, 16(%rsp)
	pop %rcx
	pop %rax
	iretq
	.endm

/*
 * NMI: the kick of another CPU, or a UART with input, which calls the boot CPU:
 * not before look_early. Sets the flag that both windows compare, the line's
 * flag, counts, and touches its own frame; nothing else, because it may
 * interrupt any instruction. Once a CPU has panicked it stops the others here.
 * rule: nmi-handler-marks-only, kick-is-remembered
 *   stack: RIP, CS, RFLAGS, RSP, SS
 */
isr_nmi:
	movq $1, %gs:CPU_KICKED
	incq %gs:CPU_NMI_COUNT
	cmpl $0, panic_stop_owner(%rip)
	jne isr_nmi_panic
	push %rax
	push %rdx
	rdtsc
	shl $32, %rdx
	or %rdx, %rax
	cmp %gs:CPU_LOOK_EARLY, %rax
	setae %dl
	movzbl %dl, %edx
	or %edx, %gs:CPU_LINE
	pop %rdx
	pop %rax
	/* rule: nmi-leaves-entry-window, nmi-leaves-idle-window */
	WINDOW_RETURN

/*
 * NMI after a panic: stops this CPU for ever, unless it is the one that
 * panicked.
 *   stack: RIP, CS, RFLAGS, RSP, SS, 16-byte aligned after nine more words
 */
isr_nmi_panic:
	.irp reg, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	push %\reg
	.endr
	cld				/* the C code wants DF = 0 */
	mov 72(%rsp), %rdi		/* RIP of the frame */
	call panic_stop_nmi
	.irp reg, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	pop %\reg
	.endr
	WINDOW_RETURN

/*
 * Any external interrupt: the idle timer, or an unexpected one. Taken in the
 * idle window only (IF is 0 elsewhere).
 *   stack: 24 RIP above the three saved words
 */
	.globl isr_interrupt
isr_interrupt:
	push %rax
	push %rcx
	push %rdx
	mov 24(%rsp), %rax		/* RIP of the frame */
	WINDOW_APPLY
	mov %rax, 24(%rsp)
	mov $MSR_IA32_X2APIC_EOI, %ecx	/* end of interrupt: write 0 */
	xor %eax, %eax
	xor %edx, %edx
	wrmsr
	pop %rdx
	pop %rcx
	pop %rax
	iretq

/* Spurious: takes no EOI (SDM 3A, "Spurious Interrupt"). */
	.globl isr_spurious
isr_spurious:
	WINDOW_RETURN

/*
 * Builds struct trap_frame and never returns.
 *   stack: vector, error, RIP, CS, RFLAGS, RSP, SS
 */
isr_exception:
	.irp reg, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, \
		r13, r14, r15
	push %\reg
	.endr
	cld				/* the C code wants DF = 0 */
	mov %rsp, %rdi			/* the frame; RSP is 16-byte aligned */
	call trap_exception
	ud2

/*
 * void iret_unblock_nmi(void): SDM 3A, "Handling Multiple NMIs": NMIs stay
 * blocked until the next IRET.
 *   frame for IRET: return address, CS, RFLAGS, RSP of the caller, SS
 */
	.globl iret_unblock_nmi
iret_unblock_nmi:
	pop %rax			/* return address */
	mov %rsp, %rcx			/* RSP after the return */
	push $KERNEL_DS			/* SS */
	push %rcx
	pushfq
	push $KERNEL_CS
	push %rax
	iretq

/* One entry per exception: error code or 0, then the vector. */
	.macro EXCEPTION vector
	.balign 16
isr_exception_\vector:
	.if !HAS_ERROR(\vector)
	push $0
	.endif
	push $\vector
	jmp isr_exception
	.endm

	.irp v, EXCEPTIONS
	EXCEPTION \v
	.endr

	.section .rodata
	.balign 8
	.globl isr_exceptions
isr_exceptions:
	.irp v, EXCEPTIONS
	.if \v == X86_VECTOR_NMI
	.quad isr_nmi
	.else
	.quad isr_exception_\v
	.endif
	.endr

	.section .note.GNU-stack, "", @progbits
