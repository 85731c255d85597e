/* SPDX-License-Identifier: MIT */
/*
 * What reaches a suspended VP. Interrupts and NMIs wait until it resumes, and
 * come before it makes the call again. INIT acts at once. Flushes of it are
 * executed as always.
 */
#include "call/checked.h"
#include "call/counters.h"
#include "call/registers.h"
#include "experiment/inhibited.h"
#include "experiment/reader.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/trap.h"

#include "x86/msr.h"

#define EVENT_VECTOR 0x53
#define TIMER_VECTOR 0x54
#define VMCALL_BYTES 0xc1010f
#define SETTLE_US    500
#define TIMER_US     1000

/* The handlers on the suspended VP write these. */
static volatile u32 arrived;
static volatile u32 arrived_late; /* of them: the call had already returned */
static volatile u32 instruction;  /* at the interrupted RIP, 3 bytes */
static volatile u64 drained;      /* flushes of VP 1 so far */

static u64 drains_of_target(void)
{
	/* own block: must not overwrite the input of the interrupted call */
	static struct lethe_test_output out __aligned(4096);
	static struct lethe_test_input in __aligned(64);

	in.vp_index = smp_vps[SCENE_TARGET]->index;
	(void)hypercall(LETHE_CALL_TEST_READ, page_gpa(&in), page_gpa(&out));
	return out.flushes_done;
}

static void note(const struct trap_frame *frame)
{
	instruction = *(const u32 *)frame->rip & 0xffffff;
	drained = drains_of_target();
	arrived_late += scene_callers[SCENE_CALLER]->returns;
	arrived++;
}

static void irq_arrived(struct trap_frame *frame)
{
	note(frame);
	apic_eoi();
}

static void nmi_arrived(struct trap_frame *frame)
{
	note(frame);
}

static void send_irq(void)
{
	apic_send(SCENE_CALLER, APIC_ICR_ASSERT | EVENT_VECTOR);
}

/* The same by a fast HvCallSendSyntheticClusterIpi. */
static void send_call(void)
{
	u64 status =
		hypercall(HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI | HV_CONTROL_FAST,
			  EVENT_VECTOR, BIT(smp_vps[SCENE_CALLER]->index));

	tap_equal("0x000b", status, HV_STATUS_SUCCESS);
}

static void send_nmi(void)
{
	apic_send(SCENE_CALLER, APIC_ICR_NMI | APIC_ICR_ASSERT);
}

static void event_begin(void)
{
	arrived = 0;
	arrived_late = 0;
	trap_set_handler(EVENT_VECTOR, irq_arrived);
	trap_set_handler(TIMER_VECTOR, irq_arrived);
	trap_set_handler(TRAP_NMI, nmi_arrived);
	scene_begin();
	scene_swap();
}

/* The event waits while the VP sleeps, and comes at the VMCALL, before it. */
static void event_before_reissue(const void *arg)
{
	void (*send)(void) = *(void (*const *)(void))arg;
	u64 before;

	event_begin();
	before = drains_of_target();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	send();
	shared_wait(shared_ticks(SETTLE_US));
	scene_sleeps(SCENE_CALLER);
	scene_still_sleeps(SCENE_CALLER);
	tap_equal("arrived while suspended", arrived, 0);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	tap_equal("arrived", arrived, 1);
	tap_equal("arrived after the call", arrived_late, 0);
	tap_equal("arrived at the VMCALL", instruction, VMCALL_BYTES);
	tap_equal("flushes until then", drained - before, 0);
	tap_equal("flushes", scene_flushes(), 1);
	scene_end();
	trap_set_handler(TRAP_NMI, NULL);
}

/* With IF = 0 it waits for the end of the call, and for STI. */
static void irq_if0(const void *arg)
{
	(void)arg;
	event_begin();
	scene_callers[SCENE_CALLER]->if0 = true;
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	send_irq();
	shared_wait(shared_ticks(SETTLE_US));
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	tap_equal("arrived", arrived, 1);
	tap_equal("arrived after the call", arrived_late, 1);
	tap_equal("flushes", scene_flushes(), 1);
	scene_end();
	trap_set_handler(TRAP_NMI, NULL);
}

static void timed_job(void *arg)
{
	struct scene_caller *c = arg;
	u8 *page = vp_self()->input;
	u64 control = flush_call_build(&c->call, page);

	apic_write(APIC_TIMER, APIC_TIMER_DEADLINE | TIMER_VECTOR);
	cpu_fence();
	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, cpu_rdtsc() + shared_ticks(TIMER_US));
	c->begun++;
	c->result = hypercall_checked(control, page_gpa(page), 0);
	cpu_fence();
	c->returns++;
}

/* Its own timer fires while it is suspended. */
static void timer_before_reissue(const void *arg)
{
	(void)arg;
	event_begin();
	smp_run(SCENE_CALLER, timed_job, scene_callers[SCENE_CALLER]);
	scene_sleeps(SCENE_CALLER);
	shared_wait(2 * shared_ticks(TIMER_US));
	tap_true("suspended", registers_is_suspended(SCENE_CALLER));
	tap_equal("arrived while suspended", arrived, 0);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	tap_equal("arrived", arrived, 1);
	tap_equal("arrived at the VMCALL", instruction, VMCALL_BYTES);
	tap_equal("flushes", scene_flushes(), 1);
	scene_end();
	trap_set_handler(TRAP_NMI, NULL);
}

/* Brings the VP from wait-for-SIPI back to the mailbox, without a job. */
static void restart(u32 n, u32 starts)
{
	smp_vps[n]->job = NULL;
	cpu_fence();
	smp_send_sipi(n);
	wait_until(smp_vps[n]->starts != starts);
}

static void nothing_job(void *arg)
{
	(void)arg;
}

/* INIT ends the suspension; the call is never made. */
static void init_of_caller(const void *arg)
{
	u32 starts = smp_vps[SCENE_CALLER]->starts;

	(void)arg;
	scene_begin();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	smp_send_init(SCENE_CALLER);
	wait_until(!registers_is_suspended(SCENE_CALLER));
	shared_wait(shared_ticks(SETTLE_US));
	tap_true("VP 1 inhibited", registers_is_inhibited(SCENE_TARGET));
	registers_release(SCENE_TARGET);
	shared_wait(shared_ticks(SETTLE_US));
	tap_equal("starts", smp_vps[SCENE_CALLER]->starts, starts);
	restart(SCENE_CALLER, starts);
	smp_run(SCENE_CALLER, nothing_job, NULL);
	smp_wait(SCENE_CALLER);
	tap_equal("returns", scene_callers[SCENE_CALLER]->returns, 0);
	tap_equal("flushes", scene_flushes(), 0);
	scene_end();
}

/* INIT of the inhibited VP does not end the inhibit. */
static void init_of_target(const void *arg)
{
	u32 starts = smp_vps[SCENE_TARGET]->starts;

	(void)arg;
	scene_begin();
	scene_swap();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	smp_send_init(SCENE_TARGET);
	shared_wait(shared_ticks(SETTLE_US));
	tap_true("VP 1 inhibited", registers_is_inhibited(SCENE_TARGET));
	scene_still_sleeps(SCENE_CALLER);
	restart(SCENE_TARGET, starts);
	tap_true("VP 1 inhibited", registers_is_inhibited(SCENE_TARGET));
	scene_still_sleeps(SCENE_CALLER);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	smp_run(SCENE_TARGET, reader_run, NULL);
	scene_end();
}

/* A flush of a suspended VP waits for nothing, and kicks nothing. */
static void caller_is_target(const void *arg)
{
	struct vpset caller = vpset_one(SCENE_CALLER);
	struct flush_call call = scene_list_call(&caller);
	struct lethe_test_output *out =
		(struct lethe_test_output *)vp_self()->output;
	u64 before;
	u64 kicks;

	(void)arg;
	scene_begin();
	scene_swap();
	scene_call(SCENE_CALLER);
	scene_sleeps(SCENE_CALLER);
	test_call_read(SCENE_CALLER, out);
	before = out->flushes_done;
	kicks = test_call_kicks();
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
	tap_equal("kicks", test_call_kicks() - kicks, 0);
	scene_still_sleeps(SCENE_CALLER);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	test_call_read(SCENE_CALLER, out);
	tap_equal("flushes of the caller", out->flushes_done - before, 1);
	tap_equal("flushes of VP 1", scene_flushes(), 1);
	scene_end();
}

#define HEADING "TLFS: Restrictions on TLB Flushes"
#define NEEDS   (NEED_HV | NEED_REGISTERS | NEED_TEST_CALL)

static void (*const irq_sender)(void) = send_irq;
static void (*const call_sender)(void) = send_call;
static void (*const nmi_sender)(void) = send_nmi;

/* clang-format off */
static const struct check checks[] = {
	{"interrupt", HEADING, event_before_reissue, &irq_sender, 3, NEEDS},
	{"interrupt_call", HEADING, event_before_reissue, &call_sender, 3,
	 NEEDS | NEED_IPI},
	{"nmi", HEADING, event_before_reissue, &nmi_sender, 3, NEEDS},
	{"interrupt_if0", HEADING, irq_if0, NULL, 3, NEEDS},
	{"timer", HEADING, timer_before_reissue, NULL, 3,
	 NEEDS | NEED_DEADLINE},
	{"init_of_caller", HEADING, init_of_caller, NULL, 3, NEEDS},
	{"init_of_target", HEADING, init_of_target, NULL, 3, NEEDS},
	{"caller_is_target", HEADING, caller_is_target, NULL, 3, NEEDS},
};
/* clang-format on */

SUITE("inhibit", 180, checks);
