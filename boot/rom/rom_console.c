/* SPDX-License-Identifier: MIT */
/*
 * Polled 16550 output. Power-off is Bochs's: a 'D' at port 0x8900 stops in its
 * debugger, whose next command ends it.
 */
#include "rom_console.h"

#include <stdarg.h>

#include "commit.h"
#include "common/lib/format.h"
#include "rom_io.h"

#define COM1    0x3f8
#define COM_IER (COM1 + 1)
#define COM_FCR (COM1 + 2)
#define COM_LCR (COM1 + 3)
#define COM_MCR (COM1 + 4)
#define COM_LSR (COM1 + 5)

#define LCR_8N1   0x03
#define LCR_DLAB  0x80
#define FCR_RESET 0x07 /* FIFOs on and empty */
#define MCR_READY 0x03 /* DTR, RTS */
#define LSR_THRE  0x20

#define DIVISOR_115200 1

#define LINE_MAX 500

#define POWEROFF_PORT  0x8900
#define POWEROFF_VALUE 'D'

static void put(const char *text)
{
	for (; *text; text++) {
		while (!(rom_io_in8(COM_LSR) & LSR_THRE)) {
		}
		rom_io_out8(COM1, (u8)*text);
	}
}

void rom_console_start(void)
{
	rom_io_out8(COM_IER, 0);
	rom_io_out8(COM_LCR, LCR_DLAB);
	rom_io_out8(COM1, DIVISOR_115200);
	rom_io_out8(COM_IER, 0);
	rom_io_out8(COM_LCR, LCR_8N1);
	rom_io_out8(COM_FCR, FCR_RESET);
	rom_io_out8(COM_MCR, MCR_READY);
	put("lethe " LETHE_VERSION " commit " LETHE_COMMIT ": loader rom\r\n");
}

static void put_line(const char *fmt, va_list args)
{
	char line[LINE_MAX];

	log_format(line, sizeof(line), fmt, args);
	put("lethe: ");
	put(line);
	put("\r\n");
}

void rom_console_line(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_line(fmt, args);
	va_end(args);
}

void rom_console_refuse(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_line(fmt, args);
	va_end(args);
	rom_console_line("nothing started");
	rom_io_out8(POWEROFF_PORT, POWEROFF_VALUE);
	for (;;) {
		asm volatile("cli; hlt");
	}
}
