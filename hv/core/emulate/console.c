/* SPDX-License-Identifier: MIT */
/*
 * Decides when the UART is polled and how much is sent: at most one FIFO at a
 * time, without waiting.
 */
#include "core/emulate/console.h"

#include "core/console/answer.h"
#include "core/console/log.h"
#include "core/console/raw.h"
#include "core/emulate/console_input.h"
#include "core/emulate/guest_serial.h"
#include "core/port/port.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"

#define CONSOLE_BURST 16 /* bytes: the FIFO of a 16550A */

#define SEND_DIVISOR 100 /* 10 ms: the boot CPU sends more often */

#define REST_DIVISOR 100 /* 10 ms: a person types slower */
#define REST_TICKS   230000u
#define LINE_DIVISOR 1000 /* 1 ms: about 11 characters at 115200 baud */

/* Character times between two polls while input flows, half of the limit */
#define FLOW_TIMES 4

void console_send(void)
{
	log_drain(CONSOLE_BURST);
	raw_drain(CONSOLE_BURST);
}

/* Of guests whose room was full when they wrote. */
static void take_what_waits(void)
{
	for (u32 i = 0; i < machine.partition_count; i++) {
		guest_serial_poll(&machine.partitions[i]->serial);
	}
}

bool console_poll(const struct cpu *cpu)
{
	console_send();
	if (cpu->number != 0) {
		return false;
	}
	take_what_waits();
	return console_input_poll();
}

u64 console_interval(const struct cpu *cpu, u64 now)
{
	u64 rest;

	if (cpu->number != 0) {
		return machine.tsc_hz / SEND_DIVISOR;
	}
	if (console_input_flows(now) || console_answer_pending()) {
		return machine.tsc_hz * FLOW_TIMES / CONSOLE_INPUT_CHARACTERS;
	}
	rest = machine.tsc_hz /
	       (log_pending() || raw_pending() ? LINE_DIVISOR : REST_DIVISOR);
	return rest < REST_TICKS ? rest : REST_TICKS;
}
