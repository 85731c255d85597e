/* SPDX-License-Identifier: MIT */
/* A partition's serial port: lines to the log, raw bytes, back-pressure. */
#include "core/emulate/guest_serial.h"

#include <stdio.h>
#include <string.h>

#include "core/console/log.h"
#include "core/console/raw.h"
#include "support/check.h"
#include "support/fake.h"

enum { THR, IER, FCR, LCR, MCR, LSR, MSR, SCR };

static struct guest_serial port;

static void start(void)
{
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
	guest_serial_init(&port, "g", false);
}

static void put(const char *text)
{
	for (; *text != 0; text++) {
		guest_serial_write(&port, THR, (u8)*text);
	}
}

static const char *drained(void)
{
	fake.uart_busy = false;
	log_flush();
	return fake.uart;
}

/* Fills the log until no line of a guest fits. */
static void fill_log(void)
{
	char text[100];

	memset(text, 'f', sizeof(text));
	fake.uart_busy = true;
	while (log_guest_line("f", text, sizeof(text), false)) {
	}
	while (log_guest_line("f", "", 0, false)) {
	}
}

static void t_lines_reach_the_log(void)
{
	start();
	put("hello\r\n\nwor");
	CHECK_STR(drained(), "g| hello\ng| \n");
	put("ld\n");
	CHECK_STR(drained(), "g| hello\ng| \ng| world\n");
}

static void t_long_lines_are_split(void)
{
	char text[GUEST_LINE_MAX + 1];
	char want[3 * GUEST_LINE_MAX];

	start();
	memset(text, 'a', GUEST_LINE_MAX);
	text[GUEST_LINE_MAX] = 0;
	put(text);
	put("\n");
	put(text);
	put("b\n\n");
	snprintf(want, sizeof(want), "g| %s\ng| %s\ng| b\ng| \n", text, text);
	CHECK_STR(drained(), want);
}

static void t_full_log_holds_the_transmitter(void)
{
	start();
	fill_log();
	put("first\n");
	CHECK_EQ(guest_serial_read(&port, LSR), 0x00);
	put("lasts"); /* also without FIFO */
	CHECK_EQ(guest_serial_read(&port, LSR), 0x00);
	guest_serial_write(&port, IER, 0x02);
	CHECK_EQ(guest_serial_read(&port, FCR), 0x01);
	CHECK(strstr(drained(), "first") == NULL);
	fake.uart_len = 0;
	CHECK_EQ(guest_serial_read(&port, FCR), 0x02);
	CHECK_EQ(guest_serial_read(&port, LSR), 0x60);
	put("second\n");
	CHECK_STR(drained(), "g| first\ng| lastssecond\n");
	fake.uart_len = 0;
	fake.uart[0] = 0;
	guest_serial_end(&port);
	CHECK_STR(drained(), "");
}

/* Sends as a driver does: it reads THRE once, then writes what fits. */
static void t_burst_loses_nothing(void)
{
	start();
	guest_serial_write(&port, FCR, 0x01);
	for (u32 round = 0; round < 3; round++) {
		fill_log();
		CHECK_EQ(guest_serial_read(&port, LSR), 0x60);
		put("2345\n789a\ncdefg");
		guest_serial_write(&port, FCR, 0x03); /* the receiver only */
		CHECK_EQ(guest_serial_read(&port, LSR), 0x00);
		(void)drained();
		fake.uart_len = 0;
		CHECK_EQ(guest_serial_read(&port, LSR), 0x60);
		put("h\n");
		CHECK_STR(drained(), "g| 2345\ng| 789a\ng| cdefgh\n");
	}
	fill_log();
	put("\n");
	for (u32 i = 0; i < UART_TX_SIZE / 16; i++) {
		put("0123456789abcdef");
	}
	CHECK_EQ(port.lost, 0);
	put("gh"); /* 2 more than the transmitter takes */
	CHECK_EQ(port.lost, 2);
	(void)drained();
	fake.uart_len = 0;
	guest_serial_end(&port);
	CHECK(strstr(drained(), "g| \ng| 0123456789abcdef01234567") != NULL);
	CHECK(strstr(fake.uart, "89abcdef\n[0] g: console bytes dropped=2\n") !=
	      NULL);
}

/*
 * A driver that sets the port up again clears the FIFOs. What it had written
 * after it saw THRE would be out on a line that is never held up.
 */
static void t_fcr_loses_nothing_that_was_written(void)
{
	static const u8 values[] = {0x05, 0x00, 0x07, 0x01};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		start();
		guest_serial_write(&port, FCR, 0x01);
		fill_log();
		CHECK_EQ(guest_serial_read(&port, LSR), 0x60);
		put("a\nbbbbbbbbbbbbbb");
		guest_serial_write(&port, FCR, values[i]);
		CHECK_EQ(guest_serial_read(&port, LSR), 0x00);
		(void)drained();
		fake.uart_len = 0;
		CHECK_EQ(guest_serial_read(&port, LSR), 0x60);
		put("c\n");
		CHECK_STR(drained(), "g| a\ng| bbbbbbbbbbbbbbc\n");
		CHECK_EQ(port.lost, 0);
	}
}

/* The same in the middle of a line that is cut at its 200th character. */
static void t_long_line_in_bursts_loses_nothing(void)
{
	char text[GUEST_LINE_MAX + 16];
	char want[2 * sizeof(text)];

	for (u32 fcr = 0; fcr <= 1; fcr++) {
		start();
		guest_serial_write(&port, FCR, (u8)fcr);
		fill_log();
		for (u32 i = 0; i < sizeof(text); i++) {
			text[i] = (char)('a' + i % 26);
			if (i % 16 == 0 && i < GUEST_LINE_MAX) {
				CHECK_EQ(guest_serial_read(&port, LSR), 0x60);
			}
			guest_serial_write(&port, THR, (u8)text[i]);
		}
		guest_serial_write(&port, FCR, 0x00);
		(void)drained();
		fake.uart_len = 0;
		put("\n");
		snprintf(want, sizeof(want), "g| %.*s\ng| %.*s\n",
			 GUEST_LINE_MAX, text, 16, text + GUEST_LINE_MAX);
		CHECK_STR(drained(), want);
	}
}

/* The room of a partition that has stopped is full, and COM1 is stuck. */
static void t_last_line_needs_no_wait(void)
{
	start();
	guest_serial_write(&port, FCR, 0x01);
	fill_log();
	put("\nan end\nno end");
	guest_serial_end(&port);
	CHECK_EQ(fake.pauses, 0);
	CHECK(strstr(drained(), "g| \ng| an end\ng| no end\n") != NULL);
	put("d\n");
	CHECK(strstr(drained(), "no end\ng| d\n") != NULL);
	CHECK(strstr(fake.uart, "dropped") == NULL);
}

/* All that may follow THRE has room at the end, however it is escaped. */
static void t_last_bytes_have_room(void)
{
	start();
	fill_log();
	for (u32 i = 0; i < GUEST_LINE_MAX; i++) {
		put("\x01");
	}
	for (u32 i = 0; i < 16; i++) {
		put("\n");
	}
	guest_serial_end(&port);
	CHECK(strstr(drained(), "dropped") == NULL);
	CHECK(strstr(fake.uart, "\\x01\ng| \ng| \n") != NULL);
}

static struct guest_serial second;

static const char *raw_drained(void)
{
	fake.com2.busy = false;
	raw_flush();
	return fake.com2.output;
}

/* On COM2 each byte is as it was written. */
static void t_raw_output_is_as_written(void)
{
	start();
	(void)raw_drained();
	fake.com2.len = 0;
	guest_serial_init(&second, "r", true);
	for (const char *at = "a\r\n\x1b[2Jb|"; *at != 0; at++) {
		guest_serial_write(&second, THR, (u8)*at);
	}
	CHECK_STR(raw_drained(), "a\r\n\x1b[2Jb|");
	CHECK_STR(drained(), "");
}

/* A stuck COM2 holds its own partition, and nothing that saw THRE is lost. */
static void t_raw_output_waits_for_com2(void)
{
	u32 written = 0;

	start();
	(void)raw_drained();
	guest_serial_init(&second, "r", true);
	fake.com2.busy = true;
	fake.com2.len = 0;
	while (guest_serial_read(&second, LSR) == 0x60) {
		for (u32 i = 0; i < 16; i++) {
			guest_serial_write(&second, THR, 'x');
			written++;
		}
		CHECK(written <= RAW_SIZE + 16);
	}
	CHECK(written >= RAW_SIZE - 16);
	put("other\n");
	CHECK_STR(drained(), "g| other\n");
	CHECK_EQ(second.lost, 0);
	raw_flush();
	CHECK_EQ(fake.com2.len, 0);
	(void)raw_drained();
	CHECK_EQ(guest_serial_read(&second, LSR), 0x60);
	CHECK_EQ(strlen(raw_drained()), written);
}

static void t_end_sends_the_partial_line(void)
{
	start();
	put("no end");
	CHECK_STR(drained(), "");
	guest_serial_end(&port);
	CHECK_STR(drained(), "g| no end\n");
	guest_serial_end(&port);
	CHECK_STR(drained(), "g| no end\n");
}

static void t_every_way_leaves_the_lock_free(void)
{
	start();
	for (u16 reg = 0; reg < 8; reg++) {
		guest_serial_write(&port, reg, 0);
		(void)guest_serial_read(&port, reg);
	}
	(void)guest_serial_receive(&port, 0);
	guest_serial_end(&port);
	CHECK_EQ(port.lock.next, port.lock.serving);
	CHECK_EQ(port.lock.next, 18);
}

#define T(name)                                                                \
	{                                                                      \
#name, t_##name                                                \
	}

static const struct test tests[] = {
	T(lines_reach_the_log),
	T(long_lines_are_split),
	T(full_log_holds_the_transmitter),
	T(burst_loses_nothing),
	T(fcr_loses_nothing_that_was_written),
	T(long_line_in_bursts_loses_nothing),
	T(last_line_needs_no_wait),
	T(last_bytes_have_room),
	T(raw_output_is_as_written),
	T(raw_output_waits_for_com2),
	T(end_sends_the_partial_line),
	T(every_way_leaves_the_lock_free),
};

const struct suite suite_uart = SUITE("uart", tests);
