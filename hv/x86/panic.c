/* SPDX-License-Identifier: MIT */
/*
 * The report of a panic. The first CPU that panics prints it; a panic during
 * the report cuts it short.
 */
#include "x86/panic.h"

#include "common/lib/format.h"
#include "core/console/log.h"
#include "core/crash/kept_log.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "x86/backtrace.h"
#include "x86/insn.h"
#include "x86/panic_console.h"
#include "x86/panic_stop.h"
#include "x86/percpu.h"
#include "x86/poweroff.h"
#include "x86/reset.h"
#include "x86/section.h"
#include "x86/serial.h"
#include "x86/stack.h"
#include "x86/trap.h"

#ifndef LETHE_VERSION
#define LETHE_VERSION "unversioned"
#endif

#define LINE_MAX 256

static enum config_panic action __ro_after_launch = CONFIG_PANIC_HALT;

/* A panic later than that after the start is the first in a row */
#define IN_A_ROW_SECONDS 600

static u64 start; /* TSC */

/* owner only */
static u32 depth; /* panics during the report */
static bool is_console;
static u32 in_row; /* panics in a row with this one; 0: nobody counts */

void panic_init(const struct handoff *handoff)
{
	action = handoff->config.panic;
	start = insn_rdtsc();
	poweroff_init(handoff);
}

void panic_check(void)
{
	if (UNLIKELY(port_panicking())) {
		panic_stop_here((u64)__builtin_return_address(0));
	}
}

static void put(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		serial_put_wait((u8)text[i]);
	}
}

static void put_line(const char *fmt, va_list args)
{
	char text[LINE_MAX];

	put(text, log_format(text, sizeof(text), fmt, args));
	put("\n", 1);
}

static __printf(1, 2) void put_raw(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_line(fmt, args);
	va_end(args);
}

static __printf(1, 2) void put_prefix(const char *fmt, ...)
{
	char text[32];
	va_list args;

	va_start(args, fmt);
	put(text, log_format(text, sizeof(text), fmt, args));
	va_end(args);
}

void panic_line(const char *fmt, ...)
{
	va_list args;

	put_prefix("[%u] panic: ", port_cpu_number());
	va_start(args, fmt);
	put_line(fmt, args);
	va_end(args);
}

static void console_entry(void *unused)
{
	(void)unused;
	panic_console_run();
}

/* On a stack that is empty, also after an exception in a command. */
static void serve_console(void) __noreturn;
static void serve_console(void)
{
	is_console = true;
	start_on_stack(stack_top(port_cpu_number(), STACK_DOUBLE_FAULT),
		       console_entry, NULL);
}

static void finish(void) __noreturn;
static void finish(void)
{
	if (action == CONFIG_PANIC_RESET && in_row != 0 &&
	    in_row < KEPT_LOG_PANICS_MAX) {
		panic_line("reset after panic %u of %u in a row", in_row,
			   KEPT_LOG_PANICS_MAX);
		reset_now();
	}
	if (action == CONFIG_PANIC_RESET) {
		panic_line("no reset: panics in a row: %u (0: not counted)",
			   in_row);
	}
	if (action == CONFIG_PANIC_CONSOLE && percpu_is_ready()) {
		panic_line("console: help lists what runs after a panic");
		serve_console();
	}
	put_raw("exit code=255 reason=panic");
	serial_finish();
	if (action != CONFIG_PANIC_HALT) {
		poweroff_now();
	}
	poweroff_halt();
}

static bool is_late(void)
{
	return machine.tsc_hz != 0 &&
	       (insn_rdtsc() - start) / machine.tsc_hz >= IN_A_ROW_SECONDS;
}

/* What every panic begins with. */
static void enter(const char *text)
{
	insn_cli();
	percpu_restore();
	panic_stop_note(text);
}

/*
 * Returns on one CPU once, when it may print. `text` says why this CPU panics,
 * `rip` where.
 */
static void begin(const char *text, u64 rip)
{
	if (panic_stop_claim(text, rip)) {
		panic_stop_others();
		log_take_over();
		log_flush();
		serial_end_line();
		in_row = kept_log_panicked(is_late());
		return;
	}
	if (is_console) {
		serial_end_line();
		put_raw("[%u] panic: another panic in this command: %s",
			port_cpu_number(), text);
		serve_console();
	}
	depth++;
	if (depth == 1) {
		serial_end_line();
		put_raw("[%u] panic: another panic in this report: %s",
			port_cpu_number(), text);
		finish();
	}
	poweroff_halt();
}

__attribute__((weak)) void vmx_panic_report(void)
{
}

__attribute__((weak)) u64 vmx_panic_guest_rip(void)
{
	return 0;
}

static void report_cpu(u32 number)
{
	const struct panic_seen *seen = panic_stop_seen(number);
	u64 run = machine.cpus[number]->run;

	if (seen == NULL) {
		panic_line("cpu %u: does not answer, run=0x%lx", number, run);
		return;
	}
	panic_line("cpu %u: rip=0x%lx run=0x%lx guest-rip=0x%lx%s%s", number,
		   seen->rip, run, seen->guest_rip,
		   seen->text != NULL ? " panic: " : "",
		   seen->text != NULL ? seen->text : "");
}

/* What every report ends with. */
static void end(u64 rsp) __noreturn;
static void end(u64 rsp)
{
	vmx_panic_report();
	for (u32 i = 0; i < machine.cpu_count; i++) {
		if (i != port_cpu_number()) {
			report_cpu(i);
		}
	}
	backtrace_print(rsp);
	finish();
}

/*
 * The frame of the NMI, if the exception is in its handler; it lies at the top
 * of that stack. SDM 3A, "Stack Switching in IA-32e Mode".
 */
static const u64 *nmi_frame(u64 rsp)
{
	u64 top = stack_top(port_cpu_number(), STACK_NMI);
	const u64 *frame = (const u64 *)top - 5; /* RIP to SS */
	u64 first;

	return stack_bounds(rsp, &first) == top && rsp <= (u64)frame ? frame
								     : NULL;
}

void panic_exception(const struct trap_frame *frame, const char *reason)
{
	const u64 *nmi;

	enter(reason);
	begin(reason, frame->rip);
	panic_line("version=%s exception %s", LETHE_VERSION, reason);
	trap_report(frame);
	nmi = nmi_frame(frame->rsp);
	if (nmi != NULL) {
		panic_line("in the NMI handler; interrupted rip=0x%lx "
			   "rsp=0x%lx",
			   nmi[0], nmi[3]);
		backtrace_print(nmi[3]);
	}
	end(frame->rsp);
}

/*
 * Not inlined, and with a frame pointer: the frame address then leads to the
 * registers that the caller has after the return.
 */
__attribute__((noinline)) void port_panic(const char *fmt, ...)
{
	const u64 *frame = __builtin_frame_address(0);
	u64 rip = (u64)__builtin_return_address(0);
	char text[LINE_MAX];
	va_list args;

	enter(fmt);
	va_start(args, fmt);
	(void)log_format(text, sizeof(text), fmt, args);
	va_end(args);
	begin(text, rip);
	panic_line("version=%s %s", LETHE_VERSION, text);
	/* on the stack: RBP, return address, then the caller's */
	panic_line("caller=0x%lx rsp=0x%lx rbp=0x%lx", rip, (u64)(frame + 2),
		   frame[0]);
	end((u64)(frame + 2));
}
