/* SPDX-License-Identifier: MIT */
/* The deadline, and the ways to end a run that cannot go on. */
#include "kernel/watchdog.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "kernel/trap.h"

#include "x86/msr.h"

static volatile u64 deadline = ~0ull;
static u32 ending;

static void timer_fired(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
	watchdog_poll();
}

void watchdog_init(void)
{
	trap_set_handler(WATCHDOG_VECTOR, timer_fired);
}

void watchdog_restart(void)
{
	deadline = cpu_rdtsc() + cmdline_get()->watchdog;
	watchdog_arm();
}

void watchdog_stop(void)
{
	deadline = ~0ull;
}

void watchdog_arm(void)
{
	/* at the latest after one period: the deadline may have changed */
	u64 until = cpu_rdtsc() + cmdline_get()->watchdog;
	u64 end = deadline;

	if (!apic_has_deadline()) {
		return;
	}
	apic_write(APIC_TIMER, APIC_TIMER_DEADLINE | WATCHDOG_VECTOR);
	cpu_fence();
	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, (until < end ? until : end) + 1);
}

/* Only one VP tells the end; the others wait for it. */
static void end_begins(void)
{
	cpu_cli();
	if (__atomic_exchange_n(&ending, 1, __ATOMIC_SEQ_CST) != 0) {
		for (;;) {
			cpu_hlt();
		}
	}
}

void watchdog_poll(void)
{
	if (UNLIKELY(cpu_rdtsc() > deadline)) {
		end_begins();
		serial_puts("# seen by vp ");
		serial_put_dec(smp_self()->id);
		serial_put('\n');
		tap_abort("hang");
		serial_exit(2);
	}
}

void watchdog_die(const char *why)
{
	end_begins();
	tap_abort(why);
	serial_exit(2);
}

static void put_field(const char *name, u64 value)
{
	serial_puts(name);
	serial_put_hex(value);
}

void watchdog_exception(const struct trap_frame *frame)
{
	end_begins();
	put_field("# vector=", frame->vector);
	put_field(" error=", frame->error);
	put_field(" rip=", frame->rip);
	put_field(" rsp=", frame->rsp);
	put_field(" cr2=", cpu_cr2());
	put_field(" vp=", smp_self()->id);
	serial_put('\n');
	tap_abort("exception");
	serial_exit(2);
}
