/* SPDX-License-Identifier: MIT */
/* What a 16550A keeps: core/emulate/uart.h. */
#ifndef HV_CORE_STATE_UART_H
#define HV_CORE_STATE_UART_H

#include "base/types.h"

#define UART_FIFO_SIZE 16 /* as the guest knows it */

/*
 * The transmitter takes more than it says: a driver that gives up waiting for
 * THRE, as Linux does after 10 ms, loses nothing for a while.
 */
#define UART_TX_SIZE 256

struct uart_fifo {
	u8 bytes[UART_TX_SIZE]; /* a ring */
	u16 first;
	u16 count;
};

struct uart {
	/* registers as the guest wrote them */
	u8 ier;
	u8 lcr;
	u8 mcr;
	u8 scr;
	u8 dll;
	u8 dlm;
	u8 fcr;          /* FIFO enable and trigger level */
	u8 msr_delta;    /* changed modem lines since the last read */
	bool overrun;    /* LSR.OE */
	bool thre_event; /* "transmitter empty" interrupt is pending */

	struct uart_fifo rx;
	struct uart_fifo tx;
	bool sending; /* what was taken from `tx` is not out yet */
};

#endif
