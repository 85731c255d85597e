/* SPDX-License-Identifier: MIT */
/*
 * The report of a panic. The first CPU that panics prints it; a panic during
 * the report cuts it short.
 */
#include "x86/panic.h"

#include "common/lib/format.h"
#include "core/console/log.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/state/vp.h"
#include "x86/insn.h"
#include "x86/lapic.h"
#include "x86/poweroff.h"
#include "x86/section.h"
#include "x86/serial.h"
#include "x86/trap.h"

#ifndef LETHE_VERSION
#define LETHE_VERSION "unversioned"
#endif

#define LINE_MAX 256

/* How often it is checked whether the others have parked (about 10 ms) */
#define PARK_PATIENCE 100000u

static enum config_panic action __ro_after_launch = CONFIG_PANIC_HALT;

static u32 owner;  /* any CPU, atomic: number + 1 of the CPU that panicked */
static u32 parked; /* any CPU, atomic */
static u32 depth;  /* owner only: panics during the report */

void panic_init(const struct handoff *handoff)
{
	action = handoff->config.panic;
	poweroff_init(handoff);
}

bool port_panicking(void)
{
	u32 who = __atomic_load_n(&owner, __ATOMIC_RELAXED);

	return who != 0 && who != port_cpu_number() + 1;
}

static void park(void)
{
	__atomic_fetch_add(&parked, 1, __ATOMIC_RELEASE);
	poweroff_halt();
}

void panic_check(void)
{
	if (UNLIKELY(port_panicking())) {
		park();
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

static void finish(void) __noreturn;
static void finish(void)
{
	put_raw("exit code=255 reason=panic");
	serial_finish();
	if (action == CONFIG_PANIC_POWEROFF) {
		poweroff_now();
	}
	poweroff_halt();
}

/* Needed beside the NMI, which a CPU on its way into a guest forgets. */
static void post_to_all(void)
{
	for (u32 i = 0; i < machine.cpu_count; i++) {
		const struct cpu *cpu = machine.cpus[i];

		for (u32 k = 0; k < cpu->vp_count; k++) {
			__atomic_fetch_or(&cpu->vps[k]->shared.events,
					  VP_EVENT_PANIC, __ATOMIC_SEQ_CST);
		}
	}
}

static void stop_others(void)
{
	u32 others = 0;

	post_to_all();

	for (u32 i = 0; i < machine.cpu_count; i++) {
		if (i != port_cpu_number()) {
			lapic_send_nmi(machine.cpus[i]->apic_id);
			others++;
		}
	}
	/* Acquire: pairs with park(); a CPU that hangs is not waited for */
	for (u32 i = 0; i < PARK_PATIENCE &&
			__atomic_load_n(&parked, __ATOMIC_ACQUIRE) < others;
	     i++) {
		insn_pause();
	}
}

/* Returns on one CPU once, when it may print. */
static void begin(void)
{
	u32 me = port_cpu_number() + 1;
	u32 nobody = 0;

	insn_cli();
	if (__atomic_compare_exchange_n(&owner, &nobody, me, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		stop_others();
		/* bounded; also if this CPU was the one that drained */
		log_flush();
		return;
	}
	if (nobody != me) {
		park();
	}
	/* `owner` is this CPU: the report itself failed */
	depth++;
	if (depth == 1) {
		put_raw("\n[%u] panic: another panic in this report", me - 1);
		finish();
	}
	poweroff_halt();
}

__attribute__((weak)) void vmx_panic_report(void)
{
}

void panic_exception(const struct trap_frame *frame, const char *reason)
{
	begin();
	panic_line("version=%s exception %s", LETHE_VERSION, reason);
	trap_report(frame);
	vmx_panic_report();
	finish();
}

void port_panic(const char *fmt, ...)
{
	char text[LINE_MAX];
	va_list args;

	begin();
	va_start(args, fmt);
	(void)log_format(text, sizeof(text), fmt, args);
	va_end(args);
	panic_line("version=%s %s", LETHE_VERSION, text);
	panic_line("caller=0x%lx", (u64)__builtin_return_address(0));
	vmx_panic_report();
	finish();
}
