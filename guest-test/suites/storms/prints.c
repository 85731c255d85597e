/* SPDX-License-Identifier: MIT */
/*
 * Two partitions that print: one writes line ends for ever and asks nothing,
 * the other waits for the transmitter as a driver does.
 */
#include "harness/suite.h"
#include "kernel/cpu.h"
#include "kernel/serial.h"
#include "kernel/watchdog.h"

#define COM1   0x3f8
#define LINES  60u
#define LENGTH 150u

static void flood(const void *arg)
{
	(void)arg;
	watchdog_stop();
	cpu_cli();
	for (;;) {
		cpu_out8(COM1, '\n');
	}
}

static void lines(const void *arg)
{
	(void)arg;
	for (u32 i = 0; i < LINES; i++) {
		serial_puts("# line ");
		serial_put_dec(i);
		for (u32 k = 0; k < LENGTH; k++) {
			serial_put((char)('a' + (i + k) % 26));
		}
		serial_put('\n');
		watchdog_restart();
	}
}

#define HEADING "PC16550D: Line Status Register"

static const struct check flood_checks[] = {
	{"flood", HEADING, flood, NULL, 1, 0},
};
static const struct check lines_checks[] = {
	{"lines", HEADING, lines, NULL, 1, 0},
};

SUITE("print-flood", 367, flood_checks);
SUITE("print-lines", 368, lines_checks);
