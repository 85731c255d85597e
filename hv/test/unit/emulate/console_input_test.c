/* SPDX-License-Identifier: MIT */
/* Whose each received byte is. */
#include "core/emulate/console_input.h"

#include <string.h>

#include "core/console/log.h"
#include "core/emulate/guest_serial.h"
#include "support/call.h"
#include "support/check.h"

enum { RBR = 0, FCR = 2, LSR = 5 };

static struct config config;
static struct partition *p[2];

static void start(enum config_console console, u32 input)
{
	fake_cpus(1);
	p[0] = fake_partition(1, 1);
	p[1] = fake_partition(1, 1);
	config = (struct config){
		.partition_count = 2, .console = console, .input = input};
	console_input_init(&config);
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
}

static void type(const char *text)
{
	fake.uart_input = text;
	while (*fake.uart_input != 0) {
		(void)console_input_poll();
	}
	(void)console_input_poll();
}

/* What the guest reads, at most 15 bytes: polls come as it reads. */
static const char *read_by(struct partition *reader)
{
	static char text[16];
	u32 len = 0;

	while (len < sizeof(text) - 1 &&
	       (guest_serial_read(&reader->serial, LSR) & 1) != 0) {
		text[len++] = (char)guest_serial_read(&reader->serial, RBR);
		(void)console_input_poll();
	}
	text[len] = 0;
	return text;
}

static const char *debug_reads(void)
{
	static char text[16];
	u32 len = 0;
	u8 byte;

	while (len < sizeof(text) - 1 && console_input_take(&byte)) {
		text[len++] = (char)byte;
	}
	text[len] = 0;
	return text;
}

static void t_the_key_says_who_has_it(void)
{
	static const struct {
		enum config_console console;
		u32 input;
		int reader; /* partition, -1: debug console */
	} rows[] = {
		{CONFIG_CONSOLE_FULL, 0, -1}, {CONFIG_CONSOLE_READONLY, 0, -1},
		{CONFIG_CONSOLE_OFF, 0, 0},   {CONFIG_CONSOLE_FULL, 1, 0},
		{CONFIG_CONSOLE_FULL, 2, 1},  {CONFIG_CONSOLE_OFF, 2, 1},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_reset();
		start(rows[i].console, rows[i].input);
		type("abc");
		CHECK_STR(debug_reads(), rows[i].reader < 0 ? "abc" : "");
		CHECK_STR(read_by(p[0]), rows[i].reader == 0 ? "abc" : "");
		CHECK_STR(read_by(p[1]), rows[i].reader == 1 ? "abc" : "");
	}
}

static void t_ctrl_t_changes_the_owner(void)
{
	start(CONFIG_CONSOLE_FULL, 0);
	CHECK(console_input_owner() == NULL);
	type("a\x14"
	     "b\x14"
	     "c");
	CHECK_STR(debug_reads(), "ac");
	CHECK_STR(read_by(p[0]), "b");
	log_flush();
	CHECK_STR(fake.uart,
		  "[0] console: input goes to guest0; Ctrl-T takes it back\n"
		  "[0] console: input goes to the debug console; Ctrl-T gives "
		  "it to guest0\n");
	console_input_give(p[1]);
	CHECK(console_input_owner() == p[1]);
	type("d\x14"
	     "e\x14"
	     "f");
	CHECK_STR(debug_reads(), "e");
	CHECK_STR(read_by(p[1]), "df");
	CHECK_STR(read_by(p[0]), "");
}

/* Without the debug console the key is the guest's. */
static void t_ctrl_t_is_the_guests_without_console(void)
{
	start(CONFIG_CONSOLE_OFF, 0);
	type("\x14!");
	CHECK_STR(read_by(p[0]), "\x14!");
}

/* The guest's FIFO takes one byte; the others wait, in order. */
static void t_a_paste_waits_for_a_slow_guest(void)
{
	start(CONFIG_CONSOLE_FULL, 1);
	type("0123456789abc");
	CHECK_STR(read_by(p[0]), "0123456789abc");
	CHECK_EQ(console_input_lost(), 0);
}

/* A guest that never reads cannot keep the key from working. */
static void t_key_works_although_the_guest_does_not_read(void)
{
	char text[2 * CONSOLE_INPUT_QUEUE];

	start(CONFIG_CONSOLE_FULL, 1);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 3] = CONSOLE_INPUT_KEY;
	text[sizeof(text) - 2] = 'y';
	text[sizeof(text) - 1] = 0;
	type(text);
	CHECK_STR(debug_reads(), "y");
	CHECK_EQ(console_input_lost(),
		 sizeof(text) - 3 - CONSOLE_INPUT_QUEUE - 1);
}

static void t_com2_is_its_partitions(void)
{
	start(CONFIG_CONSOLE_FULL, 0);
	config.partition[1].output = CONFIG_OUTPUT_COM2;
	console_input_init(&config);
	fake.com2.input = "raw\x14";
	type("abc");
	CHECK_STR(debug_reads(), "abc");
	CHECK_STR(read_by(p[1]), "raw\x14");
	CHECK_STR(read_by(p[0]), "");
	/* nobody reads a COM2 that has no use */
	config.partition[1].output = CONFIG_OUTPUT_COM1;
	console_input_init(&config);
	fake.com2.input = "zzz";
	type("");
	CHECK_STR(fake.com2.input, "zzz");
}

/* How many bytes a guest gets when a 0 shows up `characters` after a look. */
static u32 zeros(u32 characters, bool timed_out, const char *behind)
{
	u32 count = 0;

	fake_reset();
	start(CONFIG_CONSOLE_FULL, 1);
	machine.tsc_hz = 1000ull * CONSOLE_INPUT_CHARACTERS;
	fake.tsc = 1ull << 40;
	console_input_poll();
	fake.tsc += 1000ull * characters;
	fake.uart_zero = true;
	fake.uart_timed_out = timed_out;
	fake.uart_input = behind;
	console_input_poll();
	while ((guest_serial_read(&p[0]->serial, LSR) & 1) != 0) {
		(void)guest_serial_read(&p[0]->serial, RBR);
		count++;
	}
	return count;
}

/* Bochs's UART shows a 0 when it times out after its bytes have been read. */
static void t_a_stale_time_out_is_no_byte(void)
{
	CHECK_EQ(zeros(2, true, ""), 0);
	CHECK_EQ(zeros(7, true, ""), 0);
	CHECK(!console_input_flows(fake.tsc));
	/* a byte that follows it in the FIFO counts */
	CHECK_EQ(zeros(2, true, "x"), 1);
	/* a guest may be sent zeros */
	CHECK_EQ(zeros(2, false, ""), 1);
	CHECK_EQ(zeros(9, true, ""), 1);
	CHECK(console_input_flows(fake.tsc));
}

static const struct test tests[] = {
	{"the-key-says-who-has-it", t_the_key_says_who_has_it},
	{"ctrl-t-changes-the-owner", t_ctrl_t_changes_the_owner},
	{"ctrl-t-is-the-guests-without-console",
	 t_ctrl_t_is_the_guests_without_console},
	{"a-paste-waits-for-a-slow-guest", t_a_paste_waits_for_a_slow_guest},
	{"key-works-although-the-guest-does-not-read",
	 t_key_works_although_the_guest_does_not_read},
	{"com2-is-its-partitions", t_com2_is_its_partitions},
	{"a-stale-time-out-is-no-byte", t_a_stale_time_out_is_no_byte},
};

const struct suite suite_console_input = SUITE("console_input", tests);
