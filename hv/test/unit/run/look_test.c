/* SPDX-License-Identifier: MIT */
/* Looks: by the clock, and not more than half of the time. */
#include "core/run/look.h"

#include <string.h>

#include "core/console/answer.h"
#include "core/console/log.h"
#include "core/debug/shell.h"
#include "core/emulate/console_input.h"
#include "core/sanitize/step.h"
#include "core/state/sanitize.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"

static struct cpu *cpu;

static void setup(void)
{
	static const struct config config = {.console = CONFIG_CONSOLE_FULL};

	fake_cpus(2);
	(void)fake_partition(2, 1);
	cpu = machine.cpus[0];
	/* nobody types, and the console's line is free */
	console_input_init(&config);
	shell_init(false);
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
	fake.tsc = 1000;
}

/* The first look is due at once, later ones when their time has come. */
static void t_look_is_by_the_clock(void)
{
	setup();
	CHECK(look_if_due(cpu));
	CHECK(cpu->look_interval > 0);
	CHECK_EQ(cpu->look_deadline, fake.tsc + cpu->look_interval);
	CHECK(!look_if_due(cpu));
	fake.tsc = cpu->look_deadline - 1;
	CHECK(!look_if_due(cpu));
	log_line("x", "y");
	CHECK_EQ(fake.uart_len, 0);
	fake.tsc++;
	CHECK(look_if_due(cpu));
	CHECK_STR(fake.uart, "[0] x: y\n");
}

/* Looks that take long are farther apart, and not at the slice's expense. */
static void t_long_look_leaves_half_of_the_time(void)
{
	setup();
	machine.tsc_hz = 10000000;
	fake.tsc_step = 1000000;
	cpu->slice_end = 5000;
	CHECK(look_if_due(cpu));
	u64 spent = cpu->slice_end - 5000;
	u64 pause = cpu->look_deadline - (1000 + spent);

	CHECK(spent >= 1000000);
	CHECK(cpu->look_interval <= 200000);
	/* the console's work, of which nothing is to be done, is no part of it
	 */
	CHECK(pause >= 1000000 && pause <= spent);
}

/* What is typed is echoed although it comes without a pause. */
static void t_input_without_a_pause_is_answered(void)
{
	setup();
	machine.tsc_hz = 10000000;
	fake.tsc = 1000000000;
	for (u32 i = 0; i < 40; i++) {
		fake.uart_input = i < 8 ? &"version\r"[i] : "x";
		CHECK(look_if_due(cpu));
		CHECK(*fake.uart_input == 0);
		CHECK(2 * (cpu->look_deadline - fake.tsc) <= 8 * 870);
		fake.tsc = cpu->look_deadline;
	}
	CHECK(strstr(fake.uart, "tsc_hz=") != NULL);
	CHECK(console_answer_latest_recent() > 0);
	CHECK_EQ(console_answer_latest_recent(), 0);
	shell_init(false);
	while (look_if_due(cpu)) {
		fake.tsc = cpu->look_deadline;
		if (!console_answer_pending() && !log_pending()) {
			break;
		}
	}
}

/* An idle CPU looks each millisecond while lines wait. */
static void t_idle_looks_while_lines_wait(void)
{
	setup();
	cpu = machine.cpus[1];
	CHECK(look_if_due(cpu));
	CHECK_EQ(look_before_idle(cpu), ~0ull);
	CHECK(look_if_due(machine.cpus[0]));
	CHECK_EQ(look_before_idle(machine.cpus[0]),
		 machine.cpus[0]->look_deadline);
	CHECK(cpu->look_deadline > fake.tsc + FAKE_TSC_HZ / 1000);
	log_line("x", "y");
	CHECK_EQ(look_before_idle(cpu), fake.tsc + FAKE_TSC_HZ / 1000);
	CHECK_EQ(cpu->look_deadline, fake.tsc + FAKE_TSC_HZ / 1000);
	fake.tsc = cpu->look_deadline;
	CHECK(look_if_due(cpu));
	CHECK_STR(fake.uart, "[0] x: y\n");
}

/* The VP that the CPU has is compared at each look, and looks are not rare. */
static void t_look_makes_a_step_of_the_sanitizer(void)
{
	struct sanitize *z;
	struct vp *vp;

	setup();
	fake_vmcs_reset();
	CHECK(look_if_due(cpu));
	CHECK(cpu->look_interval > SANITIZE_INTERVAL);
	vp = cpu->vps[0];
	soft_tlb_add(vp->partition);
	soft_tlb_map(vp->partition, 0x2000, 0x5000, 0);
	soft_tlb_use(vp, 0x2000);
	soft_tlb_read(vp, 0x5000);
	z = fake_take(sizeof(*z));
	vp->sanitize = z;
	cpu->vp = vp;
	fake.tsc = cpu->look_deadline;
	CHECK(look_if_due(cpu));
	CHECK_EQ(cpu->look_interval, SANITIZE_INTERVAL);
	CHECK_EQ(z->count.compared, 1);
}

static const struct test tests[] = {
	{"makes-a-step-of-the-sanitizer", t_look_makes_a_step_of_the_sanitizer},
	{"look-is-by-the-clock", t_look_is_by_the_clock},
	{"long-look-leaves-half-of-the-time",
	 t_long_look_leaves_half_of_the_time},
	{"idle-looks-while-lines-wait", t_idle_looks_while_lines_wait},
	{"input-without-a-pause-is-answered",
	 t_input_without_a_pause_is_answered},
};

const struct suite suite_look = SUITE("look", tests);
