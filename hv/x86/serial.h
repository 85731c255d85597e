/* SPDX-License-Identifier: MIT */
/*
 * The console's UART, COM1, polled. port_uart_*() are the core's way to it;
 * one CPU at a time may put, one may get.
 */
#ifndef HV_X86_SERIAL_H
#define HV_X86_SERIAL_H

#include "base/types.h"

/* 115200 8N1, FIFO on, no interrupts. Needs no other initialisation. */
void serial_init(void);

/* Puts a byte, waiting a bounded time for room. For panics. */
void serial_put_wait(u8 byte);

/* Waits, bounded, until the last byte has left. */
void serial_finish(void);

#endif
