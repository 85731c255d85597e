/* SPDX-License-Identifier: MIT */
/* The 16550A UARTs at the first two standard ports. */
#include "x86/serial.h"

#include "core/crash/kept_log.h"
#include "x86/insn.h"

/* Registers; with LCR_DLAB set the first two are the divisor */
#define UART_DATA 0
#define UART_IER  1
#define UART_FCR  2 /* when written */
#define UART_IIR  2 /* when read */
#define UART_LCR  3
#define UART_MCR  4
#define UART_LSR  5

#define LCR_8N1       0x03
#define LCR_DLAB      0x80
#define IER_RECEIVED  0x01
#define FCR_ON_CLEAR  0x07
#define FCR_ON_AT_4   0x41
#define IIR_FIFO      0xc0
#define IIR_ID        0x0f
#define IIR_TIMED_OUT 0x0c
#define MCR_DTR_RTS   0x03
#define MCR_OUT2      0x08 /* the interrupt leaves the UART */
#define LSR_DATA      0x01
#define LSR_THR_EMPTY 0x20
#define LSR_ALL_EMPTY 0x40
#define LSR_ABSENT    0xff /* no device drives the bus */

#define DIVISOR_115200 1
#define FIFO_DEPTH     16

/* Reads of the line status before a byte is given up */
#define PATIENCE 1000000u

static struct serial {
	u16 base;
	bool present; /* initialised, and a device answers */
	u32 depth;    /* bytes that fit in an empty transmitter */
	u32 room;     /* of them, known to be free */
} ports[PORT_UART_COUNT] = {
	[PORT_UART_COM1] = {.base = 0x3f8},
	[PORT_UART_COM2] = {.base = 0x2f8},
};

/* On COM1; the one that drains writes it. */
static u8 last = '\n';

static u8 get(const struct serial *port, u16 reg)
{
	return insn_inb((u16)(port->base + reg));
}

static void set(const struct serial *port, u16 reg, u8 value)
{
	insn_outb((u16)(port->base + reg), value);
}

void serial_init(enum port_uart which)
{
	struct serial *port = &ports[which];

	set(port, UART_IER, 0);
	set(port, UART_LCR, LCR_DLAB);
	set(port, UART_DATA, DIVISOR_115200);
	set(port, UART_IER, 0); /* the divisor's high byte */
	set(port, UART_LCR, LCR_8N1);
	set(port, UART_FCR, FCR_ON_CLEAR);
	set(port, UART_MCR, MCR_DTR_RTS);
	port->present = get(port, UART_LSR) != LSR_ABSENT;
	port->depth =
		(get(port, UART_IIR) & IIR_FIFO) == IIR_FIFO ? FIFO_DEPTH : 1;
	port->room = 0;
}

bool serial_has_fifo(enum port_uart which)
{
	return ports[which].present && ports[which].depth == FIFO_DEPTH;
}

void serial_interrupt(enum port_uart which)
{
	const struct serial *port = &ports[which];

	set(port, UART_FCR, FCR_ON_AT_4);
	set(port, UART_MCR, MCR_DTR_RTS | MCR_OUT2);
	set(port, UART_IER, IER_RECEIVED);
}

bool port_uart_can_put(enum port_uart which)
{
	struct serial *port = &ports[which];

	if (!port->present) {
		return true;
	}
	if (port->room == 0 && (get(port, UART_LSR) & LSR_THR_EMPTY)) {
		port->room = port->depth;
	}
	return port->room > 0;
}

void port_uart_put(enum port_uart which, u8 byte)
{
	struct serial *port = &ports[which];

	if (which == PORT_UART_COM1) {
		kept_log_put(byte);
		last = byte;
	}
	if (!port->present) {
		return;
	}
	if (port->room > 0) {
		port->room--;
	}
	set(port, UART_DATA, byte);
}

bool port_uart_can_get(enum port_uart which)
{
	const struct serial *port = &ports[which];

	return port->present && (get(port, UART_LSR) & LSR_DATA);
}

bool port_uart_timed_out(enum port_uart which)
{
	return (get(&ports[which], UART_IIR) & IIR_ID) == IIR_TIMED_OUT;
}

u8 port_uart_get(enum port_uart which)
{
	return get(&ports[which], UART_DATA);
}

void serial_put_wait(u8 byte)
{
	for (u32 i = 0; i < PATIENCE && !port_uart_can_put(PORT_UART_COM1);
	     i++) {
		insn_pause();
	}
	port_uart_put(PORT_UART_COM1, byte);
}

void serial_end_line(void)
{
	if (last != '\n') {
		serial_put_wait('\n');
	}
}

void serial_finish(void)
{
	const struct serial *port = &ports[PORT_UART_COM1];

	for (u32 i = 0; i < PATIENCE && port->present; i++) {
		if (get(port, UART_LSR) & LSR_ALL_EMPTY) {
			return;
		}
		insn_pause();
	}
}
