/* SPDX-License-Identifier: MIT */
/* An NMI that may be a UART's makes the look due, wherever it finds the CPU. */
#include "core/run/look.h"

#include "core/console/log.h"
#include "core/cpu/run_word.h"
#include "core/debug/shell.h"
#include "core/emulate/console_input.h"
#include "core/run/sched.h"
#include "core/run/service.h"
#include "support/call.h"
#include "support/check.h"

#define CHARACTER 1000u /* TSC ticks */

static struct partition *p;
static struct cpu *cpu;
static struct vp *vp;
static u64 start; /* TSC */

/* The boot CPU has looked, and knows when to look again. */
static void setup(void)
{
	static const struct config config = {.console = CONFIG_CONSOLE_FULL};

	fake_cpus(2);
	p = fake_partition(2, 1);
	cpu = machine.cpus[0];
	vp = p->vps[0];
	vp->own.deadline = CPU_TIMER_NEVER;
	machine.tsc_hz = 11520ull * CHARACTER;
	machine.line_quiet = console_input_quiet();
	/* nobody types, and the console's line is free */
	console_input_init(&config);
	shell_init(false);
	log_flush();
	fake.uart_input = "";
	start += 1ull << 40; /* what came in the test before does not flow */
	fake.tsc = start;
	cpu->timer_deadline = CPU_TIMER_NEVER;
	cpu->look_early = CPU_TIMER_NEVER;
	CHECK(look_if_due(cpu));
	(void)sched_timer_ticks(cpu, vp, fake.tsc);
}

/* What exit_exception_nmi() does. */
static void nmi_exit(void)
{
	cpu->enter_before = cpu->after_nmi;
}

/* The UART calls no earlier than three character times after a look. */
static void t_nmi_exit_brings_the_look_forward(void)
{
	setup();
	CHECK(cpu->look_early > fake.tsc);
	CHECK(cpu->look_early < fake.tsc + 3 * CHARACTER);
	CHECK(cpu->enter_before > (s64)(fake.tsc + 20 * CHARACTER));
	nmi_exit();
	CHECK_EQ(cpu->enter_before & ~1, cpu->look_early & ~1);
	fake.uart_input = "x";
	CHECK(!look_if_due(cpu)); /* it came from another CPU */
	fake.tsc = cpu->look_early;
	CHECK((s64)fake.tsc >= cpu->enter_before - 1);
	CHECK(look_if_due(cpu));
	CHECK(*fake.uart_input == 0);
	fake.uart_input = "x";
	fake.tsc = cpu->look_early;
	CHECK(!look_if_due(cpu)); /* one look an NMI */
}

/* No other way to the entry forgets the look, but the look itself. */
static void t_nmi_exit_is_remembered_until_the_look(void)
{
	setup();
	vp->own.state = VP_RUNNABLE;
	vp->own.timer_field = cpu->look_interval;
	fake.tsc += 5 * CHARACTER;
	nmi_exit();
	sched_arm(cpu, vp);
	CHECK((s64)fake.tsc >= cpu->enter_before);
	CHECK(!look_if_due(cpu)); /* nothing waits: it was a kick */
	sched_arm(cpu, vp);
	CHECK(cpu->enter_before > (s64)(fake.tsc + 20 * CHARACTER));
	/* where each entry writes the field, too */
	cpu->timer_deadline = fake.tsc + 1;
	(void)sched_timer_ticks(cpu, vp, fake.tsc);
	CHECK_EQ(cpu->enter_before, 0);
	CHECK_EQ(cpu->after_nmi, CPU_NMI_CAME);
	CHECK(!look_if_due(cpu));
	fake.tsc += 5 * CHARACTER;
	fake.uart_input = "x";
	CHECK(!look_if_due(cpu));
	nmi_exit();
	CHECK(look_if_due(cpu));
	/* and one that comes early, too */
	fake.uart_input = "y";
	(void)sched_timer_ticks(cpu, vp, fake.tsc);
	nmi_exit();
	(void)sched_timer_ticks(cpu, vp, fake.tsc);
	CHECK(!look_if_due(cpu));
	fake.tsc = cpu->look_early;
	CHECK(look_if_due(cpu));
	CHECK(*fake.uart_input == 0);
}

/* In root mode the NMI handler sets `line`: no entry, no halt before the look.
 */
static void t_root_mode_looks_before_it_enters(void)
{
	setup();
	vp->own.state = VP_RUNNABLE;
	/* also before the first entry of a slice */
	cpu->sliced = true;
	cpu->turn_exits = vp->own.exit_count;
	CHECK(run_enter(cpu, vp));
	run_leave(cpu);
	cpu->line = 1;
	CHECK(!run_enter(cpu, vp));
	CHECK_EQ(cpu->run & RUN_GUEST, 0);
	service_posted(cpu, vp);
	CHECK(vp->own.due);
	sched_arm(cpu, vp);
	CHECK(cpu->enter_before & CPU_NMI_CAME);
	fake.uart_input = "x";
	CHECK(look_if_due(cpu));
	CHECK_EQ(cpu->line, 0);
	CHECK(run_enter(cpu, vp));
	run_leave(cpu);
}

static void t_idle_looks_before_it_halts(void)
{
	setup();
	CHECK(run_idle_begin(cpu));
	run_idle_end(cpu);
	cpu->line = 1;
	CHECK(!run_idle_begin(cpu));
	CHECK_EQ(cpu->run & RUN_IDLE, 0);
	CHECK(!look_if_due(cpu)); /* it was a kick */
	CHECK(run_idle_begin(cpu));
	run_idle_end(cpu);
}

/* The byte for which the UART has called is taken. */
static void t_look_takes_what_came(void)
{
	setup();
	fake.tsc += 20 * CHARACTER;
	fake.uart_input = "version\r";
	cpu->line = 1;
	CHECK(look_if_due(cpu));
	CHECK(*fake.uart_input == 0);
	/* input flows now, so it looks often by itself */
	CHECK(cpu->look_deadline - fake.tsc <= 4 * CHARACTER);
}

/* What isr_nmi() does in root mode. */
static void nmi_in_root(void)
{
	if (fake.tsc >= cpu->look_early) {
		cpu->line = 1;
	}
}

/*
 * An NMI while the UARTs are looked at, such as a late kick, must not keep the
 * VP out until look_early.
 */
static void t_nmi_within_a_look_does_not_keep_out(void)
{
	setup();
	fake.on_uart_look = nmi_in_root;
	fake.tsc = cpu->look_deadline;
	CHECK(look_if_due(cpu));
	CHECK(!run_enter(cpu, vp));
	CHECK(!look_if_due(cpu)); /* nothing waits */
	CHECK(run_enter(cpu, vp));
	run_leave(cpu);
	fake.on_uart_look = NULL;
	fake.tsc += 5 * CHARACTER;
	cpu->line = 1;
	CHECK(!look_if_due(cpu)); /* nothing waits */
	CHECK(run_enter(cpu, vp));
	run_leave(cpu);
	/* one that may be for a byte calls */
	fake.tsc = cpu->look_early;
	nmi_in_root();
	CHECK(!run_enter(cpu, vp));
}

/*
 * In Bochs the line status shows no byte before the UART interrupts for it: a
 * look finds nothing while three bytes wait, and the fourth comes at once.
 */
static void t_look_that_finds_nothing_proves_nothing(void)
{
	setup();
	fake.tsc = cpu->look_deadline;
	CHECK(look_if_due(cpu));
	(void)sched_timer_ticks(cpu, vp, fake.tsc);
	fake.tsc += CHARACTER / 2;
	nmi_in_root();
	fake.uart_input = "abcd";
	CHECK(!run_idle_begin(cpu));
	CHECK(!run_enter(cpu, vp));
	CHECK(look_if_due(cpu));
	CHECK(*fake.uart_input == 0);
	/* in guest mode too */
	setup();
	fake.tsc = cpu->look_deadline;
	CHECK(look_if_due(cpu));
	(void)sched_timer_ticks(cpu, vp, fake.tsc);
	fake.tsc += CHARACTER / 2;
	nmi_exit();
	CHECK((s64)fake.tsc >= cpu->enter_before);
	fake.uart_input = "abcd";
	CHECK(look_if_due(cpu));
	CHECK(*fake.uart_input == 0);
	/* but one that finds something has emptied the FIFO */
	fake.tsc = cpu->look_deadline;
	fake.uart_input = "e";
	CHECK(look_if_due(cpu));
	CHECK_EQ(cpu->look_early, fake.tsc + 2 * CHARACTER);
}

static void check_uncalled(struct cpu *other)
{
	other->look_early = CPU_TIMER_NEVER; /* as at the start */
	CHECK(look_if_due(other));
	CHECK_EQ(other->look_early, CPU_TIMER_NEVER);
	(void)sched_timer_ticks(other, p->vps[other->number], fake.tsc);
	CHECK_EQ(other->after_nmi & ~1, other->enter_before);
	fake.tsc += 5 * CHARACTER;
	fake.uart_input = "x";
	other->enter_before = other->after_nmi;
	CHECK(!look_if_due(other));
}

/* Other CPUs, and a machine whose UARTs are polled, know no such NMI. */
static void t_others_are_not_called(void)
{
	setup();
	machine.cpus[1]->timer_deadline = CPU_TIMER_NEVER;
	check_uncalled(machine.cpus[1]);
	machine.line_quiet = 0;
	fake.uart_input = "";
	fake.tsc = cpu->look_deadline;
	check_uncalled(cpu);
}

static const struct test tests[] = {
	{"nmi-exit-brings-the-look-forward",
	 t_nmi_exit_brings_the_look_forward},
	{"nmi-exit-is-remembered-until-the-look",
	 t_nmi_exit_is_remembered_until_the_look},
	{"root-mode-looks-before-it-enters",
	 t_root_mode_looks_before_it_enters},
	{"idle-looks-before-it-halts", t_idle_looks_before_it_halts},
	{"look-takes-what-came", t_look_takes_what_came},
	{"nmi-within-a-look-does-not-keep-out",
	 t_nmi_within_a_look_does_not_keep_out},
	{"look-that-finds-nothing-proves-nothing",
	 t_look_that_finds_nothing_proves_nothing},
	{"others-are-not-called", t_others_are_not_called},
};

const struct suite suite_line_call = SUITE("line_call", tests);
