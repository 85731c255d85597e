/* SPDX-License-Identifier: MIT */
/*
 * The 16550A as its data sheet describes it (National Semiconductor PC16550D,
 * "Registers"), but THRE is set no earlier than TEMT: a driver that has read
 * THRE once may fill the FIFO.
 */
#include "core/emulate/uart.h"

#include "base/bits.h"

/* Registers; the first two are the divisor while LCR.DLAB is set */
enum { RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR };

#define IER_RX     BIT(0)
#define IER_THRE   BIT(1)
#define IER_LINE   BIT(2)
#define IER_MODEM  BIT(3)
#define IER_VALID  0x0fu
#define LCR_DLAB   BIT(7)
#define MCR_LOOP   BIT(4)
#define MCR_VALID  0x1fu
#define LSR_DR     BIT(0)
#define LSR_OE     BIT(1)
#define LSR_THRE   BIT(5)
#define LSR_TEMT   BIT(6)
#define FCR_ENABLE BIT(0)
#define FCR_RX_CLR BIT(1)
#define FCR_LEVEL  GENMASK(7, 6)
#define FCR_VALID  (FCR_ENABLE | FCR_LEVEL)

#define IIR_NONE    0x01u
#define IIR_LINE    0x06u
#define IIR_RX      0x04u
#define IIR_TIMEOUT 0x0cu
#define IIR_THRE    0x02u
#define IIR_MODEM   0x00u
#define IIR_FIFO    0xc0u

/* DCD, DSR and CTS are on: a terminal is connected and ready */
#define MODEM_LINES 0xb0u
#define MODEM_RI    BIT(6)

void uart_init(struct uart *uart)
{
	*uart = (struct uart){0};
}

/* ---- FIFOs ---- */

static bool fifo_put(struct uart_fifo *fifo, u16 room, u8 byte)
{
	if (fifo->count >= room) {
		return false;
	}
	fifo->bytes[(fifo->first + fifo->count) % UART_TX_SIZE] = byte;
	fifo->count++;
	return true;
}

/* What the receiver takes; the transmitter does not depend on FCR. */
static bool rx_put(struct uart *uart, u8 byte)
{
	return fifo_put(&uart->rx,
			(uart->fcr & FCR_ENABLE) != 0 ? UART_FIFO_SIZE : 1,
			byte);
}

static u8 fifo_take(struct uart_fifo *fifo)
{
	u8 byte = fifo->bytes[fifo->first];

	if (fifo->count > 0) {
		fifo->first = (u16)((fifo->first + 1) % UART_TX_SIZE);
		fifo->count--;
	}
	return byte;
}

/* ---- bytes out and in ---- */

bool uart_take(struct uart *uart, u8 *byte)
{
	if (uart->tx.count == 0) {
		return false;
	}
	*byte = fifo_take(&uart->tx);
	return true;
}

void uart_set_sending(struct uart *uart, bool sending)
{
	uart->sending = sending;
}

bool uart_tx_empty(const struct uart *uart)
{
	return uart->tx.count == 0 && !uart->sending;
}

bool uart_receive(struct uart *uart, u8 byte)
{
	/* In loopback nothing arrives from outside */
	return (uart->mcr & MCR_LOOP) == 0 && rx_put(uart, byte);
}

/* ---- registers ---- */

/* Modem lines, MSR 7:4; in loopback they come from MCR 3:0. */
static u8 modem_lines(const struct uart *uart)
{
	u8 mcr = uart->mcr;

	if ((mcr & MCR_LOOP) == 0) {
		return MODEM_LINES;
	}
	/* RTS -> CTS, DTR -> DSR, OUT1 -> RI, OUT2 -> DCD */
	return (u8)((mcr & BIT(1)) << 3 | (mcr & BIT(0)) << 5 |
		    (mcr & BIT(2)) << 4 | (mcr & BIT(3)) << 4);
}

static void write_mcr(struct uart *uart, u8 value)
{
	u8 before = modem_lines(uart);

	uart->mcr = value & MCR_VALID;
	u8 now = modem_lines(uart);
	u8 changed = before ^ now;

	/* RI counts at its trailing edge only */
	if ((now & MODEM_RI) != 0) {
		changed &= (u8)~MODEM_RI;
	}
	uart->msr_delta |= changed >> 4;
}

static void write_fcr(struct uart *uart, u8 value)
{
	if (((uart->fcr ^ value) & FCR_ENABLE) != 0 ||
	    (value & FCR_RX_CLR) != 0) {
		uart->rx.count = 0;
	}
	/* the transmitter is cleared too, but what was written counts as sent:
	   a guest saw THRE before it wrote that, however slow the line is */
	/* The other bits can be programmed only while bit 0 is written as 1 */
	uart->fcr = (value & FCR_ENABLE) != 0 ? value & FCR_VALID : 0;
}

static void write_ier(struct uart *uart, u8 value)
{
	u8 risen = (u8)(value & ~uart->ier);

	uart->ier = value & IER_VALID;
	if ((risen & IER_THRE) != 0) {
		uart->thre_event = true;
	}
}

static u8 read_lsr(struct uart *uart)
{
	u8 lsr = uart->rx.count > 0 ? LSR_DR : 0;

	if (uart_tx_empty(uart)) {
		lsr |= LSR_THRE | LSR_TEMT;
	}
	if (uart->overrun) {
		lsr |= LSR_OE;
		uart->overrun = false;
	}
	return lsr;
}

static bool rx_level_reached(const struct uart *uart)
{
	static const u8 levels[] = {1, 4, 8, 14};

	return uart->rx.count >= levels[uart->fcr >> 6];
}

/* The pending interrupt of the highest priority. */
static u8 pending(const struct uart *uart)
{
	if ((uart->ier & IER_LINE) != 0 && uart->overrun) {
		return IIR_LINE;
	}
	if ((uart->ier & IER_RX) != 0 && uart->rx.count > 0) {
		return rx_level_reached(uart) ? IIR_RX : IIR_TIMEOUT;
	}
	if ((uart->ier & IER_THRE) != 0 && uart->thre_event &&
	    uart_tx_empty(uart)) {
		return IIR_THRE;
	}
	if ((uart->ier & IER_MODEM) != 0 && uart->msr_delta != 0) {
		return IIR_MODEM;
	}
	return IIR_NONE;
}

static u8 read_iir(struct uart *uart)
{
	u8 iir = pending(uart);

	if (iir == IIR_THRE) {
		uart->thre_event = false;
	}
	return iir | ((uart->fcr & FCR_ENABLE) != 0 ? IIR_FIFO : 0);
}

static u8 read_msr(struct uart *uart)
{
	u8 msr = modem_lines(uart) | uart->msr_delta;

	uart->msr_delta = 0;
	return msr;
}

u8 uart_read(struct uart *uart, u16 reg)
{
	bool dlab = (uart->lcr & LCR_DLAB) != 0;

	switch (reg) {
	case RBR_THR:
		return dlab ? uart->dll : fifo_take(&uart->rx);
	case IER:
		return dlab ? uart->dlm : uart->ier;
	case IIR_FCR:
		return read_iir(uart);
	case LCR:
		return uart->lcr;
	case MCR:
		return uart->mcr;
	case LSR:
		return read_lsr(uart);
	case MSR:
		return read_msr(uart);
	default:
		return uart->scr;
	}
}

/* False: there is no room to send the byte. */
static bool write_thr(struct uart *uart, u8 value)
{
	uart->thre_event = true;
	if ((uart->mcr & MCR_LOOP) == 0) {
		return fifo_put(&uart->tx, UART_TX_SIZE, value);
	}
	if (!rx_put(uart, value)) {
		uart->overrun = true;
	}
	return true;
}

bool uart_write(struct uart *uart, u16 reg, u8 value)
{
	bool dlab = (uart->lcr & LCR_DLAB) != 0;

	switch (reg) {
	case RBR_THR:
		if (!dlab) {
			return write_thr(uart, value);
		}
		uart->dll = value;
		break;
	case IER:
		if (dlab) {
			uart->dlm = value;
		} else {
			write_ier(uart, value);
		}
		break;
	case IIR_FCR:
		write_fcr(uart, value);
		break;
	case LCR:
		uart->lcr = value;
		break;
	case MCR:
		write_mcr(uart, value);
		break;
	case SCR:
		uart->scr = value;
		break;
	default: /* LSR and MSR: writing is for factory tests */
		break;
	}
	return true;
}
