/* SPDX-License-Identifier: MIT */
/*
 * A call that waits for another VP's registers is abandoned: the same call
 * later is a new one. An interrupt that only delays the call does not take its
 * answer away.
 */
#include "core/apic/interrupts.h"
#include "core/events/post.h"
#include "core/registers/request.h"

#include "core/run/service.h"
#include "core/state/partition.h"
#include "core/vp/inject.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/reg_vp.h"
#include "x86/cr.h"
#include "x86/vmcs.h"

#define X(name) HV_X64_REGISTER_##name
#define GOOD    HV_STATUS_SUCCESS
#define AGAIN   REG_VP_AGAIN
#define VECTOR  0x51
#define RSP     0x8000
#define RIP     0x100000
#define WINDOWS (VMX_PROC_INTERRUPT_WINDOW | VMX_PROC_NMI_WINDOW)

/* The VMCS belongs to the VP that acts, since the fake has only one. */
static struct vp *target;
static struct vp *asker;
static struct vp *other;
static struct hv_register_value value;

static void setup(void)
{
	reg_vp_three(&target, &asker, &other);
	asker->own.vapic.svr = 0x1ff;
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	port_vmcs_set(VMCS_GUEST_RSP, RSP);
	target->own.gpr[GPR_RAX] = 1;
}

static void service(struct vp *vp)
{
	fake.cpu_number = vp->cpu->number;
	service_vp(vp);
}

static u16 ask(void)
{
	return reg_vp_get(asker, target, X(RAX), &value);
}

/* The entry delivers the prepared event, whose handler ends without an exit. */
static void deliver(struct vp *vp)
{
	CHECK(vp->own.entry_event != 0);
	vp->own.entry_event = 0;
	vapic_eoi(&vp->own.vapic);
}

/*
 * VP 0 asks and the answer, 1, is there; then the target's register becomes 2.
 */
static void asked_and_answered(void)
{
	setup();
	CHECK_EQ(ask(), AGAIN);
	service(target);
	target->own.gpr[GPR_RAX] = 2;
}

static void expect_new_answer(void)
{
	CHECK_EQ(ask(), AGAIN);
	service(target);
	CHECK_EQ(ask(), GOOD);
	CHECK_EQ(value.low, 2);
}

static void t_interrupt_before_the_answer(void)
{
	setup();
	CHECK_EQ(ask(), AGAIN);
	vp_post_irq(asker, VECTOR);
	service(asker);
	deliver(asker);
	service(target);
	target->own.gpr[GPR_RAX] = 2;
	expect_new_answer();
}

/* The same for 0x0051: the target has executed since. */
static void t_set_is_made_again(void)
{
	setup();
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 5, 0), AGAIN);
	vp_post_irq(asker, VECTOR);
	service(asker);
	deliver(asker);
	service(target);
	CHECK_EQ(target->own.gpr[GPR_RAX], 5);
	target->own.gpr[GPR_RAX] = 2;
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 5, 0), AGAIN);
	service(target);
	CHECK_EQ(target->own.gpr[GPR_RAX], 5);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 5, 0), GOOD);
}

/* A call that is made anew before the answer is there gets that answer, too. */
static void t_interrupt_and_back(void)
{
	setup();
	CHECK_EQ(ask(), AGAIN);
	vp_post_irq(asker, VECTOR);
	service(asker);
	deliver(asker);
	fake_enter(target);
	CHECK_EQ(ask(), AGAIN);
	CHECK_EQ(fake_kicks_of(target->cpu->number), 0);
	service(target);
	CHECK_EQ(ask(), GOOD);
	CHECK_EQ(value.low, 1);
}

/*
 * When the answer is there, the interrupt waits for the call, which would
 * otherwise never end.
 */
static void t_interrupt_behind_the_answer(void)
{
	asked_and_answered();
	vp_post_irq(asker, VECTOR);
	vp_post(asker, VP_EVENT_NMI);
	service(asker);
	CHECK_EQ(asker->own.entry_event, 0);
	CHECK_EQ(asker->own.proc_controls & WINDOWS, 0);
	CHECK(asker->own.due);
	CHECK_EQ(ask(), GOOD);
	CHECK_EQ(value.low, 1);
	service(asker);
	CHECK(asker->own.entry_event != 0);
}

/*
 * Before each answer comes another interrupt. After some time the events wait,
 * even for an answer that is not there yet.
 */
static void t_interrupts_without_end(void)
{
	u32 calls = 0;

	setup();
	while (calls < 20 && ask() == AGAIN) {
		calls++;
		vp_post_irq(asker, VECTOR);
		service(asker);
		if (asker->own.entry_event != 0) {
			deliver(asker);
		}
		service(target);
	}
	CHECK(calls > 2 && calls < 20);
	CHECK_EQ(value.low, 1);
	/* the next interrupt is not delayed */
	CHECK_EQ(ask(), AGAIN);
	vp_post_irq(asker, VECTOR);
	service(asker);
	CHECK(asker->own.entry_event != 0);
}

/* The last exit was not the call: no event is held back any more. */
static void t_held_back_for_one_entry(void)
{
	asked_and_answered();
	vp_post_irq(asker, VECTOR);
	service(asker);
	CHECK_EQ(asker->own.entry_event, 0);
	asker->own.exit_count++;
	service(asker);
	CHECK(asker->own.entry_event != 0);
	deliver(asker);
	expect_new_answer();
}

static void t_another_exit(void)
{
	asked_and_answered();
	/* this call needs no request, but abandons the one that waits */
	CHECK_EQ(reg_vp_get(asker, target, HV_REGISTER_VP_INDEX, &value), GOOD);
	expect_new_answer();
}

/* Somebody writes to the input block, so that the call becomes another one. */
static void t_another_kind(void)
{
	asked_and_answered();
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 1, 0), AGAIN);
	service(target);
	CHECK_EQ(target->own.gpr[GPR_RAX], 1);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 1, 0), GOOD);
	CHECK_EQ(reg_vp_get(asker, target, X(RAX), &value), AGAIN);
	service(target);
	CHECK_EQ(reg_vp_get(asker, other, X(RAX), &value), AGAIN);
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_POSTED);
}

static void t_another_place(void)
{
	asked_and_answered();
	port_vmcs_set(VMCS_GUEST_RIP, RIP + 0x40);
	expect_new_answer();
}

static void t_exception(void)
{
	asked_and_answered();
	inject_exception(asker, 6);
	deliver(asker);
	expect_new_answer();
}

static void t_init(void)
{
	asked_and_answered();
	vp_post(asker, VP_EVENT_INIT);
	service(asker);
	vp_post_sipi(asker, 0x10);
	service(asker);
	/* its first exit is the same call */
	port_vmcs_set(VMCS_GUEST_RSP, RSP);
	port_vmcs_set(VMCS_GUEST_RIP, RIP);
	expect_new_answer();
}

/* Another VP sets the asker's RIP, and later sets it back. */
static void t_rip_is_set(void)
{
	asked_and_answered();
	CHECK_EQ(reg_vp_set(other, asker, X(RIP), RIP, 0), AGAIN);
	service(asker);
	expect_new_answer();
}

static const struct test tests[] = {
	{"interrupt-before-the-answer", t_interrupt_before_the_answer},
	{"set-is-made-again", t_set_is_made_again},
	{"interrupt-and-back", t_interrupt_and_back},
	{"interrupt-behind-the-answer", t_interrupt_behind_the_answer},
	{"interrupts-without-end", t_interrupts_without_end},
	{"held-back-for-one-entry", t_held_back_for_one_entry},
	{"another-exit", t_another_exit},
	{"another-kind", t_another_kind},
	{"another-place", t_another_place},
	{"exception", t_exception},
	{"init", t_init},
	{"rip-is-set", t_rip_is_set},
};

const struct suite suite_reg_abandon = SUITE("reg_abandon", tests);
