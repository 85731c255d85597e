/* SPDX-License-Identifier: MIT */
/* From the 32-bit entry's last step to the exit code. */
#include "harness/choice.h"
#include "harness/needs.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/idt.h"
#include "kernel/page.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "kernel/start_info.h"
#include "kernel/watchdog.h"

#define PARTITIONS_MAX 4

__noreturn void main_start(u64 start_info_gpa);

static void run_check(const struct suite *suite, const struct check *check)
{
	const char *reason = needs_missing(check);

	tap_begin(suite->name, check->name);
	if (cmdline_get()->headings) {
		tap_heading(check->heading);
	}
	watchdog_restart();
	if (reason != NULL) {
		tap_skip(reason);
	} else {
		check->fn(check->arg);
	}
	watchdog_stop();
	tap_end();
}

static void run_suites(void)
{
	for (size_t i = 0; i < suite_count(); i++) {
		const struct suite *suite = suite_at(i);

		if (!cmdline_has_suite(suite->name)) {
			continue;
		}
		for (size_t k = 0; k < suite->count; k++) {
			if (choice_has_check(&suite->checks[k])) {
				run_check(suite, &suite->checks[k]);
			}
		}
	}
}

static void print_configuration(void)
{
	const struct cmdline *line = cmdline_get();

	serial_puts("# guest-test " LETHE_VERSION " suite=");
	serial_puts(line->suites);
	serial_puts(" cpus=");
	serial_put_dec(line->cpus);
	serial_puts(" seed=");
	serial_put_dec(line->seed);
	serial_puts(" stride=");
	serial_put_dec(line->stride);
	serial_put('\n');
}

static void check_words(const struct cmdline *line)
{
	if (line->error == NULL) {
		return;
	}
	serial_puts("Bail out! command line: ");
	serial_puts(line->error);
	serial_puts(": expected ");
	if (line->error_expected != NULL) {
		serial_puts(line->error_expected);
	} else {
		serial_puts("one of");
		for (size_t i = 0; cmdline_key(i) != NULL; i++) {
			serial_put(' ');
			serial_puts(cmdline_key(i));
		}
	}
	serial_put('\n');
	serial_exit(2);
}

static void check_skip(const char *list)
{
	char name[sizeof(cmdline_get()->skip)];

	while (list != NULL && list[0] != '\0') {
		list = cmdline_next(list, name, sizeof(name));
		if (!cmdline_equal(name, "if0") &&
		    !cmdline_equal(name, "ticks")) {
			serial_puts("Bail out! skip=");
			serial_puts(name);
			serial_puts(": expected if0 or ticks\n");
			serial_exit(2);
		}
	}
}

/* A command line that is not understood ends the run before any check. */
static void check_configuration(void)
{
	const struct cmdline *line = cmdline_get();

	check_words(line);
	if (line->cpus == 0 || line->cpus > VPS_MAX) {
		serial_puts("Bail out! cpus=: expected 1 to 256\n");
		serial_exit(2);
	}
	if (line->stride == 0) {
		serial_puts("Bail out! stride=: expected 1 or more\n");
		serial_exit(2);
	}
	if (line->partition == 0 || line->partition > line->partitions ||
	    line->partitions > PARTITIONS_MAX) {
		serial_puts("Bail out! partition=: expected 1 to partitions=, "
			    "which is at most 4\n");
		serial_exit(2);
	}
	check_skip(line->skip);
	choice_check();
	suite_check_names();
}

static void start_processors(void)
{
	tap_begin("start", "processors");
	watchdog_restart();
	smp_start();
	watchdog_stop();
	tap_end();
}

void main_start(u64 start_info_gpa)
{
	serial_init();
	tap_init();
	start_info_read(start_info_gpa);
	check_configuration();
	needs_check();
	page_init();
	idt_init();
	watchdog_init();
	smp_init((u32)cmdline_get()->cpus, (u32)cmdline_get()->stride);
	cpu_sti();
	host_find();
	if (!host_get()->is_hyperv && !cmdline_get()->force) {
		serial_puts("1..0 # SKIP no Hyper-V interface\n");
		serial_exit(0);
	}
	print_configuration();
	start_processors();
	run_suites();
	serial_exit(tap_finish());
}
