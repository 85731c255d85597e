/* SPDX-License-Identifier: MIT */
/*
 * Decides when a CPU looks, and that looks leave VPs at least half the time:
 * moving bytes is short, and what the console and the debugger do with them
 * waits twice as long as it took the last time.
 */
#include "core/run/look.h"

#include "core/console/log.h"
#include "core/cpu/run_word.h"
#include "core/debug/shell.h"
#include "core/emulate/console.h"
#include "core/gdb/gdb.h"
#include "core/emulate/console_input.h"
#include "core/port/port.h"
#include "core/run/sched.h"
#include "core/sanitize/step.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/vp.h"

#define IDLE_DIVISOR 1000 /* 1 ms: about 11 characters at 115200 baud */
#define WORK_PAUSE   2    /* times what the work took */

/* TSC from which the console and the debugger may work again; boot CPU. */
static u64 work_from;

static bool has_sanitizer(const struct cpu *cpu)
{
	return cpu->vp != NULL && cpu->vp->sanitize != NULL;
}

static u64 least(u64 a, u64 b)
{
	return a < b ? a : b;
}

static u64 interval(const struct cpu *cpu, u64 now)
{
	u64 sanitize = has_sanitizer(cpu) ? SANITIZE_INTERVAL : ~0ull;
	u64 gdb = cpu->number == 0 ? gdb_interval(now) : ~0ull;

	return least(console_interval(cpu, now), least(gdb, sanitize));
}

/* NMIs until line_quiet after `from` are none of the line's. */
static void set_early(struct cpu *cpu, u64 from)
{
	bool is_polled = cpu->number != 0 || machine.line_quiet == 0;
	u64 early = is_polled ? CPU_TIMER_NEVER : from + machine.line_quiet;

	__atomic_store_n(&cpu->look_early, early, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/* Before the UARTs are looked at: an NMI for a later byte counts. */
static void forget_calls(struct cpu *cpu)
{
	__atomic_store_n(&cpu->line, 0, __ATOMIC_RELAXED);
	cpu->enter_before &= ~(s64)CPU_NMI_CAME;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/*
 * True if an NMI came that was the line's. Of most others this says so without
 * a look.
 */
static bool is_called(struct cpu *cpu, u64 now)
{
	bool may_be =
		run_is_line_called(cpu) ||
		((cpu->enter_before & CPU_NMI_CAME) && now >= cpu->look_early);

	if (!may_be) {
		return false;
	}
	/* first: `line` set with one that is to come would keep VPs out until
	   then */
	set_early(cpu, now);
	forget_calls(cpu);
	return console_input_waits();
}

static void work(void)
{
	u64 now = port_tsc();
	u64 end;
	u8 byte;

	while (console_input_take(&byte)) {
		shell_input(byte);
	}
	if (now < work_from) {
		return;
	}
	gdb_poll();
	shell_poll(now);
	end = port_tsc();
	work_from = end + WORK_PAUSE * (end - now);
}

bool look_if_due(struct cpu *cpu)
{
	u64 start = port_tsc();

	if (start < cpu->look_deadline && !is_called(cpu, start)) {
		return false;
	}
	forget_calls(cpu);
	/* a look that finds nothing by the clock proves nothing: Bochs's UART
	   shows no byte before it interrupts, which it then may do at once */
	if (console_poll(cpu) || cpu->look_early == CPU_TIMER_NEVER) {
		set_early(cpu, start);
	}
	u64 moved = port_tsc() - start;

	if (cpu->number == 0) {
		work();
	}
	if (has_sanitizer(cpu)) {
		sanitize_step(cpu->vp, start);
	}
	u64 end = port_tsc();

	cpu->look_interval = interval(cpu, end);
	cpu->look_deadline =
		end + (moved > cpu->look_interval ? moved : cpu->look_interval);
	sched_add_to_slice(cpu, end - start);
	return true;
}

u64 look_before_idle(struct cpu *cpu)
{
	if (log_pending()) {
		u64 soon = port_tsc() + machine.tsc_hz / IDLE_DIVISOR;

		if (soon < cpu->look_deadline) {
			cpu->look_deadline = soon;
		}
	} else if (cpu->number != 0) {
		return ~0ull; /* the boot CPU looks at what comes */
	}
	return cpu->look_deadline;
}
