/* SPDX-License-Identifier: MIT */
/* The 16550 at 0x3F8, polled, output only; and the debug-exit port. */
#ifndef GUEST_TEST_KERNEL_SERIAL_H
#define GUEST_TEST_KERNEL_SERIAL_H

#include "base/types.h"

#define SERIAL_EXIT_PORT 0xf4

void serial_init(void);
void serial_put(char c);
void serial_puts(const char *text);
void serial_put_dec(u64 value);
void serial_put_hex(u64 value);

/* Ends the run; `code` is 0 passed, 1 failed, 2 hang or exception. */
__noreturn void serial_exit(u8 code);

#endif
