/* SPDX-License-Identifier: MIT */
/*
 * The ways to reset a PC. The keyboard controller is the first one: OVMF starts
 * again in Bochs after its reset, but not after one by port 0xCF9. A machine
 * without a keyboard controller ignores the write.
 */
#include "x86/reset.h"

#include "x86/insn.h"
#include "x86/serial.h"

/* Reset Control Register of Intel's chipsets: SYS_RST, then also RST_CPU */
#define RESET_PORT       0xcf9
#define RESET_SYSTEM     0x02
#define RESET_SYSTEM_CPU 0x06

/* 8042: pulses the line to the CPU's reset */
#define KEYBOARD_PORT  0x64
#define KEYBOARD_RESET 0xfe

/* Reads of a port that does not exist, for about 1 us each */
#define DELAY_PORT 0x80
#define PATIENCE   50000u

static void wait(void)
{
	for (u32 i = 0; i < PATIENCE; i++) {
		(void)insn_inb(DELAY_PORT);
	}
}

void reset_now(void)
{
	const struct insn_table none = {0};

	insn_cli();
	serial_finish();
	insn_outb(KEYBOARD_PORT, KEYBOARD_RESET);
	wait();
	insn_outb(RESET_PORT, RESET_SYSTEM);
	insn_outb(RESET_PORT, RESET_SYSTEM_CPU);
	wait();
	insn_lidt(&none);
	asm volatile("int3");
	__builtin_unreachable();
}
