/* SPDX-License-Identifier: MIT */
/* Events and states of a VP: one table, in the order in which they act. */
#include "core/run/service.h"

#include "core/apic/interrupts.h"
#include "core/apic/timer.h"
#include "core/cpu/run_word.h"
#include "core/flush/target.h"
#include "core/flush/suspend.h"
#include "core/lifecycle/stop.h"
#include "core/paging/published.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/registers/request.h"
#include "core/registers/serve.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
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
	/* paging is off and the TLB must be empty: SDM 3A, "Processor State
	   After Reset"; translations of this VPID may still be cached */
	__atomic_fetch_or(vp->flush_full, vp->bank_bit, __ATOMIC_SEQ_CST);
	published_update(vp);
	/* the boot processor goes to the reset vector, others wait */
	vp->own.state = vp->number == 0 ? VP_RUNNABLE : VP_WAIT_SIPI;
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
		suspend_forget(vp);
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
};

static void take_events(struct vp *vp)
{
	/* rule: take-events-at-once */
	u64 events =
		__atomic_exchange_n(&vp->shared.events, 0, __ATOMIC_SEQ_CST);

	if (vp->own.state == VP_STOPPED) {
		return;
	}
	if (events & VP_EVENT_STOP) {
		partition_stop_vp(vp);
		return;
	}
	if (events & VP_EVENT_INIT) {
		/* events that came together with it count as earlier */
		events &= ~(VP_EVENT_NMI | VP_EVENT_IRQ);
	}
	for (u32 i = 0; i < ARRAY_SIZE(event_table); i++) {
		if (events & event_table[i].bit) {
			event_table[i].act(vp);
		}
	}
}

static bool takes_interrupts(const struct vp *vp)
{
	return vp->own.state == VP_RUNNABLE || vp->own.state == VP_HALTED;
}

/*
 * A halted VP wakes when an event is prepared for its next entry. For one that
 * is suspended or waits for SIPI everything stays pending; with `held` it does
 * so for one entry, because a call goes first.
 */
static void check_interrupts(struct vp *vp, bool held)
{
	u64 now = port_tsc();

	if (vapic_timer_deadline(&vp->own.vapic) <= now) {
		vapic_timer_expire(&vp->own.vapic, now);
	}
	if (held) {
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

void service_vp(struct vp *vp)
{
	bool held;

	if (due_has_events(vp)) {
		take_events(vp);
	}
	if (vp->own.state == VP_STOPPED) {
		due_note(vp);
		return;
	}
	if (due_is_posted(vp)) {
		flush_drain(vp);
	}
	held = vp->own.state == VP_RUNNABLE && reg_request_goes_first(vp);
	check_interrupts(vp, held);
	if (vp->own.state == VP_HALTED) {
		suspend_report_deadlock(vp->partition);
	}
	vp->own.due = held || vp->own.state != VP_RUNNABLE;
}

void service_halt(struct vp *vp)
{
	vp->own.state = VP_HALTED;
	due_note(vp);
	vp->own.deadline =
		0; /* due at once: something may be pending already */
}
