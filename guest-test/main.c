/* SPDX-License-Identifier: MIT */
/* From the 32-bit entry's last step to the exit code: the table of suites. */
#include "call/checked.h"
#include "harness/choice.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/idt.h"
#include "kernel/page.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "kernel/start_info.h"
#include "kernel/watchdog.h"

__noreturn void main_start(u64 start_info_gpa);

/* In the order in which they run; a suite may have several tables. */
/* clang-format off */
static const struct suite *const suites[] = {
	&suite_boot,
	&suite_tour,
	&suite_apic,
	&suite_calls,
	&suite_flush,
	&suite_storm,
	&suite_counts,
	&suite_kick,
	&suite_records,
	&suite_step,
	&suite_fuzz,
	&suite_overcommit,
	&suite_overcommit_kick,
	&suite_switched,
	&suite_registers,
	&suite_walk,
	&suite_inhibit,
	&suite_inhibit_events,
	&suite_inhibit_race,
	&suite_budget,
	&suite_inhibit_stop,
	&suite_inhibit_dead,
	&suite_neighbours,
	&suite_regs_self,
	&suite_regs_other,
	&suite_msr,
	/* leaves XMM registers and CR4.OSFXSR as others do not expect them */
	&suite_forms,
	&suite_forms32,
	&suite_forms_flush,
	&suite_bench,
	&suite_bench_all,
	&suite_control_clear,
	&suite_control_stop,
	&suite_control_triple,
	&suite_controlled,
	&suite_control_refused,
	&suite_isolate_read,
	&suite_isolate_write,
	&suite_isolate_exec,
	&suite_isolate_triple,
};
/* clang-format on */

static const struct choice choice = {suites, ARRAY_SIZE(suites)};

struct need {
	u32 bit;
	const char *reason;
};

/* clang-format off */
static const struct need need_reasons[] = {
	{NEED_HV,           "no Hyper-V interface"},
	{NEED_EX,           "no EX processor masks"},
	{NEED_TEST_CALL,    "no test call"},
	{NEED_LETHE,        "not Lethe with test calls"},
	{NEED_X2APIC,       "no x2APIC"},
	{NEED_DEADLINE,     "no TSC-deadline timer"},
	{NEED_NO_XMM,       "XMM input is offered"},
	{NEED_LOCK,         "no lock of the HYPERCALL MSR"},
	{NEED_NO_EX,        "EX processor masks are offered"},
	{NEED_OBSERVE,      "VPs share CPUs"},
	{NEED_SHARED,       "no VPs share CPUs"},
	{NEED_REGISTERS,    "no AccessVpRegisters"},
	{NEED_NO_REGISTERS, "AccessVpRegisters is granted"},
	{NEED_XMM,          "no XMM input"},
	{NEED_XMM_OUTPUT,   "no XMM output"},
	{NEED_NO_XMM_OUTPUT, "XMM output is offered"},
	{NEED_EXTENDED,     "no extended ranges"},
	{NEED_NO_EXTENDED,  "extended ranges are offered"},
	{NEED_IPI,          "no cluster IPI"},
	{NEED_NO_IPI,       "the cluster IPI is offered"},
	{NEED_EXT_CALLS,     "no extended hypercalls"},
	{NEED_NO_EXT_CALLS,  "extended hypercalls are granted"},
	{TAG_IF0,           "if0: a VP spins with IF = 0"},
	{TAG_TICKS,         "ticks: a limit of time"},
};
/* clang-format on */

static u32 have(void)
{
	const struct hypercall_host *host = hypercall_host_get();
	bool is_shared = cmdline_get()->overcommit && smp_count() > smp_cpus();
	u32 bits = 0;

	bits |= host->is_hyperv ? NEED_HV : 0;
	bits |= host->has_ex ? NEED_EX : NEED_NO_EX;
	bits |= host->has_test_call ? NEED_TEST_CALL | NEED_LETHE : 0;
	bits |= host->has_lock ? NEED_LOCK : 0;
	bits |= host->has_xmm_input ? NEED_XMM : NEED_NO_XMM;
	bits |= host->has_xmm_output ? NEED_XMM_OUTPUT : NEED_NO_XMM_OUTPUT;
	bits |= host->has_extended_ranges ? NEED_EXTENDED : NEED_NO_EXTENDED;
	bits |= apic_is_x2() ? NEED_X2APIC : 0;
	bits |= apic_has_deadline() ? NEED_DEADLINE : 0;
	bits |= cmdline_get()->overcommit ? 0 : NEED_OBSERVE;
	bits |= is_shared ? NEED_SHARED : 0;
	bits |= host->has_vp_registers ? NEED_REGISTERS : NEED_NO_REGISTERS;
	bits |= host->has_ipi ? NEED_IPI : NEED_NO_IPI;
	bits |= host->has_extended ? NEED_EXT_CALLS : NEED_NO_EXT_CALLS;
	bits |= cmdline_skips("if0") ? 0 : TAG_IF0;
	bits |= cmdline_skips("ticks") ? 0 : TAG_TICKS;
	return bits;
}

static const char *missing(const struct check *check)
{
	u32 lack = check->needs & ~have();

	if (smp_count() < check->min_vps) {
		return "too few VPs";
	}
	for (size_t i = 0; i < ARRAY_SIZE(need_reasons); i++) {
		if (lack & need_reasons[i].bit) {
			return need_reasons[i].reason;
		}
	}
	return NULL;
}

static void run_check(const struct suite *suite, const struct check *check)
{
	const char *reason = missing(check);

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
	for (size_t i = 0; i < ARRAY_SIZE(suites); i++) {
		if (!cmdline_has_suite(suites[i]->name)) {
			continue;
		}
		for (size_t k = 0; k < suites[i]->count; k++) {
			if (choice_has_check(&suites[i]->checks[k])) {
				run_check(suites[i], &suites[i]->checks[k]);
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

/* A command line that is not understood is no reason to test something else. */
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
	check_skip(line->skip);
	choice_check(&choice);
}

/* Two needs with one bit would skip, or run, each other's checks. */
static void check_needs(void)
{
	u32 seen = 0;

	for (size_t i = 0; i < ARRAY_SIZE(need_reasons); i++) {
		if ((seen & need_reasons[i].bit) != 0) {
			serial_puts("Bail out! two needs share a bit: ");
			serial_puts(need_reasons[i].reason);
			serial_put('\n');
			serial_exit(2);
		}
		seen |= need_reasons[i].bit;
	}
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
	start_info_read(start_info_gpa);
	check_configuration();
	check_needs();
	page_init();
	idt_init();
	watchdog_init();
	smp_init((u32)cmdline_get()->cpus, (u32)cmdline_get()->stride);
	cpu_sti();
	hypercall_find_host();
	if (!hypercall_host_get()->is_hyperv && !cmdline_get()->force) {
		serial_puts("1..0 # SKIP no Hyper-V interface\n");
		serial_exit(0);
	}
	print_configuration();
	start_processors();
	run_suites();
	serial_exit(tap_finish());
}
