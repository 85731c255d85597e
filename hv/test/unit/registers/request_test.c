/* SPDX-License-Identifier: MIT */
/*
 * Registers of another VP: a call asks for them, the CPU of that VP reads or
 * writes them, and the call, made again, collects the result. Also what may
 * happen in between.
 */
#include "core/events/post.h"
#include "core/registers/request.h"

#include "core/run/service.h"
#include "core/state/partition.h"
#include "support/check.h"
#include "support/entry_rules.h"
#include "support/fake_vmcs.h"
#include "support/reg_vp.h"
#include "x86/cr.h"

#define X(name) HV_X64_REGISTER_##name
#define GOOD    HV_STATUS_SUCCESS
#define AGAIN   REG_VP_AGAIN

/* The VMCS belongs to `target`, since the fake has only one. */
static struct vp *target;
static struct vp *asker;
static struct vp *other;
static struct hv_register_value value;

static void setup(void)
{
	reg_vp_three(&target, &asker, &other);
}

static void serve(void)
{
	fake.cpu_number = target->cpu->number;
	service_vp(target);
}

static void t_get(void)
{
	setup();
	target->own.gpr[GPR_R9] = 99;
	fake_enter(target);
	CHECK_EQ(reg_vp_get(asker, target, X(R15) - 6, &value), AGAIN);
	CHECK_EQ(fake_kicks_of(target->cpu->number), 1);
	CHECK(asker->cpu->yield && asker->own.due);
	/* the call made again does not ask again */
	CHECK_EQ(reg_vp_get(asker, target, X(R15) - 6, &value), AGAIN);
	CHECK_EQ(fake_kicks_of(target->cpu->number), 1);
	serve();
	CHECK_EQ(target->shared.events, 0);
	CHECK_EQ(reg_vp_get(asker, target, X(R15) - 6, &value), GOOD);
	CHECK_EQ(value.low, 99);
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_IDLE);
}

static void t_set(void)
{
	setup();
	CHECK_EQ(reg_vp_set(asker, target, X(RIP), 0x1000, 0), AGAIN);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0x100000);
	serve();
	/* the target made no VMCALL that would have to be skipped */
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0x1000);
	port_vmcs_set(VMCS_GUEST_RIP, 0x100000); /* the asker's */
	CHECK_EQ(reg_vp_set(asker, target, X(RIP), 0x1000, 0), GOOD);
	CHECK_EQ(reg_vp_set(asker, target, X(CR4), CR4_VMXE, 0), AGAIN);
	serve();
	CHECK_EQ(reg_vp_set(asker, target, X(CR4), CR4_VMXE, 0),
		 HV_STATUS_INVALID_REGISTER_VALUE);
	/* others that walk the target's tables use the new CR3 */
	target->partition->publishes_regs = true;
	CHECK_EQ(reg_vp_set(asker, target, X(CR3), 0x7000, 0), AGAIN);
	serve();
	CHECK_EQ(target->own.published.cr3, 0x7000);
	CHECK_EQ(reg_vp_set(asker, target, X(CR3), 0x7000, 0), GOOD);
}

/* A register that any CPU can read needs no second call. */
static void t_anywhere(void)
{
	setup();
	CHECK_EQ(reg_vp_get(asker, target, HV_REGISTER_VP_INDEX, &value), GOOD);
	CHECK_EQ(value.low, target->index);
	CHECK_EQ(reg_vp_get(asker, target, HV_REGISTER_INTERCEPT_SUSPEND,
			    &value),
		 GOOD);
	CHECK_EQ(reg_vp_get(asker, target, X(TSC), &value), GOOD);
	CHECK_EQ(target->shared.events, 0);
	/* a register that does not exist needs none either */
	CHECK_EQ(reg_vp_get(asker, target, 7, &value),
		 HV_STATUS_INVALID_PARAMETER);
}

/* An interrupt handler asks something else while the call waits. */
static void t_another_question(void)
{
	setup();
	target->own.gpr[GPR_RBX] = 3;
	target->own.gpr[GPR_RDI] = 7;
	CHECK_EQ(reg_vp_get(asker, target, X(RAX) + GPR_RBX, &value), AGAIN);
	CHECK_EQ(reg_vp_get(asker, target, X(RAX) + GPR_RDI, &value), AGAIN);
	serve();
	CHECK_EQ(reg_vp_get(asker, target, X(RAX) + GPR_RDI, &value), AGAIN);
	serve();
	CHECK_EQ(reg_vp_get(asker, target, X(RAX) + GPR_RDI, &value), GOOD);
	CHECK_EQ(value.low, 7);
	CHECK_EQ(reg_vp_get(asker, target, X(RAX) + GPR_RBX, &value), AGAIN);
	serve();
	CHECK_EQ(reg_vp_get(asker, target, X(RAX) + GPR_RBX, &value), GOOD);
	CHECK_EQ(value.low, 3);
}

/*
 * An interrupt abandons the call of a thread, and another thread makes the same
 * call. It must not get the answer from before.
 */
static void t_same_question_of_another_thread(void)
{
	setup();
	port_vmcs_set(VMCS_GUEST_RSP, 0x8000);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 1, 0), AGAIN);
	serve();
	/* the target has executed since */
	target->own.gpr[GPR_RAX] = 2;
	port_vmcs_set(VMCS_GUEST_RSP, 0x9000);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 1, 0), AGAIN);
	serve();
	CHECK_EQ(target->own.gpr[GPR_RAX], 1);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 1, 0), GOOD);
	/* an old value is no answer either */
	CHECK_EQ(reg_vp_get(asker, target, X(RAX), &value), AGAIN);
	serve();
	target->own.gpr[GPR_RAX] = 3;
	port_vmcs_set(VMCS_GUEST_RSP, 0x8000);
	CHECK_EQ(reg_vp_get(asker, target, X(RAX), &value), AGAIN);
	serve();
	CHECK_EQ(reg_vp_get(asker, target, X(RAX), &value), GOOD);
	CHECK_EQ(value.low, 3);
}

static void t_two_ask(void)
{
	setup();
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 1, 0), AGAIN);
	CHECK_EQ(reg_vp_set(other, target, X(RAX) + 1, 2, 0), AGAIN);
	serve();
	CHECK_EQ(reg_vp_set(other, target, X(RAX) + 1, 2, 0), GOOD);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 1, 0), GOOD);
	CHECK_EQ(target->own.gpr[GPR_RAX], 1);
	CHECK_EQ(target->own.gpr[GPR_RCX], 2);
}

/*
 * A VP that shares the target's CPU does not wait until all requests are done:
 * the others stay in the list, and are refused if the target stops.
 */
static void t_many_ask(void)
{
	setup();
	fake_config(target->partition)->budget_elements = 1;
	target->partition->vps_running = 3;
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 1, 0), AGAIN);
	CHECK_EQ(reg_vp_set(other, target, X(RAX), 2, 0), AGAIN);
	serve();
	CHECK_EQ(target->own.gpr[GPR_RAX], 2);
	CHECK_EQ(target->shared.events, VP_EVENT_REGISTERS);
	/* asked later, served later */
	CHECK_EQ(reg_vp_set(other, target, X(RAX), 2, 0), GOOD);
	CHECK_EQ(reg_vp_set(other, target, X(RAX), 3, 0), AGAIN);
	serve();
	CHECK_EQ(target->own.gpr[GPR_RAX], 1);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 1, 0), GOOD);
	serve();
	CHECK_EQ(target->own.gpr[GPR_RAX], 3);
	CHECK_EQ(reg_vp_set(other, target, X(RAX), 3, 0), GOOD);
	serve();
	CHECK_EQ(target->shared.events, 0);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 4, 0), AGAIN);
	CHECK_EQ(reg_vp_set(other, target, X(RAX), 5, 0), AGAIN);
	serve();
	vp_post(target, VP_EVENT_STOP);
	serve();
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 4, 0),
		 HV_STATUS_INVALID_VP_STATE);
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_IDLE);
	CHECK_EQ(target->own.gpr[GPR_RAX], 5);
}

static void t_stopped_target(void)
{
	setup();
	target->partition->vps_running = 3;
	CHECK_EQ(reg_vp_get(asker, target, X(RAX), &value), AGAIN);
	vp_post(target, VP_EVENT_STOP);
	serve();
	CHECK_EQ(target->own.state, VP_STOPPED);
	CHECK_EQ(reg_vp_get(asker, target, X(RAX), &value),
		 HV_STATUS_INVALID_VP_STATE);
	/* a call after the stop is refused at once and leaves no request */
	CHECK_EQ(reg_vp_get(other, target, X(RAX), &value),
		 HV_STATUS_INVALID_VP_STATE);
	CHECK_EQ(target->shared.events, 0);
	CHECK(target->shared.requests == NULL);
}

/*
 * The target stops after the request and takes no more requests: the asker
 * itself finds that out.
 */
static void t_stop_behind_the_question(void)
{
	setup();
	CHECK_EQ(reg_vp_get(asker, target, X(RAX), &value), AGAIN);
	CHECK_EQ(reg_vp_get(other, target, X(RAX), &value), AGAIN);
	target->own.state = VP_STOPPED;
	CHECK_EQ(reg_vp_get(asker, target, X(RAX), &value),
		 HV_STATUS_INVALID_VP_STATE);
	CHECK_EQ(reg_vp_get(other, target, X(RAX), &value),
		 HV_STATUS_INVALID_VP_STATE);
	CHECK_EQ(asker->shared.request.state, REG_REQUEST_IDLE);
	CHECK_EQ(other->shared.request.state, REG_REQUEST_IDLE);
}

/* An interrupt is prepared and IF becomes 0: the VM entry would fail. */
static void t_prepared_interrupt_waits(void)
{
	setup();
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	target->own.vapic.svr = 0x1ff;
	vp_post_irq(target, 0x51);
	serve();
	CHECK_EQ(target->own.entry_event, VMX_INTR_VALID | 0x51);
	CHECK_EQ(reg_vp_set(asker, target, X(RFLAGS), RFLAGS_FIXED, 0), AGAIN);
	serve();
	CHECK_EQ(reg_vp_set(asker, target, X(RFLAGS), RFLAGS_FIXED, 0), GOOD);
	CHECK_EQ(target->own.entry_event, 0);
	entry_rules_check_guest();
	CHECK_EQ(reg_vp_set(asker, target, X(RFLAGS), RFLAGS_FIXED | RFLAGS_IF,
			    0),
		 AGAIN);
	serve();
	CHECK_EQ(target->own.entry_event, VMX_INTR_VALID | 0x51);
	entry_rules_check_guest();
}

/*
 * In real mode an exception must not have an error code, in protected mode #GP
 * must have one.
 */
static void t_prepared_exception_stays(void)
{
	setup();
	target->own.entry_event =
		(u32)(VMX_INTR_VALID | VMX_INTR_ERROR_VALID |
		      FIELD_PREP(VMX_INTR_TYPE, VMX_INTR_HW_EXCEPTION) | 13);
	port_vmcs_set(VMCS_ENTRY_INTERRUPTION_INFO, target->own.entry_event);
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, 0xc09b);
	CHECK_EQ(reg_vp_set(asker, target, X(CR0), CR0_PE | CR0_ET, 0), AGAIN);
	serve();
	CHECK_EQ(reg_vp_set(asker, target, X(CR0), CR0_PE | CR0_ET, 0), GOOD);
	CHECK_EQ(reg_vp_set(asker, target, X(CR0), CR0_ET, 0), AGAIN);
	serve();
	CHECK_EQ(reg_vp_set(asker, target, X(CR0), CR0_ET, 0),
		 HV_STATUS_INVALID_REGISTER_VALUE);
	CHECK(target->own.entry_event != 0);
	entry_rules_check_guest();
}

/*
 * The delivery of INT n was interrupted. If it were delivered now, it would
 * return to the new RIP plus the length of an instruction that is not there.
 */
static void t_prepared_software_interrupt_is_dropped(void)
{
	setup();
	target->own.entry_event =
		(u32)(VMX_INTR_VALID |
		      FIELD_PREP(VMX_INTR_TYPE, VMX_INTR_SW_INTERRUPT) | 0x80);
	port_vmcs_set(VMCS_ENTRY_INTERRUPTION_INFO, target->own.entry_event);
	port_vmcs_set(VMCS_ENTRY_INSTRUCTION_LENGTH, 2);
	CHECK_EQ(reg_vp_set(asker, target, X(RIP), 0x1000, 0), AGAIN);
	serve();
	CHECK_EQ(target->own.entry_event, 0);
	CHECK_EQ(port_vmcs_get(VMCS_ENTRY_INTERRUPTION_INFO), 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0x1000);
	port_vmcs_set(VMCS_GUEST_RIP, 0x100000); /* the asker's */
	CHECK_EQ(reg_vp_set(asker, target, X(RIP), 0x1000, 0), GOOD);
}

/*
 * A halted VP stays halted. A VP that waits for SIPI starts at the vector of
 * its SIPI.
 */
static void t_sleeping_targets(void)
{
	setup();
	target->own.state = VP_HALTED;
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 5, 0), AGAIN);
	serve();
	CHECK_EQ(target->own.state, VP_HALTED);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 5, 0), GOOD);
	target->own.state = VP_WAIT_SIPI;
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 6, 0), AGAIN);
	serve();
	CHECK_EQ(target->own.state, VP_WAIT_SIPI);
	CHECK_EQ(reg_vp_set(asker, target, X(RAX), 6, 0), GOOD);
	CHECK_EQ(target->own.gpr[GPR_RAX], 6);
}

static const struct test tests[] = {
	{"get", t_get},
	{"set", t_set},
	{"anywhere", t_anywhere},
	{"another-question", t_another_question},
	{"same-question-of-another-thread", t_same_question_of_another_thread},
	{"two-ask", t_two_ask},
	{"many-ask", t_many_ask},
	{"stopped-target", t_stopped_target},
	{"stop-behind-the-question", t_stop_behind_the_question},
	{"prepared-interrupt-waits", t_prepared_interrupt_waits},
	{"prepared-exception-stays", t_prepared_exception_stays},
	{"prepared-software-interrupt-is-dropped",
	 t_prepared_software_interrupt_is_dropped},
	{"sleeping-targets", t_sleeping_targets},
};

const struct suite suite_reg_request = SUITE("reg_request", tests);
