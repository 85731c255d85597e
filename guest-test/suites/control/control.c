/* SPDX-License-Identifier: MIT */
/*
 * Two partitions: the first, where `control-…` runs, controls the second, where
 * `controlled` runs. They share no memory and signal by inhibits: VP 0 of the
 * second inhibits itself ("ready"); the first inhibits VP 1 of the second and
 * ends that ("go"). By 0x0050 the first sees who is suspended.
 */
#include "call/checked.h"
#include "call/registers.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"

#include "experiment/inhibited.h"
#include "x86/msr.h"

#define SECOND      2 /* its PartitionId */
#define WAKE_VECTOR 0x56
#define HOLD_US     20000 /* longer than suspend-warn */

#define ONE_ELEMENT FIELD_PREP(HV_CONTROL_REP_COUNT, 1)

/* ---- the first partition ---- */

static struct hv_vp_registers header_of(u32 vp)
{
	return (struct hv_vp_registers){.partition_id = SECOND, .vp_index = vp};
}

static u64 get(u32 vp)
{
	struct {
		struct hv_vp_registers header;
		u32 name;
		u32 padding[3];
		struct hv_register_value value;
	} block __aligned(64) = {.header = header_of(vp),
				 .name = HV_REGISTER_INTERCEPT_SUSPEND};

	tap_equal("0x0050",
		  hypercall(HV_CALL_GET_VP_REGISTERS | ONE_ELEMENT,
			    page_gpa(&block), page_gpa(&block.value)),
		  FIELD_PREP(HV_RESULT_REPS, 1));
	return block.value.low;
}

/* Ends the inhibit of this VP. */
static void release(u32 vp)
{
	struct {
		struct hv_vp_registers header;
		struct hv_register_assoc assoc;
	} block __aligned(64) = {
		.header = header_of(vp),
		.assoc = {.name = HV_REGISTER_INTERCEPT_SUSPEND}};

	tap_equal("0x0051",
		  hypercall(HV_CALL_SET_VP_REGISTERS | ONE_ELEMENT,
			    page_gpa(&block), 0),
		  FIELD_PREP(HV_RESULT_REPS, 1));
}

/* The other partition runs the same kernel, so this address is mapped. */
static void inhibit(u32 vp)
{
	struct {
		struct hv_translate input;
		struct hv_translate_output output;
	} block __aligned(64) = {
		.input = {.partition_id = SECOND,
			  .vp_index = vp,
			  .flags = HV_TRANSLATE_READ |
				   HV_TRANSLATE_FLUSH_INHIBIT,
			  .gva_page = page_gpa(smp_vps) >> PAGE_SHIFT},
		.output = {.result = ~0ull}};

	tap_equal("0x0052",
		  hypercall(HV_CALL_TRANSLATE_VIRTUAL_ADDRESS, page_gpa(&block),
			    page_gpa(&block.output)),
		  HV_STATUS_SUCCESS);
	tap_equal("result code",
		  FIELD_GET(HV_TRANSLATE_RESULT_CODE, block.output.result),
		  HV_TRANSLATE_SUCCESS);
	tap_equal("page", block.output.gpa_page, block.input.gva_page);
}

static void wait_for(u32 vp, u64 value)
{
	wait_until(get(vp) == value);
}

/* Waits until VP 2 of the other partition has been suspended for a while. */
static void hold(void)
{
	wait_for(0, HV_INTERCEPT_TLB_INHIBIT);
	inhibit(SCENE_TARGET);
	release(0);
	wait_for(SCENE_CALLER, HV_INTERCEPT_SUSPENDED);
	shared_wait(shared_ticks(HOLD_US));
	tap_equal("VP 2", get(SCENE_CALLER), HV_INTERCEPT_SUSPENDED);
	tap_equal("VP 1", get(SCENE_TARGET), HV_INTERCEPT_TLB_INHIBIT);
}

static void control_clear(const void *arg)
{
	(void)arg;
	hold();
	release(SCENE_TARGET);
	tap_equal("VP 1", get(SCENE_TARGET), 0);
	wait_for(SCENE_CALLER, 0);
}

/* When this run ends, so does the inhibit. */
static void control_stop(const void *arg)
{
	(void)arg;
	hold();
}

static void control_triple(const void *arg)
{
	static const struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) none = {0, 0};

	(void)arg;
	hold();
	serial_puts("# expecting stop triple fault\n");
	__asm__ volatile("lidt %0; ud2" : : "m"(none) : "memory");
	tap_true("still here", false);
}

/* ---- the second partition ---- */

static struct hypercall_result result;
static volatile u32 begun;
static volatile u32 returns;

static void woken(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

/* Stops the timer of this VP: nothing of its own wakes it any more. */
static void no_timer(void)
{
	cpu_cli();
	if (apic_has_deadline()) {
		cpu_wrmsr(MSR_IA32_TSC_DEADLINE, 0);
	}
	apic_write(APIC_INIT, 0);
}

static void sleep_job(void *arg)
{
	(void)arg;
	no_timer();
	for (;;) {
		cpu_hlt();
	}
}

static void call_job(void *arg)
{
	const struct flush_call *call = arg;
	u8 *page = vp_self()->input;
	u64 control = flush_call_build(call, page);

	no_timer();
	begun++;
	result = hypercall_checked(control, page_gpa(page), 0);
	returns++;
	apic_send(0, APIC_ICR_ASSERT | WAKE_VECTOR);
}

/* All VPs sleep, one of them suspended, until the other partition acts. */
static void controlled(const void *arg)
{
	struct vpset target = vpset_one(SCENE_TARGET);
	struct flush_call call = scene_list_call(&target);

	(void)arg;
	watchdog_stop();
	trap_set_handler(WAKE_VECTOR, woken);
	registers_inhibit(0);
	wait_until(!registers_is_inhibited(0));
	tap_true("VP 1 inhibited", registers_is_inhibited(SCENE_TARGET));
	smp_run(SCENE_TARGET, sleep_job, NULL);
	smp_run(SCENE_CALLER, call_job, &call);
	no_timer();
	while (returns == 0) {
		cpu_sti_hlt();
		cpu_cli();
	}
	cpu_sti();
	tap_equal("calls", begun, 1);
	tap_equal("returns", returns, 1);
	hypercall_expect(&result, HV_STATUS_SUCCESS);
	tap_equal("result", result.rax, flush_call_success(&call));
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal("InterceptSuspend", registers_get(n), 0);
	}
}

#define HEADING "TLFS: Restrictions on TLB Flushes"

/* clang-format off */
static const struct check clear_checks[] = {
	{"clear", HEADING, control_clear, NULL, 1, NEED_HV},
};
static const struct check stop_checks[] = {
	{"stop", HEADING, control_stop, NULL, 1, NEED_HV},
};
static const struct check triple_checks[] = {
	{"triple", HEADING, control_triple, NULL, 1, NEED_HV},
};
static const struct check controlled_checks[] = {
	{"controlled", HEADING, controlled, NULL, 3, NEED_HV | NEED_REGISTERS},
};
/* clang-format on */

SUITE("control-clear", 320, clear_checks);
SUITE("control-stop", 330, stop_checks);
SUITE("control-triple", 340, triple_checks);
SUITE("controlled", 350, controlled_checks);
