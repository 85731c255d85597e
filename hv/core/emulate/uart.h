/* SPDX-License-Identifier: MIT */
/*
 * A partition's 16550A at ports 0x3F8-0x3FF, register-true, without interrupt
 * line. What the guest sends passes a 16-byte FIFO and is gathered to lines
 * for log_guest_line(); what the console receives waits in the other FIFO.
 */
#ifndef HV_CORE_EMULATE_UART_H
#define HV_CORE_EMULATE_UART_H

#include "core/state/lock.h"

#define UART_PORT_BASE 0x3f8u
#define UART_PORT_LAST 0x3ffu
#define UART_FIFO_SIZE 16
#define UART_LINE_MAX  200 /* longer lines are split */

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

	/* under lock: the line that is being sent */
	char line[UART_LINE_MAX];
	u32 line_len;
	bool line_done;  /* complete, but the log has no room for it yet */
	bool line_split; /* the line before it was cut at UART_LINE_MAX */
	bool ending;     /* in uart_flush(): lines need not stand back */
	u64 tx_dropped;  /* bytes written when the FIFO was full */
};

/* Power-on state; `name` must stay valid. */
void uart_init(struct uart *uart, const char *name);

/* IN and OUT of one byte; `reg` is 0-7. Any CPU; takes the lock. */
u8 uart_read(struct uart *uart, u16 reg);
void uart_write(struct uart *uart, u16 reg, u8 value);

/* A byte for the guest; false if its FIFO has no room (keep the byte). */
bool uart_receive(struct uart *uart, u8 byte);

/*
 * The partition has stopped: what waits goes out, the unfinished line as it
 * is. Waits, at most 2 s, until the log takes it; meanwhile other partitions'
 * transmitters are not ready. Pre: no lock is held; the guest does not run.
 */
void uart_flush(struct uart *uart);

#endif
