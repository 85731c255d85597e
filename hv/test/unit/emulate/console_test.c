/* SPDX-License-Identifier: MIT */
/*
 * Console polls: each sends at most what the UART's FIFO holds, loses nothing,
 * and does not wait.
 */
#include "core/emulate/console.h"
#include "core/emulate/console_input.h"
#include "core/emulate/guest_serial.h"

#include <string.h>

#include "core/console/log.h"
#include "support/call.h"
#include "support/check.h"

static struct partition *p;

static struct config config;

static void setup(void)
{
	config = (struct config){.partition_count = 1};
	fake_cpus(2);
	p = fake_partition(2, 1);
	console_input_init(&config);
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
}

/* 300 bytes wait: each poll sends at most 16 of them. */
static void t_sends_a_burst(void)
{
	u32 polls = 0;

	setup();
	for (u32 i = 0; i < 6; i++) {
		log_line("test", "%s",
			 "0123456789012345678901234567890123456789");
	}
	while (log_pending()) {
		size_t before = fake.uart_len;

		console_poll(machine.cpus[1]);
		CHECK(fake.uart_len > before);
		CHECK(fake.uart_len - before <= 16);
		CHECK(++polls < 1000);
	}
	CHECK(polls >= 16);
	CHECK(strstr(fake.uart, "0123456789\r\n") != NULL ||
	      strstr(fake.uart, "0123456789\n") != NULL);
}

static void t_busy_uart_is_not_waited_for(void)
{
	setup();
	log_line("test", "x");
	fake.uart_busy = true;
	console_poll(machine.cpus[0]);
	CHECK_EQ(fake.uart_len, 0);
	CHECK_EQ(fake.pauses, 0);
	fake.uart_busy = false;
	log_flush();
}

/* Only the boot CPU reads input. */
static void t_input_is_for_the_boot_cpu(void)
{
	const char *input = "abcdefghijklmnopqrstuvwxyz";
	u8 byte;

	setup();
	fake.uart_input = input;
	console_poll(machine.cpus[1]);
	CHECK(fake.uart_input == input);
	CHECK(!console_input_take(&byte));
	console_poll(machine.cpus[0]);
	CHECK(fake.uart_input == input + 26);
	for (u32 i = 0; i < 26; i++) {
		CHECK(console_input_take(&byte));
		CHECK_EQ(byte, 'a' + i);
	}
	CHECK(!console_input_take(&byte));
}

/* Two polls are at most twice the interval apart. */
static void t_interval(void)
{
	const u64 tick_hz[] = {FAKE_TSC_HZ, 10000000, 4000000000};

	for (u32 i = 0; i < ARRAY_SIZE(tick_hz); i++) {
		u64 characters = tick_hz[i] * 8 / 11520;

		setup();
		machine.tsc_hz = tick_hz[i];
		fake.tsc = 1000 * tick_hz[i];
		CHECK(console_interval(machine.cpus[0], fake.tsc) <= 230000);
		CHECK_EQ(console_interval(machine.cpus[1], fake.tsc),
			 tick_hz[i] / 100);
		log_line("test", "x");
		CHECK(console_interval(machine.cpus[0], fake.tsc) <=
		      tick_hz[i] / 1000);
		fake.uart_input = "y";
		console_poll(machine.cpus[0]);
		CHECK(2 * console_interval(machine.cpus[0], fake.tsc) <=
		      characters);
		fake.tsc += 2 * tick_hz[i] - 1;
		CHECK(2 * console_interval(machine.cpus[0], fake.tsc) <=
		      characters);
		fake.tsc += 2;
		log_flush();
		CHECK(console_interval(machine.cpus[0], fake.tsc) >
			      characters / 2 ||
		      characters > 200000);
		guest_serial_init(&p->serial, "fresh", false);
	}
}

/* The guest does not touch its port again: it has crashed, or it sleeps. */
static void t_last_line_comes_by_itself(void)
{
	bool seen = false;

	setup();
	guest_serial_init(&p->serial, "g", false);
	fake.uart_busy = true;
	while (log_guest_line("g", "full", 4, false)) {
	}
	for (const char *at = "last words\n"; *at != 0; at++) {
		guest_serial_write(&p->serial, 0, (u8)*at);
	}
	fake.uart_busy = false;
	for (u32 polls = 0; polls < 100000 && !seen; polls++) {
		if (fake.uart_len > 1000) {
			fake.uart_len = 0;
		}
		console_poll(machine.cpus[0]);
		seen = strstr(fake.uart, "g| last words\n") != NULL;
	}
	CHECK(seen);
	log_flush();
	guest_serial_init(&p->serial, "fresh", false);
}

static const struct test tests[] = {
	{"sends-a-burst", t_sends_a_burst},
	{"busy-uart-is-not-waited-for", t_busy_uart_is_not_waited_for},
	{"input-is-for-the-boot-cpu", t_input_is_for_the_boot_cpu},
	{"interval", t_interval},
	{"last-line-comes-by-itself", t_last_line_comes_by_itself},
};

const struct suite suite_console = SUITE("console", tests);
