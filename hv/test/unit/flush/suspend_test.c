/* SPDX-License-Identifier: MIT */
/* A suspended caller: what it keeps, what reaches it, and what wakes it. */
#include "core/apic/interrupts.h"
#include "core/apic/registers.h"
#include "core/events/post.h"
#include "core/flush/suspend.h"

#include <string.h>

#include "core/flush/inhibit.h"
#include "core/run/service.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "x86/apic.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define VECTOR   0x51
#define NMI_INFO 0x80000202u
#define IRQ_INFO (0x80000000u | VECTOR)
#define TARGET   1
#define CALLER   2
#define START    2 /* rep start index and count of the call */
#define COUNT    5

static struct partition *p;
static struct vp *caller;
static struct vp *target;

static const struct hc_caller mode = {.is_64bit = true, .is_protected = true};

static void setup(void)
{
	struct vapic_ipi ipi;

	fake_vmcs_reset();
	fake_cpus(4);
	p = call_partition(3, 1);
	caller = p->vps[CALLER];
	target = p->vps[TARGET];
	vapic_reset(&caller->own.vapic, CALLER, false);
	CHECK_EQ(vapic_write(&caller->own.vapic, MSR_IA32_X2APIC_SIVR, 0x1ff, 0,
			     &ipi),
		 VAPIC_OK);
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_NE);
	inhibit_enter(target);
	inhibit_keep(target, p);
}

/* A list call for VP 1 whose first START elements were done before. */
static void load_call(void)
{
	static const u64 block[3 + COUNT] = {
		0, 0, BIT(TARGET), 0x1000, 0x2000, 0x3000, 0x4000, 0x5000,
	};

	call_put(p, CALL_GPA, block, ARRAY_SIZE(block));
	for (u32 i = 0; i < GPR_COUNT; i++) {
		caller->own.gpr[i] = 0xa5a5000000000000 + i;
	}
	caller->own.gpr[GPR_RCX] =
		CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST) |
		CALL_COUNT(COUNT) | CALL_START(START);
	caller->own.gpr[GPR_RDX] = CALL_GPA;
}

static void suspend(void)
{
	load_call();
	CHECK_EQ(hypercall(caller, &mode), HC_REPEAT);
	CHECK_EQ(caller->own.state, VP_SUSPENDED);
}

static void check_forgotten(void)
{
	CHECK(caller->own.waits_for == NULL);
	CHECK_EQ(p->suspended.words[caller->bank], 0);
}

/* The call is made once more, with the registers it was made with. */
static void t_keeps_its_registers(void)
{
	u64 before[GPR_COUNT];

	setup();
	load_call();
	memcpy(before, caller->own.gpr, sizeof(before));
	CHECK_EQ(hypercall(caller, &mode), HC_REPEAT);
	CHECK_EQ(memcmp(before, caller->own.gpr, sizeof(before)), 0);
	CHECK_EQ(caller->cpu->flush_seq & 1, 0);
	CHECK(caller->own.waits_for == target);
	CHECK(caller->own.due);
	CHECK_EQ(p->suspended.words[caller->bank], caller->bank_bit);
	CHECK(!call_has_work(target));
	inhibit_clear(target);
	service_vp(caller);
	CHECK_EQ(caller->own.state, VP_RUNNABLE);
	check_forgotten();
	CHECK_EQ(memcmp(before, caller->own.gpr, sizeof(before)), 0);
	CHECK_EQ(hypercall(caller, &mode), HC_DONE);
	CHECK_EQ(caller->own.gpr[GPR_RAX], FIELD_PREP(HV_RESULT_REPS, COUNT));
	CHECK_EQ(target->shared.queue.count, COUNT - START);
	CHECK_EQ(target->shared.queue.ranges[0], 0x3000);
}

/*
 * The inhibit may end after it was found and before the caller is marked as
 * suspended.
 */
static void t_looks_again_behind_the_bit(void)
{
	setup();
	inhibit_clear(target);
	caller->own.waits_for = target;
	suspend_begin(caller);
	CHECK_EQ(caller->own.state, VP_RUNNABLE);
	check_forgotten();
	/* a translation in progress is an inhibit, too */
	inhibit_enter(target);
	caller->own.waits_for = target;
	suspend_begin(caller);
	CHECK_EQ(caller->own.state, VP_SUSPENDED);
}

static void t_nothing_but_wake_ends_it(void)
{
	setup();
	suspend();
	for (u32 i = 0; i < 3; i++) {
		service_vp(caller);
		CHECK_EQ(caller->own.state, VP_SUSPENDED);
		CHECK(caller->own.due);
	}
	vp_post_sipi(caller, 0x12);
	vp_post(caller, VP_EVENT_EPT);
	*caller->flush_full |= caller->bank_bit;
	service_vp(caller);
	CHECK_EQ(caller->own.state, VP_SUSPENDED);
	CHECK_EQ(p->suspended.words[caller->bank], caller->bank_bit);
	/* work that others wait for is done while it is suspended */
	CHECK_EQ(fake.invept_count, 1);
	CHECK_STR(call_invvpids(), "1");
	vp_post(caller, VP_EVENT_WAKE);
	service_vp(caller);
	CHECK_EQ(caller->own.state, VP_RUNNABLE);
	check_forgotten();
}

static void post_irq(void)
{
	vp_post_irq(caller, VECTOR);
}

static void post_nmi(void)
{
	vp_post(caller, VP_EVENT_NMI);
}

static void start_timer(void)
{
	struct vapic_ipi ipi;

	CHECK_EQ(vapic_write(&caller->own.vapic, MSR_IA32_X2APIC_LVT_TIMER,
			     VECTOR, fake.tsc, &ipi),
		 VAPIC_OK);
	CHECK_EQ(vapic_write(&caller->own.vapic, MSR_IA32_X2APIC_INIT_COUNT, 1,
			     fake.tsc, &ipi),
		 VAPIC_OK);
	fake.tsc += FAKE_TSC_HZ / 100;
}

/* Events wait with the VP, and are taken before the call is made again. */
static void t_events_wait_for_the_wake(void)
{
	static const struct {
		void (*cause)(void);
		u32 info;
	} rows[] = {
		{post_irq, IRQ_INFO},
		{post_nmi, NMI_INFO},
		{start_timer, IRQ_INFO},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_reset();
		setup();
		suspend();
		rows[i].cause();
		for (u32 looks = 0; looks < 2; looks++) {
			service_vp(caller);
			CHECK_EQ(caller->own.state, VP_SUSPENDED);
			CHECK_EQ(caller->own.entry_event, 0);
		}
		inhibit_clear(target);
		service_vp(caller);
		CHECK_EQ(caller->own.state, VP_RUNNABLE);
		CHECK_EQ(caller->own.entry_event, rows[i].info);
	}
}

/* After INIT the call was never made, and there is nobody to wake. */
static void t_init_ends_it(void)
{
	setup();
	suspend();
	vp_post(caller, VP_EVENT_INIT);
	service_vp(caller);
	CHECK_EQ(caller->own.state, VP_WAIT_SIPI);
	check_forgotten();
	CHECK(inhibit_is_set(target));
	inhibit_clear(target);
	CHECK_EQ(caller->shared.events, 0);
	/* a WAKE that was on its way does nothing */
	vp_post(caller, VP_EVENT_WAKE);
	service_vp(caller);
	CHECK_EQ(caller->own.state, VP_WAIT_SIPI);
}

static void t_stop_ends_it(void)
{
	setup();
	suspend();
	vp_post(caller, VP_EVENT_STOP);
	service_vp(caller);
	CHECK_EQ(caller->own.state, VP_STOPPED);
	check_forgotten();
}

static void t_wake_is_for_the_suspended(void)
{
	setup();
	service_halt(caller);
	vp_post(caller, VP_EVENT_WAKE);
	service_vp(caller);
	CHECK_EQ(caller->own.state, VP_HALTED);
}

static const struct test tests[] = {
	{"keeps-its-registers", t_keeps_its_registers},
	{"looks-again-behind-the-bit", t_looks_again_behind_the_bit},
	{"nothing-but-wake-ends-it", t_nothing_but_wake_ends_it},
	{"events-wait-for-the-wake", t_events_wait_for_the_wake},
	{"init-ends-it", t_init_ends_it},
	{"stop-ends-it", t_stop_ends_it},
	{"wake-is-for-the-suspended", t_wake_is_for_the_suspended},
};

const struct suite suite_suspend = SUITE("suspend", tests);
