/* SPDX-License-Identifier: MIT */
/*
 * A held VP: it is not entered, and all work for it that others wait for is
 * done all the same.
 */
#include "core/events/hold.h"

#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/events/post.h"
#include "core/flush/inhibit.h"
#include "core/flush/suspend.h"
#include "core/lifecycle/stop.h"
#include "core/run/sched.h"
#include "core/run/service.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "x86/apic.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define VECTOR   0x51
#define IRQ_INFO (0x80000000u | VECTOR)
#define NMI_INFO 0x80000202u
#define NEVER    (~0ull)

static struct partition *p;
static struct vp *vp;

/* VP 1 of 2 with its APIC enabled and IF = 1, in `state`. */
static void vp_in(enum vp_state state)
{
	struct vapic_ipi ipi;

	fake_reset();
	fake_vmcs_reset();
	p = fake_partition(2, 1);
	vp = p->vps[1];
	vapic_reset(&vp->own.vapic, 1, false);
	CHECK_EQ(vapic_write(&vp->own.vapic, MSR_IA32_X2APIC_SIVR, 0x1ff, 0,
			     &ipi),
		 VAPIC_OK);
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_NE);
	vp->own.state = state;
	vp->own.due = state != VP_RUNNABLE;
	vp->own.deadline = NEVER;
}

static void hold(u64 owner)
{
	hold_set(vp, owner);
	service_vp(vp);
	CHECK(hold_is_out(vp, owner));
}

static void on_kick(struct cpu *cpu)
{
	CHECK(cpu == vp->cpu);
	CHECK_EQ(vp->shared.hold, HOLD_GDB);
	CHECK(vp->shared.events & VP_EVENT_HOLD);
}

static void t_owner_is_there_before_the_kick(void)
{
	vp_in(VP_RUNNABLE);
	fake.on_kick = on_kick;
	fake.kick_delay = FAKE_KICK_RECORD;
	fake_enter(vp);
	hold_set(vp, HOLD_GDB);
	CHECK_EQ(fake.kick_count, 1);
	/* it may still be in guest mode */
	CHECK(!hold_is_out(vp, HOLD_GDB));
	fake_leave(vp->cpu);
	service_vp(vp);
	CHECK(hold_is_out(vp, HOLD_GDB));
	CHECK(!hold_is_out(vp, HOLD_CONSOLE));
	CHECK(!hold_may_run(vp));
	CHECK(vp->own.due);
}

static void t_runs_when_the_last_owner_lets_go(void)
{
	vp_in(VP_RUNNABLE);
	hold(HOLD_GDB);
	hold(HOLD_CONSOLE);
	CHECK_EQ(hold_owners(vp), HOLD_GDB | HOLD_CONSOLE);
	hold_clear(vp, HOLD_GDB);
	service_vp(vp);
	CHECK(!hold_may_run(vp));
	hold_clear(vp, HOLD_CONSOLE);
	CHECK(!hold_may_run(vp));
	service_vp(vp);
	CHECK(hold_may_run(vp));
	CHECK(!vp->own.due);
	CHECK_EQ(vp->own.state, VP_RUNNABLE);
}

/* An owner that comes back before the CPU looks has never let it go. */
static void t_hold_again_at_once(void)
{
	vp_in(VP_RUNNABLE);
	hold(HOLD_CONSOLE);
	hold_clear(vp, HOLD_CONSOLE);
	hold_set(vp, HOLD_CONSOLE);
	service_vp(vp);
	CHECK(!hold_may_run(vp));
}

static const struct {
	const char *name;
	enum vp_state state;
	u64 event;
	u32 info; /* what the first entry after the hold injects */
} pending[] = {
	{"runnable, irq", VP_RUNNABLE, VP_EVENT_IRQ, IRQ_INFO},
	{"halted, irq", VP_HALTED, VP_EVENT_IRQ, IRQ_INFO},
	{"runnable, nmi", VP_RUNNABLE, VP_EVENT_NMI, NMI_INFO},
	{"halted, nmi", VP_HALTED, VP_EVENT_NMI, NMI_INFO},
};

static void t_interrupts_stay_pending(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(pending); i++) {
		vp_in(pending[i].state);
		hold(HOLD_CONSOLE);
		if (pending[i].event == VP_EVENT_IRQ) {
			vp_post_irq(vp, VECTOR);
		} else {
			vp_post(vp, pending[i].event);
		}
		service_vp(vp);
		check_eq(vp->own.state, pending[i].state, pending[i].name,
			 __FILE__, __LINE__);
		check_eq(vp->own.entry_event, 0, pending[i].name, __FILE__,
			 __LINE__);
		CHECK(!hold_may_run(vp));
		hold_clear(vp, HOLD_CONSOLE);
		service_vp(vp);
		CHECK(hold_may_run(vp));
		check_eq(vp->own.entry_event, pending[i].info, pending[i].name,
			 __FILE__, __LINE__);
	}
}

/* The work that others rely on. */
static void t_work_is_done(void)
{
	vp_in(VP_RUNNABLE);
	hold(HOLD_CONSOLE);
	*vp->flush_full |= vp->bank_bit;
	vp_post(vp, VP_EVENT_EPT);
	service_vp(vp);
	CHECK_STR(call_invvpids(), "1");
	CHECK_EQ(fake.invept_count, 1);
	CHECK(!call_has_work(vp));
	CHECK(!hold_may_run(vp));
}

static void t_init_and_sipi_act_at_once(void)
{
	vp_in(VP_RUNNABLE);
	hold(HOLD_CONSOLE);
	vp_post(vp, VP_EVENT_INIT);
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_WAIT_SIPI);
	vp_post_sipi(vp, 0x12);
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_RUNNABLE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_SELECTOR), 0x1200);
	CHECK(!hold_may_run(vp));
	hold_clear(vp, HOLD_CONSOLE);
	service_vp(vp);
	CHECK(hold_may_run(vp));
}

static void t_stop_acts_at_once(void)
{
	vp_in(VP_RUNNABLE);
	hold(HOLD_CONSOLE);
	partition_stop(p, 3, "because");
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_STOPPED);
	/* nobody waits for one that has stopped */
	CHECK(hold_is_out(vp, HOLD_GDB));
}

/* The wake makes it runnable; it makes its call again when it may run. */
static void t_a_wake_is_kept(void)
{
	vp_in(VP_RUNNABLE);
	inhibit_enter(p->vps[0]);
	inhibit_keep(p->vps[0], p);
	vp->own.waits_for = p->vps[0];
	suspend_begin(vp);
	hold(HOLD_CONSOLE);
	CHECK_EQ(vp->own.state, VP_SUSPENDED);
	inhibit_clear(p->vps[0]);
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_RUNNABLE);
	CHECK(!hold_may_run(vp));
	hold_clear(vp, HOLD_CONSOLE);
	service_vp(vp);
	CHECK(hold_may_run(vp));
}

static void t_a_held_vp_costs_no_time(void)
{
	struct cpu *cpu;

	fake_reset();
	fake_vmcs_reset();
	fake_cpus(1);
	p = fake_partition(2, 1);
	fake_config(p)->slice_us = 100;
	cpu = machine.cpus[0];
	vp = p->vps[1];
	for (u32 i = 0; i < 2; i++) {
		p->vps[i]->own.state = VP_RUNNABLE;
		p->vps[i]->own.deadline = NEVER;
	}
	hold(HOLD_CONSOLE);
	(void)sched_next(cpu);
	CHECK(sched_next(cpu) == p->vps[0]);
	fake.tsc = cpu->slice_end;
	CHECK(sched_next(cpu) == p->vps[0]);
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->sliced, 0);
	CHECK_EQ(cpu->timer_deadline, CPU_TIMER_NEVER);
	/* its timer counts, as that of one that sleeps */
	vp->own.deadline = cpu->slice_end + 7;
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->timer_deadline, cpu->slice_end + 7);
	p->vps[0]->own.state = VP_HALTED;
	CHECK(sched_next(cpu) == NULL);
}

static const struct test tests[] = {
	{"owner-is-there-before-the-kick", t_owner_is_there_before_the_kick},
	{"runs-when-the-last-owner-lets-go",
	 t_runs_when_the_last_owner_lets_go},
	{"hold-again-at-once", t_hold_again_at_once},
	{"interrupts-stay-pending", t_interrupts_stay_pending},
	{"work-is-done", t_work_is_done},
	{"init-and-sipi-act-at-once", t_init_and_sipi_act_at_once},
	{"stop-acts-at-once", t_stop_acts_at_once},
	{"a-wake-is-kept", t_a_wake_is_kept},
	{"a-held-vp-costs-no-time", t_a_held_vp_costs_no_time},
};

const struct suite suite_hold = SUITE("hold", tests);
