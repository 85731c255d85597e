/* SPDX-License-Identifier: MIT */
/*
 * A partition whose VPs sleep for good ends; one that somebody can wake does
 * not, also if he does so between two steps of the look.
 */
#include "core/lifecycle/halted.h"

#include "core/apic/interrupts.h"
#include "core/events/hold.h"
#include "core/events/post.h"
#include "core/lifecycle/stop.h"
#include "core/port/step.h"
#include "core/run/service.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "support/fake_vmcs.h"
#include "x86/cr.h"

static struct partition *p;

/* VPs 0 and 1 run with interrupts off, VP 2 waits for SIPI. */
static void start(void)
{
	fake_reset();
	fake_vmcs_reset();
	p = fake_partition(3, 1);
	for (u32 i = 0; i < 3; i++) {
		vapic_reset(&p->vps[i]->own.vapic, i, i == 0);
	}
	p->vps[2]->own.state = VP_WAIT_SIPI;
	p->vps[2]->own.asleep = true;
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED);
}

static void halt(u32 number)
{
	service_halt(p->vps[number]);
	service_vp(p->vps[number]);
}

static void runs(void)
{
	CHECK_EQ(p->state, PARTITION_RUNNING);
}

static void has_halted(void)
{
	CHECK_EQ(p->state, PARTITION_STOPPING);
	CHECK_EQ(p->exit_code, HALTED_EXIT_CODE);
	CHECK_STR(p->stop_reason, "halted");
}

static void t_the_last_one_ends_it(void)
{
	start();
	halt(1);
	CHECK(p->vps[1]->own.asleep);
	runs();
	halt(0);
	has_halted();
}

static void t_with_interrupts_on(void)
{
	start();
	halt(1);
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	halt(0);
	CHECK(!p->vps[0]->own.asleep);
	runs();
}

/* An interrupt is pending, and the timer is due: neither wakes it. */
static void t_interrupts_do_not_count(void)
{
	start();
	halt(1);
	vapic_post(&p->vps[0]->own.vapic, 0x51);
	vp_post_irq(p->vps[0], 0x52);
	halt(0);
	has_halted();
}

static void t_a_blocked_nmi_does_not_count(void)
{
	start();
	halt(1);
	port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY, VMX_BLOCKING_NMI);
	vp_post(p->vps[0], VP_EVENT_NMI);
	halt(0);
	CHECK(p->vps[0]->own.nmi_pending);
	has_halted();
}

/* The last VP to halt has sent something that wakes another one. */
static void t_an_event_on_its_way(void)
{
	static const struct {
		u32 to;
		u64 event;
	} rows[] = {
		{1, VP_EVENT_NMI},
		{0, VP_EVENT_NMI},
		{2, VP_EVENT_SIPI},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vp *to;

		start();
		to = p->vps[rows[i].to];
		halt(1);
		vp_post(to, rows[i].event);
		halt(0);
		runs();
		if (to->shared.events != 0) {
			service_vp(to);
		}
		runs();
		CHECK_EQ(to->own.state, VP_RUNNABLE);
		CHECK(!to->own.asleep);
	}
}

/* It waits for SIPI then, and nobody sends one. */
static void t_an_init_on_its_way(void)
{
	start();
	halt(1);
	vp_post(p->vps[1], VP_EVENT_INIT);
	halt(0);
	runs();
	service_vp(p->vps[1]);
	CHECK_EQ(p->vps[1]->own.state, VP_WAIT_SIPI);
	has_halted();
}

/* ---- what happens between the look at `asleep` and that at events ---- */

static u32 act_on; /* the VP that the hook acts on */
static void (*act)(void);

static void on_step(u32 step)
{
	if (step == STEP_ALL_ASLEEP && act != NULL) {
		void (*once)(void) = act;

		act = NULL;
		once();
	}
}

/*
 * The NMI was there before the look at `asleep`; now its CPU has taken it, and
 * the VP runs.
 */
static void take_nmi(void)
{
	service_vp(p->vps[act_on]);
}

/* It ran, and has fallen asleep again. */
static void take_nmi_and_halt(void)
{
	take_nmi();
	p->vps[act_on]->own.entry_event = 0;
	port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY, 0);
	halt(act_on);
}

/* Another VP runs again, wakes this one, and falls asleep. */
static void pass_on_nmi(void)
{
	vp_post(p->vps[0], VP_EVENT_NMI);
	take_nmi_and_halt();
}

static void look_while(u32 vp, void (*what)(void), bool nmi_before)
{
	start();
	fake.on_step = on_step;
	act = NULL;
	act_on = vp;
	halt(1);
	if (nmi_before) {
		vp_post(p->vps[vp], VP_EVENT_NMI);
	}
	act = what;
	halt(0);
	fake.on_step = NULL;
}

static void t_woken_between_the_looks(void)
{
	look_while(1, take_nmi, true);
	CHECK_EQ(p->vps[1]->own.state, VP_RUNNABLE);
	runs();
	look_while(1, pass_on_nmi, true);
	CHECK(p->vps[1]->own.asleep);
	CHECK_EQ(p->vps[0]->shared.events, VP_EVENT_NMI);
	runs();
}

/* Then it looks itself, and nothing is missed. */
static void t_asleep_again_between_the_looks(void)
{
	look_while(1, take_nmi_and_halt, true);
	has_halted();
}

/* ---- who else may wake it ---- */

static void t_a_held_vp(void)
{
	start();
	hold_set(p->vps[1], HOLD_CONSOLE);
	halt(1);
	halt(0);
	runs();
	hold_clear(p->vps[1], HOLD_CONSOLE);
	service_vp(p->vps[1]);
	has_halted();
}

static void t_a_held_vp_that_waits(void)
{
	start();
	hold_set(p->vps[2], HOLD_GDB);
	service_vp(p->vps[2]);
	halt(1);
	halt(0);
	runs();
	hold_clear(p->vps[2], HOLD_GDB);
	service_vp(p->vps[2]);
	has_halted();
}

static void t_a_controlled_partition(void)
{
	struct partition *master;

	start();
	master = fake_partition(1, 1);
	fake_config(master)->controls = BIT(p->number);
	halt(1);
	halt(0);
	runs();
	(void)partition_stop(master, 0, "test");
	partition_stop_vp(master->vps[0]);
	CHECK_EQ(p->vps[0]->shared.events, VP_EVENT_HOLD);
	service_vp(p->vps[0]);
	has_halted();
}

/* Its own rights over itself are no help to VPs that sleep. */
static void t_others_are_not_disturbed(void)
{
	struct partition *other;

	start();
	other = fake_partition(1, 1);
	halt(1);
	(void)partition_stop(other, 0, "test");
	partition_stop_vp(other->vps[0]);
	CHECK_EQ(p->vps[0]->shared.events, 0);
	CHECK_EQ(p->vps[1]->shared.events, 0);
	halt(0);
	has_halted();
}

static void t_stopped_vps_are_not_asleep(void)
{
	start();
	halt(1);
	halt(0);
	for (u32 i = 0; i < 3; i++) {
		p->vps[i]->shared.events &= ~VP_EVENT_STOP;
		CHECK_EQ(p->vps[i]->own.asleep, true);
	}
	fake_partition(1, 1); /* the machine goes on */
	for (u32 i = 0; i < 3; i++) {
		partition_stop_vp(p->vps[i]);
		CHECK_EQ(p->vps[i]->own.asleep, false);
	}
}

static const struct test tests[] = {
	{"the_last_one_ends_it", t_the_last_one_ends_it},
	{"with_interrupts_on", t_with_interrupts_on},
	{"interrupts_do_not_count", t_interrupts_do_not_count},
	{"a_blocked_nmi_does_not_count", t_a_blocked_nmi_does_not_count},
	{"an_event_on_its_way", t_an_event_on_its_way},
	{"an_init_on_its_way", t_an_init_on_its_way},
	{"woken_between_the_looks", t_woken_between_the_looks},
	{"asleep_again_between_the_looks", t_asleep_again_between_the_looks},
	{"a_held_vp", t_a_held_vp},
	{"a_held_vp_that_waits", t_a_held_vp_that_waits},
	{"a_controlled_partition", t_a_controlled_partition},
	{"others_are_not_disturbed", t_others_are_not_disturbed},
	{"stopped_vps_are_not_asleep", t_stopped_vps_are_not_asleep},
};

const struct suite suite_halted = SUITE("halted", tests);
