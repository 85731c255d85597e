/* SPDX-License-Identifier: MIT */
/*
 * Console polls: each sends at most what the UART's FIFO holds, loses nothing,
 * and does not wait.
 */
#include "core/emulate/console.h"
#include "core/emulate/guest_serial.h"

#include <string.h>

#include "core/console/log.h"
#include "support/call.h"
#include "support/check.h"

static struct partition *p;

static void setup(void)
{
	fake_cpus(2);
	p = fake_partition(2, 1);
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

/* Only the boot CPU reads input. What does not fit waits. */
static void t_input_is_for_the_boot_cpu(void)
{
	const char *input = "abcdefghijklmnopqrstuvwxyz";

	setup();
	fake.uart_input = input;
	console_poll(machine.cpus[1]);
	CHECK(fake.uart_input == input);
	console_poll(machine.cpus[0]);
	CHECK(fake.uart_input > input);
	CHECK(fake.uart_input <= input + 16);
	/* takes the byte that is held, so that the next test does not see it */
	fake.uart_input = "";
	guest_serial_init(&p->serial, "fresh");
	console_poll(machine.cpus[0]);
}

static void t_next_poll(void)
{
	setup();
	fake.tsc = 5000;
	CHECK_EQ(console_next_poll(machine.cpus[1]), ~0ull);
	CHECK(console_next_poll(machine.cpus[0]) > 5000);
	CHECK(console_next_poll(machine.cpus[0]) <= 5000 + FAKE_TSC_HZ / 10);
	log_line("test", "x");
	CHECK(console_next_poll(machine.cpus[1]) <= 5000 + FAKE_TSC_HZ / 100);
	CHECK(console_next_poll(machine.cpus[1]) > 5000);
	log_flush();
}

static const struct test tests[] = {
	{"sends-a-burst", t_sends_a_burst},
	{"busy-uart-is-not-waited-for", t_busy_uart_is_not_waited_for},
	{"input-is-for-the-boot-cpu", t_input_is_for_the_boot_cpu},
	{"next-poll", t_next_poll},
};

const struct suite suite_console = SUITE("console", tests);
