/* SPDX-License-Identifier: MIT */
/*
 * Decides when the UART is polled and how much is sent: at most one FIFO at a
 * time, without waiting.
 */
#include "core/emulate/console.h"

#include "core/console/log.h"
#include "core/emulate/guest_serial.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"

#define CONSOLE_BURST 16 /* bytes: the FIFO of a 16550A */
#define CONSOLE_OUT_DIVISOR                                                    \
	1000                   /* 1 ms: about 11 characters at 115200 baud     \
				*/
#define CONSOLE_IN_DIVISOR 100 /* 10 ms: a person types slower */

/* A byte that the guest's FIFO had no room for yet; boot CPU only. */
static u16 held;
#define HELD_VALID 0x100

static void receive(void)
{
	struct partition *p = machine.partitions[0];

	for (u32 i = 0; i < CONSOLE_BURST; i++) {
		if (held == 0) {
			if (!port_uart_can_get()) {
				return;
			}
			held = HELD_VALID | port_uart_get();
		}
		if (!guest_serial_receive(&p->serial, (u8)held)) {
			return;
		}
		held = 0;
	}
}

void console_poll(struct cpu *cpu)
{
	log_drain(CONSOLE_BURST);
	if (cpu->number == 0 && machine.partition_count != 0) {
		receive();
	}
}

u64 console_next_poll(const struct cpu *cpu)
{
	u64 wait = 0;

	if (cpu->number == 0) {
		wait = machine.tsc_hz / CONSOLE_IN_DIVISOR;
	}
	if (log_pending()) {
		wait = machine.tsc_hz / CONSOLE_OUT_DIVISOR;
	}
	return wait == 0 ? ~0ull : port_tsc() + wait;
}
