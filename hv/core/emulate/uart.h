/* SPDX-License-Identifier: MIT */
/*
 * A partition's 16550A at ports 0x3F8-0x3FF, with all its registers but without
 * interrupt line. What the guest sends passes a 16-byte FIFO and is gathered to
 * lines for log_guest_line(); what the console receives waits in the other
 * FIFO.
 */
#ifndef HV_CORE_EMULATE_UART_H
#define HV_CORE_EMULATE_UART_H

#include "core/state/uart.h"

/* Power-on state; `name` must stay valid. */
void uart_init(struct uart *uart, const char *name);

/* IN and OUT of one byte; `reg` is 0-7. Any CPU; takes the lock. */
u8 uart_read(struct uart *uart, u16 reg);
void uart_write(struct uart *uart, u16 reg, u8 value);

/* A byte for the guest; false if its FIFO has no room (keep the byte). */
bool uart_receive(struct uart *uart, u8 byte);

/*
 * The partition has stopped: sends everything that waits, an unfinished line
 * too. Waits, at most 2 s, until the log takes it; meanwhile other partitions'
 * transmitters are not ready. Pre: no lock is held; the guest does not run.
 */
void uart_flush(struct uart *uart);

#endif
