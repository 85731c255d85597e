/* SPDX-License-Identifier: MIT */
/*
 * void idle_halt(void): an event between the compare and HLT would be lost, so
 * it makes isr.S go on at the label after HLT. That holds for the NMI and for
 * interrupts: an NMI may be taken in the shadow of STI, and its IRET ends the
 * shadow before HLT.
 */
#include "asm_offsets.h"
#include "x86/window.inc"

	.text
	.globl idle_halt
idle_halt:
idle_window:
	cmpq $0, %gs:CPU_KICKED
	jne idle_out	/* rule: compare-kicked-before-hlt */
	STRETCH
	sti
	hlt
idle_out:
	cli
	ret

	WINDOW idle_window, idle_out, idle_out

	.section .note.GNU-stack, "", @progbits
