/* SPDX-License-Identifier: MIT */
/*
 * The 16550A alone: what the guest reads and writes, and what comes and goes on
 * the other side. No log, no lock, no fake machine.
 */
#include "core/emulate/uart.h"

#include "support/check.h"

enum { THR, IER, FCR, LCR, MCR, LSR, MSR, SCR };

#define RBR THR
#define DLL THR
#define DLM IER
#define IIR FCR

static struct uart uart;

enum what {
	IN,      /* the guest reads `reg` and gets `value` */
	OUT,     /* the guest writes it */
	LOST,    /* the guest writes it, and the byte cannot be sent */
	TAKEN,   /* the byte `value` is taken from the transmitter */
	NONE,    /* there is no byte to take */
	SENDING, /* what was taken is not out yet (1), or is (0) */
	GIVEN,   /* the byte `value` arrives */
	REFUSED, /* it arrives and is not taken */
};

struct step {
	enum what what;
	u8 reg; /* IN, OUT, LOST */
	u8 value;
};

/* True if `step` went as it says; `got` is the value that was read or taken. */
static bool step_is_met(const struct step *step, u8 *got)
{
	*got = step->value;
	switch (step->what) {
	case IN:
		*got = uart_read(&uart, step->reg);
		return *got == step->value;
	case OUT:
		return uart_write(&uart, step->reg, step->value);
	case LOST:
		return !uart_write(&uart, step->reg, step->value);
	case TAKEN:
		return uart_take(&uart, got) && *got == step->value;
	case NONE:
		return !uart_take(&uart, got);
	case SENDING:
		uart_set_sending(&uart, step->value != 0);
		return true;
	case GIVEN:
		return uart_receive(&uart, step->value);
	case REFUSED:
	default:
		return !uart_receive(&uart, step->value);
	}
}

static void run_steps(const struct step *steps, size_t count)
{
	uart_init(&uart);
	for (size_t i = 0; i < count; i++) {
		u8 got;

		if (!step_is_met(&steps[i], &got)) {
			check_fail(__FILE__, __LINE__,
				   "step %zu: got 0x%x want 0x%x", i, got,
				   steps[i].value);
		}
	}
}

#define RUN(steps) run_steps(steps, ARRAY_SIZE(steps))

static void t_power_on_values(void)
{
	static const struct step steps[] = {
		{IN, RBR, 0x00}, {IN, IER, 0x00}, {IN, IIR, 0x01},
		{IN, LCR, 0x00}, {IN, MCR, 0x00}, {IN, LSR, 0x60},
		{IN, MSR, 0xb0}, {IN, SCR, 0x00}, {OUT, LCR, 0x80},
		{IN, DLL, 0x00}, {IN, DLM, 0x00}, {NONE, 0, 0},
	};

	RUN(steps);
}

/* All ones, then all zeros, to every register but THR. */
static void t_each_register_with_dlab_0(void)
{
	static const struct step steps[] = {
		{OUT, IER, 0xff}, {IN, IER, 0x0f},  {OUT, MCR, 0xff},
		{IN, MCR, 0x1f},  {OUT, LSR, 0xff}, {IN, LSR, 0x60},
		{OUT, MSR, 0xff}, {IN, MSR, 0xf0},  {OUT, SCR, 0xff},
		{IN, SCR, 0xff},  {OUT, LCR, 0x7f}, {IN, LCR, 0x7f},
		{OUT, FCR, 0xff}, {IN, IIR, 0xc2},  {OUT, FCR, 0x00},
		{OUT, IER, 0x00}, {IN, IER, 0x00},  {OUT, MCR, 0x00},
		{IN, MCR, 0x00},  {OUT, LSR, 0x00}, {IN, LSR, 0x60},
		{OUT, MSR, 0x00}, {IN, MSR, 0xb4},  {OUT, SCR, 0x00},
		{IN, SCR, 0x00},  {OUT, LCR, 0x00}, {IN, LCR, 0x00},
		{IN, IIR, 0x01},
	};

	RUN(steps);
}

/* DLAB moves the first two registers only, and what they keep stays apart. */
static void t_each_register_with_dlab_1(void)
{
	static const struct step steps[] = {
		{OUT, IER, 0x0a}, {GIVEN, 0, 'r'},  {OUT, LCR, 0xff},
		{IN, LCR, 0xff},  {OUT, DLL, 0x5a}, {OUT, DLM, 0xa5},
		{IN, DLL, 0x5a},  {IN, DLM, 0xa5},  {NONE, 0, 0},
		{OUT, MCR, 0x03}, {IN, MCR, 0x03},  {OUT, SCR, 0x77},
		{IN, SCR, 0x77},  {IN, LSR, 0x61},  {IN, MSR, 0xb0},
		{IN, IIR, 0x02},  {OUT, LCR, 0x03}, {IN, IER, 0x0a},
		{IN, RBR, 'r'},   {OUT, LCR, 0x80}, {IN, DLL, 0x5a},
		{IN, DLM, 0xa5},
	};

	RUN(steps);
}

/* Also without FIFO there is room for more; THRE waits for the wire. */
static void t_bytes_are_taken_in_order(void)
{
	static const struct step steps[] = {
		{OUT, THR, 'a'}, {IN, LSR, 0x00},  {OUT, THR, 'b'},
		{TAKEN, 0, 'a'}, {TAKEN, 0, 'b'},  {NONE, 0, 0},
		{IN, LSR, 0x60}, {OUT, FCR, 0x01}, {OUT, THR, 'c'},
		{OUT, THR, 'd'}, {TAKEN, 0, 'c'},  {IN, LSR, 0x00},
		{OUT, THR, 'e'}, {TAKEN, 0, 'd'},  {TAKEN, 0, 'e'},
		{NONE, 0, 0},    {IN, LSR, 0x60},
	};

	RUN(steps);
}

static void t_transmitter_is_empty_when_all_is_out(void)
{
	static const struct step steps[] = {
		{OUT, FCR, 0x01}, {OUT, IER, 0x02}, {IN, IIR, 0xc2},
		{OUT, THR, 'a'},  {SENDING, 0, 1},  {IN, LSR, 0x00},
		{TAKEN, 0, 'a'},  {IN, LSR, 0x00},  {IN, IIR, 0xc1},
		{OUT, FCR, 0x05}, {IN, LSR, 0x00},  {SENDING, 0, 0},
		{IN, LSR, 0x60},  {IN, IIR, 0xc2},  {IN, IIR, 0xc1},
	};

	RUN(steps);
	CHECK(uart_tx_empty(&uart));
	uart_set_sending(&uart, true);
	CHECK(!uart_tx_empty(&uart));
}

/* The event comes with IER bit 1 and with each byte, and ends as IIR shows it.
 */
static void t_thre_event(void)
{
	static const struct step steps[] = {
		{OUT, THR, 'a'},  {TAKEN, 0, 'a'}, {IN, IIR, 0x01},
		{OUT, IER, 0x02}, {IN, IIR, 0x02}, {IN, IIR, 0x01},
		{OUT, IER, 0x02}, {IN, IIR, 0x01}, {OUT, IER, 0x00},
		{OUT, IER, 0x02}, {IN, IIR, 0x02}, {OUT, THR, 'b'},
		{IN, IIR, 0x01},  {TAKEN, 0, 'b'}, {IN, LSR, 0x60},
		{IN, IIR, 0x02},  {IN, IIR, 0x01},
	};

	RUN(steps);
}

/* Each cause with all those of lower priority; then one after the other ends.
 */
static void t_iir_priorities(void)
{
	static const struct step steps[] = {
		{OUT, IER, 0x0f}, {OUT, MCR, 0x10}, {IN, IIR, 0x02},
		{IN, IIR, 0x00},  {OUT, THR, 'a'},  {IN, IIR, 0x04},
		{OUT, THR, 'b'},  {IN, IIR, 0x06},  {OUT, IER, 0x0b},
		{IN, IIR, 0x04},  {OUT, IER, 0x0a}, {IN, IIR, 0x02},
		{IN, IIR, 0x00},  {OUT, IER, 0x0d}, {IN, IIR, 0x06},
		{IN, LSR, 0x63},  {IN, IIR, 0x04},  {IN, RBR, 'a'},
		{IN, IIR, 0x00},  {OUT, IER, 0x05}, {IN, IIR, 0x01},
		{OUT, IER, 0x0d}, {IN, MSR, 0x0b},  {IN, IIR, 0x01},
	};

	RUN(steps);
}

static void t_loopback(void)
{
	static const struct step steps[] = {
		{OUT, FCR, 0x01}, {OUT, MCR, 0x10},  {IN, MSR, 0x0b},
		{OUT, THR, 'a'},  {OUT, THR, 'b'},   {NONE, 0, 0},
		{IN, LSR, 0x61},  {REFUSED, 0, 'x'}, {IN, RBR, 'a'},
		{IN, RBR, 'b'},   {IN, LSR, 0x60},   {OUT, MCR, 0x1f},
		{IN, MSR, 0xfb},  {OUT, MCR, 0x1b},  {IN, MSR, 0xb4},
		{OUT, MCR, 0x00}, {IN, MSR, 0xb0},   {GIVEN, 0, 'y'},
		{IN, RBR, 'y'},
	};

	RUN(steps);
}

/* Bit 1 clears the receiver; what was written for sending stays. */
static void t_fifo_clear_bits(void)
{
	static const struct step steps[] = {
		{OUT, FCR, 0x01}, {OUT, THR, 'a'},  {GIVEN, 0, 'r'},
		{OUT, FCR, 0x01}, {IN, LSR, 0x01},  {OUT, FCR, 0x03},
		{IN, LSR, 0x00},  {TAKEN, 0, 'a'},  {GIVEN, 0, 's'},
		{OUT, THR, 'b'},  {OUT, FCR, 0x05}, {IN, LSR, 0x01},
		{TAKEN, 0, 'b'},  {NONE, 0, 0},     {IN, LSR, 0x61},
		{IN, RBR, 's'},   {OUT, THR, 'c'},  {GIVEN, 0, 't'},
		{OUT, FCR, 0x07}, {IN, LSR, 0x00},  {TAKEN, 0, 'c'},
		{IN, LSR, 0x60},  {NONE, 0, 0},
	};

	RUN(steps);
}

/* A change of bit 0 clears the receiver; what was written stays. */
static void t_fifo_enable_clears(void)
{
	static const struct step steps[] = {
		{OUT, THR, 'a'},  {GIVEN, 0, 'r'}, {IN, LSR, 0x01},
		{OUT, FCR, 0x01}, {IN, LSR, 0x00}, {IN, IIR, 0xc1},
		{TAKEN, 0, 'a'},  {IN, LSR, 0x60}, {NONE, 0, 0},
		{OUT, THR, 'b'},  {GIVEN, 0, 's'}, {IN, LSR, 0x01},
		{OUT, FCR, 0x00}, {IN, LSR, 0x00}, {IN, IIR, 0x01},
		{TAKEN, 0, 'b'},  {IN, LSR, 0x60}, {NONE, 0, 0},
	};

	RUN(steps);
}

/* 16 bytes fit, to be sent some more; loopback reports what is lost. */
static void t_fifo_is_full_at_16(void)
{
	u8 byte;

	uart_init(&uart);
	CHECK(uart_write(&uart, FCR, 0x01));
	for (u32 i = 0; i < UART_FIFO_SIZE; i++) {
		CHECK(uart_write(&uart, THR, (u8)i));
		CHECK(uart_receive(&uart, (u8)(0x80 + i)));
	}
	CHECK(!uart_receive(&uart, 0xff));
	for (u32 i = UART_FIFO_SIZE; i < UART_TX_SIZE; i++) {
		CHECK(uart_write(&uart, THR, (u8)i));
	}
	CHECK(!uart_write(&uart, THR, 0xff));
	CHECK_EQ(uart_read(&uart, LSR), 0x01);
	for (u32 i = 0; i < UART_TX_SIZE; i++) {
		CHECK(uart_take(&uart, &byte));
		CHECK_EQ(byte, (u8)i);
	}
	CHECK(!uart_take(&uart, &byte));
	CHECK(uart_write(&uart, MCR, 0x10));
	CHECK(uart_write(&uart, THR, 0xff));
	CHECK_EQ(uart_read(&uart, LSR), 0x63);
	for (u32 i = 0; i < UART_FIFO_SIZE; i++) {
		CHECK_EQ(uart_read(&uart, RBR), 0x80 + i);
	}
	CHECK_EQ(uart_read(&uart, LSR), 0x60);
}

/* IIR tells whether the trigger level of FCR 7:6 is reached. */
static void t_trigger_levels(void)
{
	static const u8 levels[] = {1, 4, 8, 14};

	for (u32 i = 0; i < ARRAY_SIZE(levels); i++) {
		uart_init(&uart);
		CHECK(uart_write(&uart, FCR, (u8)(0x01 | i << 6)));
		CHECK(uart_write(&uart, IER, 0x01));
		for (u32 count = 1; count <= UART_FIFO_SIZE; count++) {
			CHECK(uart_receive(&uart, 'r'));
			CHECK_EQ(uart_read(&uart, IIR),
				 count < levels[i] ? 0xcc : 0xc4);
		}
	}
}

#define T(name)                                                                \
	{                                                                      \
#name, t_##name                                                \
	}

static const struct test tests[] = {
	T(power_on_values),
	T(each_register_with_dlab_0),
	T(each_register_with_dlab_1),
	T(bytes_are_taken_in_order),
	T(transmitter_is_empty_when_all_is_out),
	T(thre_event),
	T(iir_priorities),
	T(loopback),
	T(fifo_clear_bits),
	T(fifo_enable_clears),
	T(fifo_is_full_at_16),
	T(trigger_levels),
};

const struct suite suite_uart_registers = SUITE("uart_registers", tests);
