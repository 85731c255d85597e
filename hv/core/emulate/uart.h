/* SPDX-License-Identifier: MIT */
/*
 * A 16550A: registers and FIFOs, without interrupt line and baud rate. It calls
 * nothing and takes no lock. Whoever owns it carries the bytes: uart_take()
 * gives what the guest sends, uart_set_sending() says whether that is out, and
 * uart_receive() puts in what arrives.
 */
#ifndef HV_CORE_EMULATE_UART_H
#define HV_CORE_EMULATE_UART_H

#include "core/state/uart.h"

/* Power-on state. */
void uart_init(struct uart *uart);

/* IN of one byte; `reg` is 0-7. */
u8 uart_read(struct uart *uart, u16 reg);

/*
 * OUT of one byte. False: it was to be sent, and is lost. The 16 bytes after
 * THRE was seen are never lost, whatever is written to FCR meanwhile.
 */
bool uart_write(struct uart *uart, u16 reg, u8 value);

/* Takes the oldest byte that the guest sends; false if there is none. */
bool uart_take(struct uart *uart, u8 *byte);

/* Whether bytes that were taken are not out yet: THRE and TEMT are 0 then. */
void uart_set_sending(struct uart *uart, bool sending);

/* THRE and TEMT: no byte waits, and those that were taken are out. */
bool uart_tx_empty(const struct uart *uart);

/* A byte for the guest; false if it is not taken: no room, or loopback. */
bool uart_receive(struct uart *uart, u8 byte);

#endif
