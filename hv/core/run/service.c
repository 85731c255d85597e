/* SPDX-License-Identifier: MIT */
/* Events and states of a VP: one table, in the order in which they act. */
#include "core/run/service.h"

#include "core/apic/interrupts.h"
#include "core/apic/timer.h"
#include "core/cpu/run_word.h"
#include "core/events/hold.h"
#include "core/debug/at_vp.h"
#include "core/flush/target.h"
#include "core/flush/suspend.h"
#include "core/gdb/at_vp.h"
#include "core/lifecycle/halted.h"
#include "core/lifecycle/start.h"
#include "core/lifecycle/stop.h"
#include "core/paging/published.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/registers/request.h"
#include "core/registers/serve.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/trace/record.h"
#include "core/trace/stats.h"
#include "core/vp/inject.h"
#include "core/vp/vmcs_plan.h"

/* INIT overrides everything that is pending for the VP. rule: init-wins */
static void event_init(struct vp *vp)
{
	for (u32 i = 0; i < ARRAY_SIZE(vp->shared.posted_irr); i++) {
		__atomic_store_n(&vp->shared.posted_irr[i], 0,
				 __ATOMIC_RELAXED);
	}
	suspend_forget(vp); /* rule: init-ends-suspension */
	vp->own.nmi_pending = false;
	vp->own.entry_event = 0;
	port_vmcs_set(VMCS_ENTRY_INTERRUPTION_INFO, 0);
	reg_request_leave(vp);
	vapic_init_signal(&vp->own.vapic);
	vmcs_plan_apply_init(vp);
	port_reset_registers();
	gdb_at_vp_init(vp);
	/* paging is off and the TLB must be empty: SDM 3A, "Processor State
	   After Reset"; translations of this VPID may still be cached */
	__atomic_fetch_or(vp->flush_full, vp->bank_bit, __ATOMIC_SEQ_CST);
	published_update(vp);
	/* SDM 3A, "MP Initialization Protocol Requirements and Restrictions":
	   the BSP flag says who goes to the reset vector; others wait */
	vp->own.state =
		vapic_is_bsp(&vp->own.vapic) ? VP_RUNNABLE : VP_WAIT_SIPI;
}

static void event_sipi(struct vp *vp)
{
	if (vp->own.state == VP_WAIT_SIPI) {
		vmcs_plan_apply_sipi(vp,
				     __atomic_load_n(&vp->shared.sipi_vector,
						     __ATOMIC_RELAXED));
		published_update(vp);
		vp->own.state = VP_RUNNABLE;
	}
}

static void event_nmi(struct vp *vp)
{
	vp->own.nmi_pending = true;
}

static void event_irq(struct vp *vp)
{
	u64 bit;

	for (u32 i = 0; i < ARRAY_SIZE(vp->shared.posted_irr); i++) {
		u64 bits = __atomic_exchange_n(&vp->shared.posted_irr[i], 0,
					       __ATOMIC_ACQUIRE);

		BITS_FOR_EACH(bit, bits) {
			vapic_post(&vp->own.vapic, (u8)(i * 64 + bit));
		}
	}
}

/* A needless wake is harmless: the repeated call checks again. */
static void event_wake(struct vp *vp)
{
	/* rule: wake-suspended-only */
	if (vp->own.state == VP_SUSPENDED) {
		record_put(vp, TRACE_WAKE, 0, 0,
			   port_tsc() - vp->own.suspended_at);
		suspend_forget(vp);
		vp->own.reissues = true;
		vp->own.state = VP_RUNNABLE;
	}
}

static void event_ept(struct vp *vp)
{
	port_invept(vp->partition);
}

static const struct {
	u64 bit;
	void (*act)(struct vp *vp);
} event_table[] = {
	{VP_EVENT_INIT, event_init},
	{VP_EVENT_SIPI, event_sipi},
	{VP_EVENT_NMI, event_nmi},
	{VP_EVENT_IRQ, event_irq},
	{VP_EVENT_EPT, event_ept},
	{VP_EVENT_WAKE, event_wake},
	{VP_EVENT_REGISTERS, reg_request_serve},
	{VP_EVENT_GDB, gdb_at_vp_serve},
	{VP_EVENT_HOLD, hold_note}, /* after GDB, which prepares the VP */
	{VP_EVENT_INSPECT, debug_at_vp_serve},
};

/* A stopped VP may be looked at; a hold counts when it is started again. */
#define WHEN_STOPPED (VP_EVENT_HOLD | VP_EVENT_INSPECT)

static void act_on(struct vp *vp, u64 events)
{
	for (u32 i = 0; i < ARRAY_SIZE(event_table); i++) {
		if (events & event_table[i].bit) {
			event_table[i].act(vp);
		}
	}
}

static void take_events(struct vp *vp)
{
	/* rule: take-events-at-once */
	u64 events =
		__atomic_exchange_n(&vp->shared.events, 0, __ATOMIC_SEQ_CST);

	if (vp->own.state == VP_STOPPED) {
		/* all others are for the life that is over */
		act_on(vp, events & WHEN_STOPPED);
		if (events & VP_EVENT_START) {
			partition_start_vp(vp);
		}
		return;
	}
	if (events & VP_EVENT_STOP) {
		/* first: the last VP does not return */
		act_on(vp, events & VP_EVENT_INSPECT);
		partition_stop_vp(vp);
		return;
	}
	if (events & VP_EVENT_INIT) {
		/* events that came together with it count as earlier */
		events &= ~(VP_EVENT_NMI | VP_EVENT_IRQ);
	}
	act_on(vp, events);
}

static bool takes_interrupts(const struct vp *vp)
{
	return (vp->own.state == VP_RUNNABLE || vp->own.state == VP_HALTED) &&
	       vp->own.held == 0;
}

/*
 * The next entry is for one thing alone: a register call that goes first, or a
 * step of the debugger, which would otherwise end in an interrupt handler.
 */
static bool goes_alone(const struct vp *vp)
{
	return hold_may_run(vp) &&
	       (vp->own.gdb.stepping || reg_request_goes_first(vp));
}

/*
 * A halted VP wakes when an event is prepared for its next entry. For one that
 * is suspended, held or waits for SIPI everything stays pending; with `alone`
 * it does so for one entry.
 */
static void check_interrupts(struct vp *vp, bool alone)
{
	u64 now = port_tsc();

	if (vapic_timer_deadline(&vp->own.vapic) <= now) {
		vapic_timer_expire(&vp->own.vapic, now);
	}
	if (alone) {
		inject_hold(vp);
	} else if (takes_interrupts(vp)) {
		inject_prepare(vp);
	}
	if (vp->own.state == VP_HALTED && vp->own.entry_event != 0) {
		vp->own.state = VP_RUNNABLE;
	}
	/* after inject_prepare(): accepting a vector may start the timer */
	vp->own.deadline = vapic_timer_deadline(&vp->own.vapic);
	if (vp->own.state == VP_SUSPENDED) {
		suspend_watch(vp, now);
	}
}

/* For the trace: what service_vp() has made of the VP's state. */
static void note_state(struct vp *vp, enum vp_state before)
{
	enum vp_state state = vp->own.state;

	if (state != before) {
		record_put(vp, TRACE_STATE, state | (u32)before << 8, 0, 0);
	}
	if (state == VP_RUNNABLE && vp->own.reissues) {
		vp->own.reissues = false;
		stats_reissue(vp);
		record_put(vp, TRACE_REISSUE, vp->own.entry_event, 0, 0);
	}
}

void service_vp(struct vp *vp)
{
	enum vp_state before = vp->own.state;
	bool alone;

	if (due_has_events(vp)) {
		if (vp->own.asleep) {
			halted_wake(vp);
		}
		take_events(vp);
	}
	if (vp->own.state == VP_STOPPED) {
		note_state(vp, before);
		partition_work(vp);
		due_note(vp);
		return;
	}
	if (due_is_posted(vp)) {
		flush_drain(vp);
	}
	alone = goes_alone(vp);
	check_interrupts(vp, alone);
	if (vp->own.gdb.stepping && vp->own.held == 0) {
		gdb_at_vp_look(vp);
	}
	if (vp->own.state == VP_HALTED) {
		suspend_report_deadlock(vp->partition);
	}
	if (vp->own.state != VP_RUNNABLE) {
		halted_note(vp);
	}
	note_state(vp, before);
	vp->own.due = alone || vp->own.gdb.stepping || !hold_may_run(vp);
}

void service_halt(struct vp *vp)
{
	record_put(vp, TRACE_STATE, VP_HALTED | VP_RUNNABLE << 8, 0, 0);
	vp->own.state = VP_HALTED;
	due_note(vp);
	vp->own.deadline = SERVICE_HALT_DEADLINE;
}

void service_posted(struct cpu *cpu, struct vp *vp)
{
	if (due_has_events(vp) || run_is_called(cpu, vp)) {
		due_note(vp);
		if (run_is_line_called(cpu)) {
			cpu->enter_before = CPU_NMI_CAME;
		}
	} else {
		flush_drain(vp);
	}
}
