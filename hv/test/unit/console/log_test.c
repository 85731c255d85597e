/* SPDX-License-Identifier: MIT */
/* The console's lines and the "first use" lines. */
#include "common/lib/format.h"
#include "core/console/log.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/console/first_use.h"
#include "core/console/log_ring.h"
#include "support/check.h"
#include "support/fake_partition.h"

/* fake_reset() does not empty the ring, so that each test begins with this. */
static void empty(void)
{
	fake.uart_busy = false;
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
}

static const char *drained(void)
{
	fake.uart_busy = false;
	log_flush();
	return fake.uart;
}

static __printf(1, 2) const char *formatted(const char *fmt, ...)
{
	static char text[256];
	va_list args;

	va_start(args, fmt);
	size_t len = log_format(text, sizeof(text), fmt, args);

	va_end(args);
	CHECK_EQ(len, strlen(text));
	return text;
}

static __printf(3, 4) size_t format(char *to, size_t room, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	size_t len = log_format(to, room, fmt, args);

	va_end(args);
	return len;
}

/* The C library formats the same arguments and has to agree. */
#define SAME(...)                                                              \
	do {                                                                   \
		char want[256];                                                \
		snprintf(want, sizeof(want), __VA_ARGS__);                     \
		CHECK_STR(formatted(__VA_ARGS__), want);                       \
	} while (0)

static void t_format_agrees_with_printf(void)
{
	SAME("plain");
	SAME("%s|%s|%10s|%2s", "", "abc", "right", "longer");
	SAME("%c%c %3c", 'a', '%', 'z');
	SAME("%u %u %5u %05u %1u", 0u, UINT_MAX, 42u, 42u, 1234u);
	SAME("%d %d %d %5d %05d %1d", 0, -1, INT_MIN, -42, -42, -1234);
	SAME("%x 0x%08x %3x", 0xdeadbeefu, 0x1au, 0u);
	SAME("%lu %lx %ld", ULONG_MAX, 0x123456789abcdefful, LONG_MIN);
	SAME("%llu %llx %lld", 1ull, ULLONG_MAX, -5ll);
	SAME("%016lx %20lu %021ld", 0xabcul, ULONG_MAX, LONG_MIN);
	SAME("100%% %zu", sizeof(u64));
}

static void t_format_stops_at_the_end_of_the_room(void)
{
	char small[6] = "zzzzz";

	CHECK_STR(formatted("%s", "whole"), "whole");
	CHECK_EQ(format(small, 4, "abcdef"), 3);
	CHECK_STR(small, "abc");
	CHECK_EQ(small[4], 'z');
	CHECK_EQ(format(small, 0, "x"), 0);
	CHECK_EQ(small[0], 'a');
}

static void t_line_has_cpu_and_area(void)
{
	empty();
	fake.cpu_number = 3;
	log_line("ept", "mapped pages=%u at=0x%lx", 7u, 0x200000ul);
	CHECK_STR(drained(), "[3] ept: mapped pages=7 at=0x200000\n");
}

static void t_line_escapes_control_bytes(void)
{
	empty();
	log_line("x", "a%sb", "\n\x1b[2J");
	CHECK_STR(drained(), "[0] x: a\\x0a\\x1b[2Jb\n");
}

static void t_long_line_is_cut(void)
{
	char text[2000];

	empty();
	memset(text, 'l', sizeof(text));
	text[sizeof(text) - 1] = 0;
	log_line("x", "%s", text);
	log_line("x", "next");
	CHECK(strncmp(drained(), "[0] x: lll", 10) == 0);
	CHECK_STR(strchr(fake.uart, '\n'), "\n[0] x: next\n");
}

static void t_guest_line_shows_bytes(void)
{
	empty();
	CHECK(log_guest_line("linux", "a\tb\0\x7f\xff~", 7, false));
	CHECK(log_guest_line("linux", "", 0, false));
	CHECK_STR(drained(), "linux| a\tb\\x00\\x7f\\xff~\nlinux| \n");
}

static void t_drain_sends_no_more_than_it_may(void)
{
	empty();
	log_line("x", "0123456789");
	log_drain(4);
	CHECK_STR(fake.uart, "[0] ");
	fake.uart_busy = true;
	log_drain(100);
	CHECK_STR(fake.uart, "[0] ");
	CHECK_STR(drained(), "[0] x: 0123456789\n");
}

static void t_flush_gives_up_on_a_dead_uart(void)
{
	empty();
	log_line("x", "stuck");
	fake.uart_busy = true;
	log_flush();
	CHECK_STR(fake.uart, "");
	CHECK(fake.pauses > 1000);
	CHECK_STR(drained(), "[0] x: stuck\n");
}

static void t_close_ends_the_line_and_drains_no_more(void)
{
	empty();
	log_line("x", "0123456789");
	log_line("x", "next");
	log_drain(4);
	log_close();
	CHECK_STR(fake.uart, "[0] x: 0123456789\n");
	log_drain(100);
	log_flush();
	CHECK_STR(fake.uart, "[0] x: 0123456789\n");
	log_take_over();
	CHECK_STR(drained(), "[0] x: 0123456789\n[0] x: next\n");
}

/* The other CPU has taken the last byte of the ring, and has yet to send it. */
static void close_while_another_drains(void)
{
	fake.on_uart_put = NULL;
	log_close();
}

static void t_close_waits_for_the_one_that_drains(void)
{
	empty();
	log_line("x", "a");
	log_drain(7);
	fake.on_uart_put = close_while_another_drains;
	log_drain(1);
	CHECK(fake.pauses > 1000); /* it gave up: this drainer never ended */
	CHECK_STR(drained(), "[0] x: a\n");
}

static u32 count_lines(const char *text, const char *part)
{
	u32 count = 0;

	for (const char *at = strstr(text, part); at != NULL;
	     at = strstr(at + 1, part)) {
		count++;
	}
	return count;
}

static void t_full_ring_drops_and_reports(void)
{
	char text[101];

	empty();
	memset(text, 'y', 100);
	text[100] = 0;
	/* a line has 108 bytes and a header: 546 fit into 64 KiB */
	for (u32 i = 0; i < 700; i++) {
		log_line("x", "%s", text);
	}
	CHECK(count_lines(drained(), text) >= 546);
	u32 kept = count_lines(fake.uart, text);

	CHECK(kept < 700);
	CHECK_EQ(count_lines(fake.uart, "dropped"), 0);
	log_line("x", "again");
	char want[80];

	snprintf(want, sizeof(want),
		 "[0] log: dropped lines=%u\n[0] x: again\n", 700 - kept);
	fake.uart_len = 0;
	CHECK_STR(drained(), want);
	fake.uart_len = 0;
	log_line("x", "more");
	CHECK_STR(drained(), "[0] x: more\n");
}

static void t_guest_cannot_use_up_the_ring(void)
{
	char text[100];
	u32 lines = 0;

	empty();
	memset(text, 'g', sizeof(text));
	while (log_guest_line("g", text, sizeof(text), false)) {
		lines++;
		CHECK(lines < 1000);
	}
	CHECK(lines > 500);
	log_line("x", "still heard");
	CHECK(!log_guest_line("g", text, sizeof(text), false));
	CHECK_EQ(count_lines(drained(), "[0] x: still heard\n"), 1);
	CHECK_EQ(count_lines(fake.uart, "dropped"), 0);
	CHECK(log_guest_line("g", text, sizeof(text), false));
}

static void t_ring_takes_exactly_its_size(void)
{
	static char bytes[4096];
	static struct log_ring ring;
	const size_t size = sizeof(bytes);

	ring = (struct log_ring){.put = size - 3,
				 .taken = size - 3,
				 .bytes = bytes,
				 .size = size};
	CHECK_EQ(log_ring_room(&ring), size);
	CHECK_EQ(log_ring_used(&ring), 0);
	for (u32 i = 0; i < size; i++) {
		log_ring_put(&ring, i, (char)(i * 7));
	}
	CHECK_EQ(log_ring_used(&ring), 0);
	log_ring_commit(&ring, size);
	CHECK_EQ(log_ring_room(&ring), 0);
	CHECK_PANIC(log_ring_commit(&ring, 1), "log_ring_room");
	for (u32 i = 0; i < size; i++) {
		CHECK_EQ(log_ring_used(&ring), size - i);
		CHECK_EQ(log_ring_peek(&ring, 0), (char)(i * 7));
		CHECK_EQ(log_ring_peek(&ring, size - i - 1),
			 (char)((size - 1) * 7));
		log_ring_drop(&ring, 1);
	}
	CHECK_EQ(log_ring_room(&ring), size);
}

static void t_ring_wraps_without_loss(void)
{
	empty();
	for (u32 i = 0; i < 5000; i++) {
		char want[40];

		log_line("wrap", "number=%u", i);
		snprintf(want, sizeof(want), "[0] wrap: number=%u\n", i);
		fake.uart_len = 0;
		CHECK_STR(drained(), want);
	}
}

static void t_first_use_prints_a_key_once(void)
{
	struct partition *p = fake_partition(1, 1);
	struct partition *other = fake_partition(1, 1);

	fake_config(p)->first_use = CONFIG_FIRST_USE_LIST;
	fake_config(other)->first_use = CONFIG_FIRST_USE_LIST;
	first_use_reset(p);
	first_use_reset(other);
	empty();
	CHECK(first_use_report(p, FIRST_USE_MSR_READ, 0x1a0));
	CHECK(!first_use_report(p, FIRST_USE_MSR_READ, 0x1a0));
	CHECK(first_use_report(p, FIRST_USE_MSR_READ, 0));
	CHECK(!first_use_report(p, FIRST_USE_MSR_READ, 0x1a0));
	CHECK(first_use_report(p, FIRST_USE_MSR_WRITE, 0x1a0));
	CHECK(first_use_report(other, FIRST_USE_MSR_READ, 0x1a0));
	CHECK_EQ(first_use_count(p, FIRST_USE_MSR_READ), 4);
	CHECK_EQ(first_use_count(other, FIRST_USE_MSR_READ), 1);
	CHECK_STR(drained(), "[0] guest0: first use kind=msr-read key=0x1a0\n"
			     "[0] guest0: first use kind=msr-read key=0x0\n"
			     "[0] guest0: first use kind=msr-write key=0x1a0\n"
			     "[0] guest1: first use kind=msr-read key=0x1a0\n");
}

static void t_first_use_stops_after_32_lines(void)
{
	struct partition *p = fake_partition(1, 1);

	fake_config(p)->first_use = CONFIG_FIRST_USE_LIST;
	first_use_reset(p);
	empty();
	for (u32 round = 0; round < 3; round++) {
		for (u32 key = 0; key < 1000; key++) {
			bool first =
				first_use_report(p, FIRST_USE_PORT_IN, key);

			CHECK_EQ(first,
				 round == 0 && key < FIRST_USE_LINES_MAX);
		}
	}
	CHECK_EQ(count_lines(drained(), "\n"), FIRST_USE_LINES_MAX + 1);
	CHECK_EQ(count_lines(fake.uart, "kind=port-in: more are only counted"),
		 1);
	CHECK_EQ(first_use_count(p, FIRST_USE_PORT_IN), 3000);
	first_use_summary(p);
	CHECK_EQ(count_lines(drained(), "\n"), FIRST_USE_LINES_MAX + 1);
}

static void t_first_use_counts_keys(void)
{
	struct partition *p = fake_partition(1, 1);

	first_use_reset(p);
	empty();
	first_use_summary(p);
	for (u32 round = 0; round < 3; round++) {
		(void)first_use_report(p, FIRST_USE_CPUID, 0xa);
		for (u32 key = 0; key < FIRST_USE_LINES_MAX; key++) {
			(void)first_use_report(p, FIRST_USE_MSR_READ, key);
		}
		for (u32 key = 0; key <= FIRST_USE_LINES_MAX; key++) {
			(void)first_use_report(p, FIRST_USE_PORT_OUT, key);
		}
	}
	CHECK_STR(drained(), "");
	first_use_summary(p);
	CHECK_STR(drained(), "[0] guest0: first use msr-read=32 port-out=32+ "
			     "cpuid=1 (list them: first-use = list)\n");
}

/* The longest report is not cut. */
static void t_first_use_reports_all_kinds(void)
{
	struct partition *p = fake_partition(1, 1);

	first_use_reset(p);
	empty();
	for (u32 kind = 0; kind < FIRST_USE_KINDS; kind++) {
		for (u32 key = 0; key <= FIRST_USE_LINES_MAX; key++) {
			(void)first_use_report(p, (enum first_use_kind)kind,
					       key);
		}
	}
	first_use_summary(p);
	CHECK_STR(drained(), "[0] guest0: first use hypercall=32+ msr-read=32+ "
			     "msr-write=32+ port-in=32+ port-out=32+ cpuid=32+ "
			     "other=32+ (list them: first-use = list)\n");
}

static const struct test tests[] = {
	{"format_agrees_with_printf", t_format_agrees_with_printf},
	{"format_stops_at_the_end_of_the_room",
	 t_format_stops_at_the_end_of_the_room},
	{"line_has_cpu_and_area", t_line_has_cpu_and_area},
	{"line_escapes_control_bytes", t_line_escapes_control_bytes},
	{"long_line_is_cut", t_long_line_is_cut},
	{"guest_line_shows_bytes", t_guest_line_shows_bytes},
	{"drain_sends_no_more_than_it_may", t_drain_sends_no_more_than_it_may},
	{"flush_gives_up_on_a_dead_uart", t_flush_gives_up_on_a_dead_uart},
	{"close_ends_the_line_and_drains_no_more",
	 t_close_ends_the_line_and_drains_no_more},
	{"close_waits_for_the_one_that_drains",
	 t_close_waits_for_the_one_that_drains},
	{"full_ring_drops_and_reports", t_full_ring_drops_and_reports},
	{"guest_cannot_use_up_the_ring", t_guest_cannot_use_up_the_ring},
	{"ring_takes_exactly_its_size", t_ring_takes_exactly_its_size},
	{"ring_wraps_without_loss", t_ring_wraps_without_loss},
	{"first_use_prints_a_key_once", t_first_use_prints_a_key_once},
	{"first_use_stops_after_32_lines", t_first_use_stops_after_32_lines},
	{"first_use_counts_keys", t_first_use_counts_keys},
	{"first_use_reports_all_kinds", t_first_use_reports_all_kinds},
};

const struct suite suite_log = SUITE("log", tests);
