/* SPDX-License-Identifier: MIT */
/* Emulates a 16550 (National Semiconductor PC16550D, "Registers"). */
#include "devices.h"

#include "base/bits.h"

#define PORT_CMOS_FIRST 0x70
#define PORT_CMOS_LAST  0x71
#define PORT_EXIT       0xf4
#define PORT_UART_FIRST 0x3f8
#define PORT_UART_LAST  0x3ff

enum { RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR };

#define LCR_DLAB  0x80
#define MCR_LOOP  0x10
#define LSR_READY 0x60 /* THRE and TEMT */
#define MSR_LINES 0xb0 /* DCD, DSR, CTS: the other end is ready */
#define IIR_NONE  0x01
#define IIR_FIFO  0xc0

void devices_flush(struct devices *d)
{
	if (d->line_len > 0) {
		d->send(d->line, d->line_len);
		d->line_len = 0;
	}
}

static void transmit(struct devices *d, u8 byte)
{
	d->line[d->line_len++] = (char)byte;
	if (byte == '\n' || d->line_len == sizeof(d->line)) {
		devices_flush(d);
	}
}

static u8 uart_read(const struct devices *d, u16 reg)
{
	bool dlab = (d->lcr & LCR_DLAB) != 0;

	switch (reg) {
	case RBR_THR:
		return dlab ? d->divisor[0] : 0;
	case IER:
		return dlab ? d->divisor[1] : d->ier;
	case IIR_FCR:
		return IIR_NONE | (d->fifo ? IIR_FIFO : 0);
	case LCR:
		return d->lcr;
	case MCR:
		return d->mcr;
	case LSR:
		return LSR_READY;
	case MSR:
		return MSR_LINES;
	default:
		return d->scr;
	}
}

static void uart_write(struct devices *d, u16 reg, u8 value)
{
	bool dlab = (d->lcr & LCR_DLAB) != 0;

	if (reg <= IER && dlab) {
		d->divisor[reg] = value;
	} else if (reg == RBR_THR && (d->mcr & MCR_LOOP) == 0) {
		transmit(d, value);
	} else if (reg == IER) {
		d->ier = value & 0x0f;
	} else if (reg == IIR_FCR) {
		d->fifo = (value & 1) != 0;
	} else if (reg == LCR) {
		d->lcr = value;
	} else if (reg == MCR) {
		d->mcr = value & 0x1f;
	} else if (reg == SCR) {
		d->scr = value;
	}
}

static u8 read_byte(const struct devices *d, u32 port)
{
	if (port >= PORT_UART_FIRST && port <= PORT_UART_LAST) {
		return uart_read(d, (u16)(port - PORT_UART_FIRST));
	}
	if ((port >= PORT_CMOS_FIRST && port <= PORT_CMOS_LAST) ||
	    port == PORT_EXIT) {
		return 0;
	}
	return 0xff;
}

static void write_byte(struct devices *d, u32 port, u8 value)
{
	if (port >= PORT_UART_FIRST && port <= PORT_UART_LAST) {
		uart_write(d, (u16)(port - PORT_UART_FIRST), value);
	} else if (port == PORT_EXIT && !d->exited) {
		d->exited = true;
		d->exit_code = value;
	}
}

u32 devices_in(struct devices *d, u16 port, u8 size)
{
	u32 value = 0;

	for (u32 i = 0; i < size; i++) {
		value |= (u32)read_byte(d, (u32)port + i) << (8 * i);
	}
	return value;
}

void devices_out(struct devices *d, u16 port, u8 size, u32 value)
{
	for (u32 i = 0; i < size; i++) {
		write_byte(d, (u32)port + i, (u8)(value >> (8 * i)));
	}
}
