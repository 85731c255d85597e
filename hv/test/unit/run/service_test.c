/* SPDX-License-Identifier: MIT */
/*
 * Events and states of a VP: what wakes it, what resets it, and what stops it.
 */
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/apic/timer.h"
#include "core/events/post.h"
#include "core/lifecycle/stop.h"
#include "core/run/service.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "x86/apic.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define VECTOR   0x51
#define NMI_INFO 0x80000202u
#define IRQ_INFO (0x80000000u | VECTOR)

static struct partition *p;

/* Makes VP `number` with its APIC enabled and IF = 1, in `state`. */
static struct vp *vp_in(u32 number, enum vp_state state)
{
	struct vapic_ipi ipi;
	struct vp *vp;

	fake_reset();
	fake_vmcs_reset();
	p = fake_partition(2, 1);
	vp = p->vps[number];
	vapic_reset(&vp->own.vapic, number, number == 0);
	CHECK_EQ(vapic_write(&vp->own.vapic, MSR_IA32_X2APIC_SIVR, 0x1ff, 0,
			     &ipi),
		 VAPIC_OK);
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_NE);
	vp->own.state = state;
	vp->own.due = state != VP_RUNNABLE;
	return vp;
}

/* ---- waking ---- */

enum cause { C_NONE, C_IRQ, C_NMI, C_TIMER, C_EPT, C_FLUSH, C_SIPI };

static void cause(struct vp *vp, enum cause what)
{
	struct vapic_ipi ipi;

	switch (what) {
	case C_NONE:
		break;
	case C_IRQ:
		vp_post_irq(vp, VECTOR);
		break;
	case C_NMI:
		vp_post(vp, VP_EVENT_NMI);
		break;
	case C_TIMER:
		CHECK_EQ(vapic_write(&vp->own.vapic, MSR_IA32_X2APIC_LVT_TIMER,
				     VECTOR, fake.tsc, &ipi),
			 VAPIC_OK);
		CHECK_EQ(vapic_write(&vp->own.vapic, MSR_IA32_X2APIC_INIT_COUNT,
				     1, fake.tsc, &ipi),
			 VAPIC_OK);
		fake.tsc += FAKE_TSC_HZ;
		break;
	case C_EPT:
		vp_post(vp, VP_EVENT_EPT);
		break;
	case C_FLUSH:
		*vp->flush_full |= vp->bank_bit;
		break;
	case C_SIPI:
		vp_post_sipi(vp, 0x12);
		break;
	}
}

static const struct {
	const char *name;
	enum vp_state from;
	enum cause cause;
	bool flag_if;
	enum vp_state to;
	u32 info;
} wakes[] = {
	/* clang-format off */
	{ "halted, nothing",    VP_HALTED, C_NONE, true, VP_HALTED, 0 },
	{ "halted, irq",        VP_HALTED, C_IRQ, true, VP_RUNNABLE, IRQ_INFO },
	{ "halted, irq, IF 0",  VP_HALTED, C_IRQ, false, VP_HALTED, 0 },
	{ "halted, nmi",        VP_HALTED, C_NMI, false, VP_RUNNABLE, NMI_INFO },
	{ "halted, timer",      VP_HALTED, C_TIMER, true, VP_RUNNABLE, IRQ_INFO },
	{ "halted, timer, IF 0", VP_HALTED, C_TIMER, false, VP_HALTED, 0 },
	{ "halted, ept",        VP_HALTED, C_EPT, true, VP_HALTED, 0 },
	{ "halted, flush",      VP_HALTED, C_FLUSH, true, VP_HALTED, 0 },
	{ "halted, sipi",       VP_HALTED, C_SIPI, true, VP_HALTED, 0 },
	{ "waiting, irq",       VP_WAIT_SIPI, C_IRQ, true, VP_WAIT_SIPI, 0 },
	{ "waiting, nmi",       VP_WAIT_SIPI, C_NMI, true, VP_WAIT_SIPI, 0 },
	{ "waiting, timer",     VP_WAIT_SIPI, C_TIMER, true, VP_WAIT_SIPI, 0 },
	{ "waiting, flush",     VP_WAIT_SIPI, C_FLUSH, true, VP_WAIT_SIPI, 0 },
	{ "waiting, sipi",      VP_WAIT_SIPI, C_SIPI, true, VP_RUNNABLE, 0 },
	{ "running, sipi",      VP_RUNNABLE, C_SIPI, true, VP_RUNNABLE, 0 },
	{ "running, irq",       VP_RUNNABLE, C_IRQ, true, VP_RUNNABLE, IRQ_INFO },
	{ "stopped, nmi",       VP_STOPPED, C_NMI, true, VP_STOPPED, 0 },
	{ "stopped, sipi",      VP_STOPPED, C_SIPI, true, VP_STOPPED, 0 },
	/* clang-format on */
};

static void t_what_wakes(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(wakes); i++) {
		struct vp *vp = vp_in(1, wakes[i].from);

		if (!wakes[i].flag_if) {
			port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED);
		}
		cause(vp, wakes[i].cause);
		service_vp(vp);
		check_eq(vp->own.state, wakes[i].to, wakes[i].name, __FILE__,
			 __LINE__);
		check_eq(vp->own.entry_event, wakes[i].info, wakes[i].name,
			 __FILE__, __LINE__);
		CHECK_EQ(vp->shared.events, 0);
		/* only a VP that is runnable needs no check before the entry */
		CHECK_EQ(vp->own.due, vp->own.state != VP_RUNNABLE);
	}
}

static void t_hlt_with_something_pending(void)
{
	struct vp *vp = vp_in(0, VP_RUNNABLE);

	vapic_post(&vp->own.vapic, VECTOR);
	service_halt(vp);
	CHECK_EQ(vp->own.state, VP_HALTED);
	CHECK(vp->own.due);
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_RUNNABLE);
	CHECK_EQ(vp->own.entry_event, IRQ_INFO);
}

static void t_a_masked_interrupt_does_not_wake(void)
{
	struct vp *vp = vp_in(0, VP_HALTED);

	vapic_set_cr8(&vp->own.vapic, 15);
	vp_post_irq(vp, VECTOR);
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_HALTED);
	vapic_set_cr8(&vp->own.vapic, 0);
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_RUNNABLE);
}

static void t_timer_deadline_is_handed_on(void)
{
	struct vp *vp = vp_in(0, VP_HALTED);
	struct vapic_ipi ipi;

	service_vp(vp);
	CHECK_EQ(vp->own.deadline, ~0ull);
	CHECK_EQ(vapic_write(&vp->own.vapic, MSR_IA32_X2APIC_LVT_TIMER, VECTOR,
			     0, &ipi),
		 VAPIC_OK);
	CHECK_EQ(vapic_write(&vp->own.vapic, MSR_IA32_X2APIC_INIT_COUNT, 1000,
			     0, &ipi),
		 VAPIC_OK);
	service_vp(vp);
	CHECK_EQ(vp->own.deadline, vapic_timer_deadline(&vp->own.vapic));
	CHECK(vp->own.deadline != ~0ull);
	CHECK_EQ(vp->own.state, VP_HALTED);
}

static void t_all_posted_vectors_arrive(void)
{
	struct vp *vp = vp_in(0, VP_WAIT_SIPI);

	for (u32 vector = 16; vector < 256; vector++) {
		vp_post_irq(vp, (u8)vector);
	}
	service_vp(vp);
	CHECK_EQ(vp->own.vapic.irr[0], ~0xffffull);
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(vp->shared.posted_irr[i], 0);
		CHECK(i == 0 || vp->own.vapic.irr[i] == ~0ull);
	}
}

static void t_ept_event_is_one_invept(void)
{
	struct vp *vp = vp_in(1, VP_RUNNABLE);

	vp_post(vp, VP_EVENT_EPT);
	vp_post(vp, VP_EVENT_EPT);
	service_vp(vp);
	service_vp(vp);
	CHECK_EQ(fake.invept_count, 1);
	CHECK(fake.invepts[0] == p);
}

static void t_flush_work_is_done(void)
{
	struct vp *vp = vp_in(1, VP_RUNNABLE);

	cause(vp, C_FLUSH);
	service_vp(vp);
	CHECK_STR(call_invvpids(), "1");
	CHECK(!call_has_work(vp));
	service_vp(vp);
	CHECK_STR(call_invvpids(), "");
}

/* ---- work that arrives during the entry ---- */

static void t_posted_flush_work_is_done_at_once(void)
{
	struct vp *vp = vp_in(1, VP_RUNNABLE);

	cause(vp, C_FLUSH);
	service_posted(vp->cpu, vp);
	CHECK_STR(call_invvpids(), "1");
	CHECK(!call_has_work(vp));
	CHECK(!vp->own.due);
}

static void t_posted_events_are_left_to_service(void)
{
	struct vp *vp = vp_in(1, VP_RUNNABLE);

	cause(vp, C_FLUSH);
	vp_post(vp, VP_EVENT_EPT);
	service_posted(vp->cpu, vp);
	CHECK(vp->own.due);
	CHECK_STR(call_invvpids(), "");
	service_vp(vp);
	CHECK_EQ(fake.invept_count, 1);
	CHECK_STR(call_invvpids(), "1");
	CHECK(!vp->own.due);
}

static void t_attention_is_left_to_the_scan(void)
{
	struct vp *vp = vp_in(1, VP_RUNNABLE);

	vp->cpu->sliced = false;
	vp->cpu->attention = 1;
	service_posted(vp->cpu, vp);
	CHECK(vp->own.due);
	vp->cpu->attention = 0;
}

/* ---- INIT and SIPI ---- */

static void t_init_forgets_what_waited(void)
{
	for (u32 number = 0; number < 2; number++) {
		struct vp *vp = vp_in(number, VP_HALTED);

		vp->own.nmi_pending = true;
		vp->own.entry_event = IRQ_INFO;
		port_vmcs_set(VMCS_ENTRY_INTERRUPTION_INFO, IRQ_INFO);
		vapic_post(&vp->own.vapic, 0x60);
		vp_post_irq(vp, VECTOR);
		vp_post(vp, VP_EVENT_NMI);
		vp_post(vp, VP_EVENT_INIT);
		service_vp(vp);
		/* the boot processor starts again, others wait */
		CHECK_EQ(vp->own.state,
			 number == 0 ? VP_RUNNABLE : VP_WAIT_SIPI);
		CHECK(!vp->own.nmi_pending);
		CHECK_EQ(vp->own.entry_event, 0);
		CHECK_EQ(port_vmcs_get(VMCS_ENTRY_INTERRUPTION_INFO), 0);
		CHECK(!vapic_has_irr(&vp->own.vapic));
		CHECK(!vapic_is_enabled(&vp->own.vapic));
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0xfff0);
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_BASE), 0xffff0000);
		for (u32 i = 0; i < 4; i++) {
			CHECK_EQ(vp->shared.posted_irr[i], 0);
		}
		service_vp(vp);
		CHECK_EQ(vp->own.entry_event, 0);
	}
}

/* SDM 3A, "MP Initialization Protocol Requirements and Restrictions" */
static void t_init_asks_the_bsp_flag(void)
{
	for (u32 number = 0; number < 2; number++) {
		for (u32 is_bsp = 0; is_bsp < 2; is_bsp++) {
			struct vp *vp = vp_in(number, VP_RUNNABLE);
			struct vapic_ipi ipi;

			CHECK_EQ(vapic_write(&vp->own.vapic, MSR_IA32_APIC_BASE,
					     0xc00 | is_bsp << 8, 0, &ipi),
				 VAPIC_OK);
			vp_post(vp, VP_EVENT_INIT);
			service_vp(vp);
			CHECK_EQ(vp->own.state,
				 is_bsp ? VP_RUNNABLE : VP_WAIT_SIPI);
		}
	}
}

/* Flush and EPT work belongs to the hypervisor: INIT does not cancel it. */
static void t_init_keeps_hypervisor_work(void)
{
	struct vp *vp = vp_in(1, VP_RUNNABLE);

	cause(vp, C_FLUSH);
	vp_post(vp, VP_EVENT_INIT | VP_EVENT_EPT);
	service_vp(vp);
	CHECK_EQ(fake.invept_count, 1);
	CHECK_STR(call_invvpids(), "1");
}

static void t_init_and_sipi_together(void)
{
	struct vp *vp = vp_in(1, VP_RUNNABLE);

	vp_post(vp, VP_EVENT_INIT);
	vp_post_sipi(vp, 0x9a);
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_RUNNABLE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_SELECTOR), 0x9a00);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_BASE), 0x9a000);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0);
	/* the second SIPI of the usual sequence does nothing */
	port_vmcs_set(VMCS_GUEST_RIP, 0x77);
	vp_post_sipi(vp, 0x11);
	service_vp(vp);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0x77);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_SELECTOR), 0x9a00);
}

/* ---- stop ---- */

static void t_stop_wins(void)
{
	struct vp *vp = vp_in(1, VP_RUNNABLE);

	partition_stop(p, 3, "because");
	vp_post(vp, VP_EVENT_INIT | VP_EVENT_NMI | VP_EVENT_EPT);
	vp_post_sipi(vp, 1);
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_STOPPED);
	CHECK(vp->own.due);
	CHECK_EQ(fake.invept_count, 0);
	CHECK_EQ(fake_vmcs.written[VMCS_GUEST_RIP], false);
	CHECK_EQ(p->vps_running, 1);
	CHECK_EQ(machine.partitions_running, 1);
	CHECK_EQ(vp->own.deadline, ~0ull);
	/* it stays stopped */
	vp_post(vp, VP_EVENT_INIT | VP_EVENT_STOP);
	vp_post_sipi(vp, 1);
	service_vp(vp);
	CHECK_EQ(vp->own.state, VP_STOPPED);
	CHECK_EQ(p->vps_running, 1);
}

static const struct test tests[] = {
	{"what-wakes", t_what_wakes},
	{"hlt-with-something-pending", t_hlt_with_something_pending},
	{"a-masked-interrupt-does-not-wake",
	 t_a_masked_interrupt_does_not_wake},
	{"timer-deadline-is-handed-on", t_timer_deadline_is_handed_on},
	{"all-posted-vectors-arrive", t_all_posted_vectors_arrive},
	{"ept-event-is-one-invept", t_ept_event_is_one_invept},
	{"flush-work-is-done", t_flush_work_is_done},
	{"posted-flush-work-is-done-at-once",
	 t_posted_flush_work_is_done_at_once},
	{"posted-events-are-left-to-service",
	 t_posted_events_are_left_to_service},
	{"attention-is-left-to-the-scan", t_attention_is_left_to_the_scan},
	{"init-forgets-what-waited", t_init_forgets_what_waited},
	{"init-keeps-hypervisor-work", t_init_keeps_hypervisor_work},
	{"init-asks-the-bsp-flag", t_init_asks_the_bsp_flag},
	{"init-and-sipi-together", t_init_and_sipi_together},
	{"stop-wins", t_stop_wins},
};

const struct suite suite_service = SUITE("service", tests);
