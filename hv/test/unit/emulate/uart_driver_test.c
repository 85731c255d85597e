/* SPDX-License-Identifier: MIT */
/* A partition's serial port as a driver sees its registers. */
#include "core/emulate/guest_serial.h"

#include "core/console/log.h"
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

static const char *sent(void)
{
	log_flush();
	return fake.uart;
}

struct step {
	char what; /* R: read and compare, W: write */
	u8 reg;
	u8 value;
};

static void run_steps(const struct step *steps, size_t count)
{
	start();
	for (size_t i = 0; i < count; i++) {
		if (steps[i].what == 'W') {
			guest_serial_write(&port, steps[i].reg, steps[i].value);
			continue;
		}
		u8 got = guest_serial_read(&port, steps[i].reg);

		/* a failure shows the step's number above the value */
		CHECK_EQ(i << 8 | got, i << 8 | steps[i].value);
	}
}

#define RUN(steps) run_steps(steps, ARRAY_SIZE(steps))

static void t_reset_state_is_that_of_a_16550(void)
{
	static const struct step steps[] = {
		{'R', IER, 0}, {'R', FCR, 0x01}, {'R', LCR, 0},
		{'R', MCR, 0}, {'R', LSR, 0x60}, {'R', MSR, 0xb0},
		{'R', SCR, 0}, {'R', THR, 0},
	};

	RUN(steps);
}

static void t_registers_keep_what_they_have(void)
{
	static const struct step steps[] = {
		{'W', IER, 0xff}, {'R', IER, 0x0f}, {'W', SCR, 0xa5},
		{'R', SCR, 0xa5}, {'W', LCR, 0x1b}, {'R', LCR, 0x1b},
		{'W', MCR, 0xeb}, {'R', MCR, 0x0b}, {'W', LSR, 0x00},
		{'R', LSR, 0x60}, {'W', MSR, 0x0f}, {'R', MSR, 0xb0},
	};

	RUN(steps);
}

static void t_dlab_shows_the_divisor(void)
{
	static const struct step steps[] = {
		{'W', IER, 0x05}, {'W', LCR, 0x83}, {'R', THR, 0},
		{'W', THR, 0x0c}, {'W', IER, 0x34}, {'R', THR, 0x0c},
		{'R', IER, 0x34}, {'R', FCR, 0x01}, {'W', LCR, 0x03},
		{'R', IER, 0x05}, {'R', THR, 0},    {'W', LCR, 0x80},
		{'R', THR, 0x0c}, {'R', IER, 0x34},
	};

	RUN(steps);
	CHECK_STR(sent(), "");
}

/* The accesses by which Linux's 8250 driver tells the kinds of UART apart. */
static void t_is_a_16550a_and_nothing_newer(void)
{
	static const struct step steps[] = {
		{'W', IER, 0x00}, {'R', IER, 0x00}, {'W', IER, 0x0f},
		{'R', IER, 0x0f}, {'W', IER, 0x00}, {'W', MCR, 0x1a},
		{'R', MSR, 0x92}, {'W', MCR, 0x00}, {'R', MSR, 0xb2},
		{'R', MSR, 0xb0}, {'W', FCR, 0x01}, {'R', FCR, 0xc1},
		{'W', LCR, 0xbf}, {'R', FCR, 0xc1}, {'W', LCR, 0x00},
		{'W', FCR, 0x21}, {'R', FCR, 0xc1}, {'W', IER, 0x40},
		{'R', IER, 0x00}, {'W', FCR, 0x00}, {'R', FCR, 0x01},
		{'W', FCR, 0xc0}, {'R', FCR, 0x01},
	};

	RUN(steps);
}

static void t_loopback_crosses_the_modem_lines(void)
{
	static const struct step steps[] = {
		{'W', MCR, 0x10}, {'R', MSR, 0x0b}, {'W', MCR, 0x11},
		{'R', MSR, 0x22}, {'W', MCR, 0x12}, {'R', MSR, 0x13},
		{'W', MCR, 0x14}, {'R', MSR, 0x41}, {'W', MCR, 0x18},
		{'R', MSR, 0x8c}, {'R', MSR, 0x80},
	};

	RUN(steps);
}

/* Without FIFO the second byte is lost. LSR reports the overrun once. */
static void t_loopback_returns_bytes_and_sends_none(void)
{
	static const struct step steps[] = {
		{'W', MCR, 0x10}, {'W', THR, 'a'},  {'R', LSR, 0x61},
		{'R', THR, 'a'},  {'R', LSR, 0x60}, {'W', THR, 'b'},
		{'W', THR, 'c'},  {'R', LSR, 0x63}, {'R', LSR, 0x61},
		{'R', THR, 'b'},  {'R', LSR, 0x60},
	};

	RUN(steps);
	CHECK(!guest_serial_receive(&port, 'x'));
	guest_serial_write(&port, THR, '\n');
	CHECK_STR(sent(), "");
}

/*
 * "Transmitter empty" is pending when it is enabled, and ends when IIR has
 * reported it. The modem lines have a lower priority, received bytes and
 * overrun a higher one.
 */
static void t_iir_tells_the_highest_priority(void)
{
	static const struct step steps[] = {
		{'W', IER, 0x02}, {'R', FCR, 0x02}, {'R', FCR, 0x01},
		{'W', THR, 'x'},  {'R', FCR, 0x02}, {'R', FCR, 0x01},
		{'W', IER, 0x0f}, {'W', MCR, 0x10}, {'R', FCR, 0x00},
		{'W', THR, 'y'},  {'R', FCR, 0x04}, {'W', THR, 'z'},
		{'R', FCR, 0x06}, {'R', LSR, 0x63}, {'R', FCR, 0x04},
		{'R', THR, 'y'},  {'R', FCR, 0x02}, {'R', FCR, 0x00},
		{'R', MSR, 0x0b}, {'R', FCR, 0x01},
	};

	RUN(steps);
}

static void t_fifo_level_makes_a_timeout(void)
{
	start();
	guest_serial_write(&port, FCR, 0x81); /* level 8 */
	guest_serial_write(&port, IER, 0x01);
	for (u32 i = 1; i <= 8; i++) {
		CHECK(guest_serial_receive(&port, (u8)i));
		CHECK_EQ(guest_serial_read(&port, FCR), i < 8 ? 0xcc : 0xc4);
	}
	CHECK_EQ(guest_serial_read(&port, THR), 1);
	CHECK_EQ(guest_serial_read(&port, FCR), 0xcc);
	guest_serial_write(&port, FCR, 0x83); /* clears the receiver */
	CHECK_EQ(guest_serial_read(&port, FCR), 0xc1);
	CHECK_EQ(guest_serial_read(&port, LSR), 0x60);
}

static void t_receive_fills_the_fifo_in_order(void)
{
	start();
	CHECK(guest_serial_receive(&port, 'q'));
	CHECK(!guest_serial_receive(&port, 'r'));
	CHECK_EQ(guest_serial_read(&port, THR), 'q');
	guest_serial_write(&port, FCR, 0x01);
	for (u32 round = 0; round < 3; round++) {
		for (u32 i = 0; i < UART_FIFO_SIZE; i++) {
			CHECK(guest_serial_receive(&port, (u8)(round + i)));
		}
		CHECK(!guest_serial_receive(&port, 0xff));
		CHECK_EQ(guest_serial_read(&port, LSR), 0x61);
		for (u32 i = 0; i < UART_FIFO_SIZE; i++) {
			CHECK_EQ(guest_serial_read(&port, THR), round + i);
		}
		CHECK_EQ(guest_serial_read(&port, LSR), 0x60);
		/* an odd number of bytes moves the start of the ring */
		CHECK(guest_serial_receive(&port, 1));
		CHECK_EQ(guest_serial_read(&port, THR), 1);
	}
	CHECK(guest_serial_receive(&port, 'x'));
	guest_serial_write(&port, FCR, 0x00);
	CHECK_EQ(guest_serial_read(&port, LSR), 0x60);
}

#define T(name)                                                                \
	{                                                                      \
#name, t_##name                                                \
	}

static const struct test tests[] = {
	T(reset_state_is_that_of_a_16550),
	T(registers_keep_what_they_have),
	T(dlab_shows_the_divisor),
	T(is_a_16550a_and_nothing_newer),
	T(loopback_crosses_the_modem_lines),
	T(loopback_returns_bytes_and_sends_none),
	T(iir_tells_the_highest_priority),
	T(fifo_level_makes_a_timeout),
	T(receive_fills_the_fifo_in_order),
};

const struct suite suite_uart_driver = SUITE("uart_driver", tests);
