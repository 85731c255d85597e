/* SPDX-License-Identifier: MIT */
/*
 * Calls that continue: for a partition with `budget_elements = 1`, where a list
 * of 509 ranges executes its VMCALL 509 times. Interrupts come between them,
 * and see in the saved RCX how far the call has got.
 */
#include "call/checked.h"
#include "call/counters.h"
#include "call/registers.h"
#include "experiment/inhibited.h"
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

#define BUDGET_VECTOR 0x55
#define VMCALL_BYTES  0xc1010f
#define TIMER_TICKS   20000 /* between two interrupts */
#define RANGES        FLUSH_RANGES_MAX
#define LOOKS_MIN     4
#define INHIBIT_AT    40 /* elements */
#define LIST_GVA      0x00007c0000000000ull
#define NAMES         100

static u64 ranges[RANGES];

/* The handler writes these, on the VP that makes the call. */
static volatile u32 arrived;
static volatile u32 in_the_middle; /* of them: at a VMCALL that continues */
static volatile u64 last_start;
static u64 invvpids_before; /* of the caller */
static bool is_periodic;

static const struct lethe_test_output *counts_of(u32 n)
{
	/* own blocks: must not overwrite the input of the interrupted call */
	static struct lethe_test_output out[2] __aligned(4096);
	static struct lethe_test_input in[2] __aligned(64);
	u32 self = vp_self()->id == 0 ? 0 : 1;

	in[self].vp_index = smp_vps[n]->index;
	(void)hypercall(LETHE_CALL_TEST_READ, page_gpa(&in[self]),
			page_gpa(&out[self]));
	return &out[self];
}

static void fill_ranges(void)
{
	for (u32 i = 0; i < RANGES; i++) {
		ranges[i] =
			flush_call_range(LIST_GVA + 2ull * i * PAGE_SIZE, 0);
	}
}

static void arm(void)
{
	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, cpu_rdtsc() + TIMER_TICKS);
}

/* The caller has flushed its own elements up to start - 1, in order. */
static void compare_records(const struct lethe_test_output *out, u64 start)
{
	u64 from = last_start;

	tap_equal("INVVPIDs so far", out->invvpid_count - invvpids_before,
		  start);
	if (start - from > LETHE_TEST_RECORDS) {
		from = start - LETHE_TEST_RECORDS;
	}
	for (u64 i = from; i < start; i++) {
		u64 at = (invvpids_before + i) % LETHE_TEST_RECORDS;

		tap_equal("type", out->records[at].type, 0);
		tap_equal("address", out->records[at].gva, ranges[i]);
	}
}

static void arrive(struct trap_frame *frame)
{
	u32 bytes = *(const u32 *)frame->rip & 0xffffff;
	u64 start = FIELD_GET(HV_CONTROL_REP_START, frame->rcx);

	arrived++;
	if (bytes == VMCALL_BYTES && start != 0) {
		in_the_middle++;
		tap_at_least("start index", start, last_start + 1);
		tap_at_most("start index", start, RANGES - 1);
		if (is_periodic) {
			compare_records(counts_of(vp_self()->id), start);
		}
		last_start = start;
	}
	apic_eoi();
	if (is_periodic) {
		arm();
	}
}

static void begin(bool periodic)
{
	fill_ranges();
	arrived = 0;
	in_the_middle = 0;
	last_start = 0;
	is_periodic = periodic;
	trap_set_handler(BUDGET_VECTOR, arrive);
}

static struct flush_call list_of(const struct vpset *vps)
{
	return (struct flush_call){
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		.vps = *vps,
		.ranges = ranges,
		.count = RANGES,
	};
}

/* VP 0 flushes VP 0 and VP 1; its timer fires again and again. */
static void timer(const void *arg)
{
	struct vpset vps = vpset_range(0, 1);
	struct flush_call call = list_of(&vps);
	u8 *page = vp_self()->input;
	u64 exits;
	struct hypercall_result r;
	u64 control;

	(void)arg;
	begin(true);
	control = flush_call_build(&call, page);
	apic_write(APIC_TIMER, APIC_TIMER_DEADLINE | BUDGET_VECTOR);
	cpu_fence();
	invvpids_before = counts_of(0)->invvpid_count;
	exits = counts_of(0)->exits;
	arm();
	r = hypercall_checked(control, page_gpa(page), 0);
	is_periodic = false;
	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, 0);
	hypercall_expect(&r, HV_STATUS_SUCCESS);
	tap_equal("result", r.rax, flush_call_success(&call));
	tap_at_least("in the middle", in_the_middle, LOOKS_MIN);
	tap_at_least("VM exits", counts_of(0)->exits - exits, RANGES);
	compare_records(counts_of(0), RANGES);
}

/* Each range also reaches the other VP, once. */
static void other_vp(const void *arg)
{
	struct vpset vps = vpset_one(1);
	struct flush_call call = list_of(&vps);
	u64 before;

	(void)arg;
	begin(false);
	shared_spin(1); /* it has executed what was pending */
	before = counts_of(1)->invvpid_count;
	invvpids_before = counts_of(0)->invvpid_count;
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
	shared_stop(1, 1);
	tap_equal("INVVPIDs of VP 1", counts_of(1)->invvpid_count - before,
		  RANGES);
	tap_equal("of the caller",
		  counts_of(0)->invvpid_count - invvpids_before, 0);
}

/* With IF = 0 the interrupt waits for the end of the call. */
static void if0(const void *arg)
{
	struct vpset vps = vpset_one(0);
	struct flush_call call = list_of(&vps);
	u64 flags = cpu_flags();

	(void)arg;
	begin(false);
	apic_write(APIC_TIMER, APIC_TIMER_DEADLINE | BUDGET_VECTOR);
	cpu_fence();
	cpu_cli();
	arm();
	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
	tap_equal("arrived", arrived, 0);
	cpu_set_flags(flags);
	spin_until(arrived != 0);
	tap_equal("in the middle", in_the_middle, 0);
}

/* 0x0050 for many names: no step loses the values of an earlier one. */
static void many_registers(const void *arg)
{
	struct hv_vp_registers *header =
		(struct hv_vp_registers *)vp_self()->input;
	u32 *names = (u32 *)(header + 1);
	struct hv_register_value *values =
		(struct hv_register_value *)vp_self()->output;

	(void)arg;
	*header = (struct hv_vp_registers){
		.partition_id = HV_PARTITION_ID_SELF,
		.vp_index = smp_vps[1]->index,
	};
	for (u32 i = 0; i < NAMES; i++) {
		names[i] = HV_REGISTER_INTERCEPT_SUSPEND;
		values[i] = (struct hv_register_value){~0ull, ~0ull};
	}
	registers_inhibit(1);
	tap_equal("result",
		  hypercall(HV_CALL_GET_VP_REGISTERS |
				    FIELD_PREP(HV_CONTROL_REP_COUNT, NAMES),
			    page_gpa(header), page_gpa(values)),
		  FIELD_PREP(HV_RESULT_REPS, NAMES));
	registers_release(1);
	for (u32 i = 0; i < NAMES; i++) {
		tap_equal("low", values[i].low, HV_INTERCEPT_TLB_INHIBIT);
		tap_equal("high", values[i].high, 0);
	}
}

/* Waits until VP 1 has flushed so many elements of VP 2's call. */
static void wait_for_elements(u64 before, u64 count)
{
	wait_until(counts_of(SCENE_TARGET)->invvpid_count - before >= count);
}

/*
 * VP 1 is inhibited while VP 2 is in the middle of its list. VP 2 sleeps with
 * the rep start index of the step that has to wait, and goes on from there.
 */
static void suspended_in_mid_list(const void *arg)
{
	struct scene_caller *c;
	u64 before;
	u64 done;

	(void)arg;
	begin(false);
	scene_begin();
	registers_release(SCENE_TARGET);
	c = scene_callers[SCENE_CALLER];
	ranges[RANGES - 1] = flush_call_range(PAGE_WINDOW, 0);
	c->call.ranges = ranges;
	c->call.count = RANGES;
	scene_swap();
	before = counts_of(SCENE_TARGET)->invvpid_count;
	scene_call(SCENE_CALLER);
	wait_for_elements(before, INHIBIT_AT);
	registers_inhibit(SCENE_TARGET);
	scene_sleeps(SCENE_CALLER);
	(void)scene_flushes();
	done = counts_of(SCENE_TARGET)->invvpid_count - before;
	apic_send(SCENE_CALLER, APIC_ICR_ASSERT | BUDGET_VECTOR);
	shared_wait(shared_ticks(500));
	scene_sleeps(SCENE_CALLER);
	scene_still_sleeps(SCENE_CALLER);
	tap_equal("arrived while suspended", arrived, 0);
	tap_equal("INVVPIDs while suspended",
		  counts_of(SCENE_TARGET)->invvpid_count - before, done);
	registers_release(SCENE_TARGET);
	scene_returns(SCENE_CALLER);
	tap_equal("arrived in the middle", in_the_middle, 1);
	tap_equal("start index there", last_start, done);
	(void)scene_flushes();
	tap_equal("INVVPIDs", counts_of(SCENE_TARGET)->invvpid_count - before,
		  RANGES);
	scene_end();
}

#define CONTINUED "TLFS: Hypercall Continuation"
#define INHIBITED "TLFS: Restrictions on TLB Flushes"
#define NEEDS     (NEED_HV | NEED_TEST_CALL)

/* clang-format off */
static const struct check checks[] = {
	{"timer", CONTINUED, timer, NULL, 2,
	 NEEDS | NEED_DEADLINE | NEED_EPT},
	{"other_vp", CONTINUED, other_vp, NULL, 2, NEEDS | NEED_EPT},
	{"if0", CONTINUED, if0, NULL, 1, NEEDS | NEED_DEADLINE},
	{"many_registers", CONTINUED, many_registers, NULL, 2,
	 NEEDS | NEED_REGISTERS},
	{"suspended_in_mid_list", INHIBITED, suspended_in_mid_list, NULL, 3,
	 NEEDS | NEED_REGISTERS | NEED_EPT},
};
/* clang-format on */

SUITE("budget", 200, checks);
