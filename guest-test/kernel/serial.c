/* SPDX-License-Identifier: MIT */
/* Polled output; it does not wait for ever for a transmitter. */
#include "kernel/serial.h"
#include "kernel/cpu.h"

#define COM1            0x3f8
#define COM1_THR        (COM1 + 0)
#define COM1_IER        (COM1 + 1)
#define COM1_FCR        (COM1 + 2)
#define COM1_LCR        (COM1 + 3)
#define COM1_MCR        (COM1 + 4)
#define COM1_LSR        (COM1 + 5)
#define LSR_THRE        0x20
#define LSR_POLLS_BOUND 20000

void serial_init(void)
{
	cpu_out8(COM1_IER, 0);
	cpu_out8(COM1_LCR, 0x80);
	cpu_out8(COM1 + 0, 1); /* 115200 */
	cpu_out8(COM1 + 1, 0);
	cpu_out8(COM1_LCR, 0x03);
	cpu_out8(COM1_FCR, 0x07);
	cpu_out8(COM1_MCR, 0x03);
}

void serial_put(char c)
{
	for (u32 i = 0; i < LSR_POLLS_BOUND; i++) {
		if (cpu_in8(COM1_LSR) & LSR_THRE) {
			break;
		}
		cpu_pause();
	}
	cpu_out8(COM1_THR, (u8)c);
}

void serial_puts(const char *text)
{
	for (; *text != '\0'; text++) {
		serial_put(*text);
	}
}

void serial_put_dec(u64 value)
{
	char digits[20];
	u32 count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	while (count > 0) {
		serial_put(digits[--count]);
	}
}

void serial_put_hex(u64 value)
{
	static const char hex[] = "0123456789abcdef";
	u32 shift = 60;

	while (shift > 0 && (value >> shift) == 0) {
		shift -= 4;
	}
	serial_puts("0x");
	for (;; shift -= 4) {
		serial_put(hex[(value >> shift) & 15]);
		if (shift == 0) {
			return;
		}
	}
}

void serial_exit(u8 code)
{
	cpu_out8(SERIAL_EXIT_PORT, code);
	for (;;) {
		cpu_cli();
		cpu_hlt();
	}
}
