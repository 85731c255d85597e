/* SPDX-License-Identifier: MIT */
/* 16550A UART at the first standard port. */
#include "x86/serial.h"

#include "core/port/port.h"
#include "x86/insn.h"

#define COM1 0x3f8

/* Registers; with LCR_DLAB set the first two are the divisor */
#define UART_DATA (COM1 + 0)
#define UART_IER  (COM1 + 1)
#define UART_FCR  (COM1 + 2) /* when written */
#define UART_IIR  (COM1 + 2) /* when read */
#define UART_LCR  (COM1 + 3)
#define UART_MCR  (COM1 + 4)
#define UART_LSR  (COM1 + 5)

#define LCR_8N1       0x03
#define LCR_DLAB      0x80
#define FCR_ON_CLEAR  0x07
#define IIR_FIFO      0xc0
#define MCR_DTR_RTS   0x03
#define LSR_DATA      0x01
#define LSR_THR_EMPTY 0x20
#define LSR_ALL_EMPTY 0x40
#define LSR_ABSENT    0xff /* no device drives the bus */

#define DIVISOR_115200 1
#define FIFO_DEPTH     16

/* Reads of the line status before a byte is given up */
#define PATIENCE 1000000u

static bool present;
static u32 depth = 1; /* bytes that fit in an empty transmitter */
static u32 room;      /* of them, known to be free */

void serial_init(void)
{
	insn_outb(UART_IER, 0);
	insn_outb(UART_LCR, LCR_DLAB);
	insn_outb(UART_DATA, DIVISOR_115200);
	insn_outb(UART_IER, 0); /* the divisor's high byte */
	insn_outb(UART_LCR, LCR_8N1);
	insn_outb(UART_FCR, FCR_ON_CLEAR);
	insn_outb(UART_MCR, MCR_DTR_RTS);
	present = insn_inb(UART_LSR) != LSR_ABSENT;
	if ((insn_inb(UART_IIR) & IIR_FIFO) == IIR_FIFO) {
		depth = FIFO_DEPTH;
	}
	room = 0;
}

bool port_uart_can_put(void)
{
	if (room == 0 && (insn_inb(UART_LSR) & LSR_THR_EMPTY)) {
		room = depth;
	}
	return room > 0;
}

void port_uart_put(u8 byte)
{
	if (room > 0) {
		room--;
	}
	insn_outb(UART_DATA, byte);
}

bool port_uart_can_get(void)
{
	return present && (insn_inb(UART_LSR) & LSR_DATA);
}

u8 port_uart_get(void)
{
	return insn_inb(UART_DATA);
}

void serial_put_wait(u8 byte)
{
	for (u32 i = 0; i < PATIENCE && !port_uart_can_put(); i++) {
		insn_pause();
	}
	port_uart_put(byte);
}

void serial_finish(void)
{
	for (u32 i = 0; i < PATIENCE; i++) {
		if (insn_inb(UART_LSR) & LSR_ALL_EMPTY) {
			return;
		}
		insn_pause();
	}
}
