/* SPDX-License-Identifier: MIT */
/*
 * The machine's UARTs. port_uart_*() are the core's way to them; for
 * each port one CPU at a time may put, one may get.
 */
#ifndef HV_X86_SERIAL_H
#define HV_X86_SERIAL_H

#include "base/types.h"
#include "core/port/port.h"

/* 115200 8N1, FIFO on, no interrupts. Needs no other initialisation. */
void serial_init(enum port_uart which);

/* True if the port has a UART with a FIFO. */
bool serial_has_fifo(enum port_uart which);

/*
 * From now on the UART interrupts: for 4 bytes in the receiver's FIFO, or for
 * fewer that nobody has taken for four character times.
 */
void serial_interrupt(enum port_uart which);

/* Puts a byte on COM1, waiting a bounded time for room. For panics. */
void serial_put_wait(u8 byte);

/* Ends the line on COM1, if one has begun: a report and the exit line begin
 * one. */
void serial_end_line(void);

/* Waits, bounded, until the last byte of COM1 has left. */
void serial_finish(void);

#endif
