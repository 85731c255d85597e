/* SPDX-License-Identifier: MIT */
/* What a partition's 16550A keeps: core/emulate/uart.h. */
#ifndef HV_CORE_STATE_UART_H
#define HV_CORE_STATE_UART_H

#include "core/state/guest_line.h"
#include "core/state/lock.h"

#define UART_FIFO_SIZE 16

struct uart_fifo {
	u8 bytes[UART_FIFO_SIZE]; /* a ring */
	u8 first;
	u8 count;
};

struct uart {
	struct lock lock; /* may be held when the log lock is taken */

	/* written before launch, then constant */
	const char *name; /* of the partition, for the console's lines */

	/* under lock: registers as the guest wrote them */
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

	/* under lock */
	struct uart_fifo rx;
	struct uart_fifo tx; /* waits for the line before it */

	/* under lock */
	struct guest_line
		line;   /* it is done while the log has no room for it */
	bool ending;    /* in uart_flush(): lines need not stand back */
	u64 tx_dropped; /* bytes written when the FIFO was full */
};

#endif
