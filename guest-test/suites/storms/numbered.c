/* SPDX-License-Identifier: MIT */
/*
 * Long output through the serial port, as Linux's 8250 driver sends it, and as
 * no driver should. The runner knows each line and compares them
 * (tools/lethe/boot_tests/serial.py).
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#include "tlfs/msr.h"

#define COM1     0x3f8
#define LSR      (COM1 + 5)
#define LSR_THRE BIT(5)
#define FIFO     16u

/* The driver gives up waiting after 10,000 looks, each after a microsecond. */
#define LOOKS     10000u
#define MICROSECS 1000000u

/* Line i: `i:`, then letters, cut to a length from 1 to LENGTH_MAX */
#define LENGTH_MAX  4000u
#define LENGTH_STEP 2749u /* has no factor in common with LENGTH_MAX */

static u64 microsecond; /* TSC ticks */
static u64 given_up;

static void wait_for_transmitter(void)
{
	for (u32 i = 0; i < LOOKS; i++) {
		u64 until;

		if (cpu_in8(LSR) & LSR_THRE) {
			return;
		}
		until = cpu_rdtsc() + microsecond;
		while (cpu_rdtsc() < until) {
			cpu_pause();
		}
	}
	given_up++;
}

/*
 * The kernel's own messages: a look before each character. What programs write
 * goes out by 16 characters at each look.
 */
static void send(const char *text, u32 len, u32 burst)
{
	for (u32 i = 0; i < len; i++) {
		if (i % burst == 0) {
			wait_for_transmitter();
		}
		cpu_out8(COM1, (u8)text[i]);
	}
}

static u32 put_number(char *text, u32 number)
{
	u32 digits = 1;

	for (u32 rest = number; rest >= 10; rest /= 10) {
		digits++;
	}
	for (u32 i = digits; i > 0; i--) {
		text[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
	text[digits] = ':';
	return digits + 1;
}

static u32 make_line(char *text, u32 i)
{
	u32 len = 1 + i * LENGTH_STEP % LENGTH_MAX;
	char number[16];
	u32 digits = put_number(number, i);

	for (u32 k = 0; k < len; k++) {
		text[k] = k < digits ? number[k] : (char)('a' + (i + k) % 26);
	}
	text[len] = '\n';
	return len + 1;
}

/* at least `rounds=` bytes */
static void numbered(const void *arg)
{
	static char line[LENGTH_MAX + 16];
	u64 bytes = 0;
	u32 i = 0;

	(void)arg;
	microsecond = cpu_rdmsr(HV_X64_MSR_TSC_FREQUENCY) / MICROSECS;
	while (bytes < cmdline_rounds(MIB)) {
		u32 len = make_line(line, i);

		send(line, len, i % 4 == 0 ? 1 : FIFO);
		bytes += len;
		i++;
		watchdog_restart();
	}
	serial_puts("# numbered lines ");
	serial_put_dec(i);
	serial_puts(", waits that were given up ");
	serial_put_dec(given_up);
	serial_put('\n');
	tap_at_least("lines", i, 2);
}

static void blind_job(void *arg)
{
	u64 count = *(const u64 *)arg;

	for (u64 i = 0; i < count; i++) {
		cpu_out8(COM1, '~');
	}
}

/*
 * `rounds=` bytes without any look at the transmitter, by all VPs together: one
 * alone is about as fast as the line.
 */
static void blind(const void *arg)
{
	u64 count = cmdline_rounds(256u << 10);
	u64 share = count / smp_count();
	u64 start = cpu_rdtsc();

	(void)arg;
	watchdog_stop();
	smp_run_range(1, smp_count() - 1, blind_job, &share);
	blind_job(&share);
	smp_wait_range(1, smp_count() - 1);
	start = cpu_rdtsc() - start;
	/* what comes now is not dropped: the transmitter is looked at */
	serial_put('\n');
	serial_puts("# blind bytes ");
	serial_put_dec(count);
	serial_puts(", ticks for each ");
	serial_put_dec(start / count);
	serial_put('\n');
	tap_true("sent", true);
}

#define HEADING "PC16550D: Line Status Register"

/* clang-format off */
static const struct check numbered_checks[] = {
	{"numbered", HEADING, numbered, NULL, 1, NEED_HV},
};
static const struct check blind_checks[] = {
	{"blind", HEADING, blind, NULL, 1, 0},
};
/* clang-format on */

SUITE("print-numbered", 364, numbered_checks);
SUITE("print-blind", 369, blind_checks);
