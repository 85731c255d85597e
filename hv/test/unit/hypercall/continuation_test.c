/* SPDX-License-Identifier: MIT */
/* Continued calls: how many steps, the rep start index, what each step did. */

#include <string.h>

#include "core/events/post.h"
#include "core/flush/inhibit.h"
#include "core/flush/target.h"
#include "core/run/service.h"
#include "support/call.h"
#include "support/check.h"
#include "tlfs/register.h"

#define LIST    CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST)
#define GET     CALL_CODE(HV_CALL_GET_VP_REGISTERS)
#define OUT_GPA 0x9000
#define RANGES  509 /* a whole page */
#define DIRTY   0xbad0bad000000000ull
#define BUDGET  (FAKE_TSC_HZ / 20000)

static struct partition *p;
static u64 registers[GPR_COUNT]; /* as they were before the call */
static bool is_32bit;

static u64 gva_of(u32 element)
{
	return (u64)(element + 1) << 16;
}

/* 0x0003 for VPs 0 and 1; each range is one page. */
static void put_list(void)
{
	u64 words[3 + RANGES] = {0, 0, 3};

	for (u32 i = 0; i < RANGES; i++) {
		words[3 + i] = gva_of(i);
	}
	call_put(p, CALL_GPA, words, ARRAY_SIZE(words));
}

static void setup(u32 budget)
{
	fake_reset();
	machine.tsc_hz = FAKE_TSC_HZ;
	p = call_partition(4, 1);
	fake_config(p)->budget_elements = budget;
	put_list();
}

static void put_pair(u64 *gpr, enum vp_gpr high, enum vp_gpr low, u64 value)
{
	gpr[high] = DIRTY | value >> 32;
	gpr[low] = DIRTY | (u32)value;
}

static void load(struct vp *vp, u64 control, u64 output)
{
	u64 *gpr = vp->own.gpr;

	for (u32 i = 0; i < GPR_COUNT; i++) {
		gpr[i] = DIRTY + i;
	}
	if (is_32bit) {
		put_pair(gpr, GPR_RDX, GPR_RAX, control);
		put_pair(gpr, GPR_RBX, GPR_RCX, CALL_GPA);
		put_pair(gpr, GPR_RDI, GPR_RSI, output);
	} else {
		gpr[GPR_RCX] = control;
		gpr[GPR_RDX] = CALL_GPA;
		gpr[GPR_R8] = output;
	}
	memcpy(registers, gpr, sizeof(registers));
}

static enum hc_outcome vmcall(struct vp *vp)
{
	const struct hc_caller caller = {.is_64bit = !is_32bit,
					 .is_protected = true};

	fake.cpu_number = vp->cpu->number;
	return hypercall(vp, &caller);
}

/* Checks that only the rep start index has changed, to `start`. */
static void check_start(const struct vp *vp, u32 start)
{
	enum vp_gpr reg = is_32bit ? GPR_RDX : GPR_RCX;
	u64 mask = HV_CONTROL_REP_START >> (is_32bit ? 32 : 0);
	u64 bits = CALL_START(start) >> (is_32bit ? 32 : 0);

	for (u32 i = 0; i < GPR_COUNT; i++) {
		u64 want = registers[i];

		if (i == reg) {
			want = (want & ~mask) | bits;
		}
		CHECK_EQ(vp->own.gpr[i], want);
	}
}

static u64 result_of(const struct vp *vp)
{
	return is_32bit ? vp->own.gpr[GPR_RDX] << 32 | (u32)vp->own.gpr[GPR_RAX]
			: vp->own.gpr[GPR_RAX];
}

static u64 success(u32 reps)
{
	return FIELD_PREP(HV_RESULT_REPS, reps);
}

/* Checks that elements from … to - 1, no others, reached caller and VP 1. */
static void check_step(u32 from, u32 to)
{
	struct vp *target = p->vps[1];
	u32 count = to - from;

	if (count > FLUSH_QUEUE_MAX) {
		CHECK_STR(call_invvpids(), "1");
		CHECK_EQ(target->shared.queue.count, 0);
		CHECK_EQ(p->flush_full[0], target->bank_bit);
	} else {
		CHECK_EQ(fake.invvpid_count, count);
		CHECK_EQ(target->shared.queue.count, count);
		CHECK_EQ(p->flush_full[0], 0);
		for (u32 i = 0; i < count; i++) {
			CHECK_EQ(fake.invvpids[i].gva, gva_of(from + i));
			CHECK_EQ(target->shared.queue.ranges[i],
				 gva_of(from + i));
		}
	}
	flush_drain(target);
	fake.invvpid_count = 0;
}

/* Elements first … 508, `budget` in each execution of the VMCALL. */
static void whole_list(u32 budget, u32 first)
{
	struct vp *vp = p->vps[0];
	u32 start = first;
	u32 executions = 1;

	load(vp, LIST | CALL_COUNT(RANGES) | CALL_START(first), 0);
	vp->own.due = false;
	while (vmcall(vp) == HC_REPEAT) {
		check_step(start, start + budget);
		start += budget;
		CHECK(start < RANGES);
		check_start(vp, start);
		CHECK_EQ(vp->own.state, VP_RUNNABLE);
		CHECK(vp->own.due);
		vp->own.due = false;
		executions++;
	}
	check_step(start, RANGES);
	CHECK_EQ(executions, (RANGES - first + budget - 1) / budget);
	CHECK_EQ(result_of(vp), success(RANGES));
	CHECK(!vp->own.due);
}

static void t_one_element_each(void)
{
	for (u32 i = 0; i < 2; i++) {
		is_32bit = i != 0;
		setup(1);
		whole_list(1, 0);
		whole_list(1, 1);
		whole_list(1, 508);
	}
	is_32bit = false;
}

static void t_other_budgets(void)
{
	static const u32 budgets[] = {2, 15, 16, 17, 20, 254, 508};

	for (u32 i = 0; i < ARRAY_SIZE(budgets); i++) {
		setup(budgets[i]);
		whole_list(budgets[i], 0);
		whole_list(budgets[i], 7);
		whole_list(budgets[i], 500);
	}
}

/* A call that stays below its budget is executed once, and reads no time. */
static void t_one_step_costs_nothing(void)
{
	static const u32 budgets[] = {0, 509, 4095};
	u64 control = LIST | CALL_COUNT(RANGES);

	for (u32 i = 0; i < ARRAY_SIZE(budgets); i++) {
		setup(budgets[i]);
		fake.tsc_step = BUDGET;
		load(p->vps[0], control, 0);
		CHECK_EQ(vmcall(p->vps[0]), HC_DONE);
		check_step(0, RANGES);
		load(p->vps[0], LIST | CALL_COUNT(16), 0);
		CHECK_EQ(vmcall(p->vps[0]), HC_DONE);
		check_step(0, 16);
		CHECK_EQ(fake.tsc, 0);
	}
}

/* ---- by time ---- */

#define NAMES 100

/* 0x0050: the same register a hundred times, of VP 2, which is inhibited */
static void put_names(u32 wrong)
{
	struct hv_vp_registers *header = fake_ram(p, CALL_GPA);
	u32 *names = (u32 *)(header + 1);

	*header = (struct hv_vp_registers){.partition_id = HV_PARTITION_ID_SELF,
					   .vp_index = 2};
	for (u32 i = 0; i < NAMES; i++) {
		names[i] = i == wrong ? 0x7777 : HV_REGISTER_INTERCEPT_SUSPEND;
	}
	inhibit_enter(p->vps[2]);
	inhibit_keep(p->vps[2], p);
	memset(fake_ram(p, OUT_GPA), 0xcc, PAGE_SIZE);
}

static void check_values(u32 count)
{
	const struct hv_register_value *values = fake_ram(p, OUT_GPA);

	for (u32 i = 0; i < count; i++) {
		CHECK_EQ(values[i].low, HV_INTERCEPT_TLB_INHIBIT);
		CHECK_EQ(values[i].high, 0);
	}
	CHECK_EQ(values[count].low, 0xcccccccccccccccc);
}

/* Returns how often the call is executed if port_tsc() adds `step`. */
static u32 executions_at(u64 tsc_hz, u64 step)
{
	struct vp *vp = p->vps[0];
	u32 executions = 1;

	machine.tsc_hz = tsc_hz;
	put_names(NAMES);
	fake.tsc_step = step;
	load(vp, GET | CALL_COUNT(NAMES), OUT_GPA);
	while (vmcall(vp) == HC_REPEAT) {
		u32 start = (u32)FIELD_GET(HV_CONTROL_REP_START,
					   vp->own.gpr[GPR_RCX]);

		check_start(vp, start);
		check_values(start);
		executions++;
		CHECK(executions <= NAMES);
	}
	CHECK_EQ(result_of(vp), success(NAMES));
	check_values(NAMES);
	return executions;
}

static void t_by_time(void)
{
	setup(0);
	CHECK_EQ(executions_at(FAKE_TSC_HZ, 0), 1);
	/* 16 elements between two readings: six steps, and the last has 4 */
	CHECK_EQ(executions_at(FAKE_TSC_HZ, BUDGET), 7);
	CHECK_EQ(executions_at(FAKE_TSC_HZ, BUDGET - 1), 4);
	CHECK_EQ(executions_at(FAKE_TSC_HZ, BUDGET / 6 + 1), 2);
	CHECK_EQ(executions_at(FAKE_TSC_HZ, BUDGET / 6), 1);
	/* 20,000 ticks at least */
	CHECK_EQ(executions_at(1000000, 20000), 7);
	CHECK_EQ(executions_at(1000000, 19999), 4);
}

static void t_neighbours_by_elements(void)
{
	setup(1);
	CHECK_EQ(executions_at(FAKE_TSC_HZ, 0), 100);
	fake_config(p)->budget_elements = 33;
	CHECK_EQ(executions_at(FAKE_TSC_HZ, 0), 4);
}

/* An error counts the elements of all executions. */
static void t_error_in_a_later_step(void)
{
	static const u32 budgets[] = {0, 1, 10};

	for (u32 i = 0; i < ARRAY_SIZE(budgets); i++) {
		setup(budgets[i]);
		put_names(40);
		load(p->vps[0], GET | CALL_COUNT(NAMES), OUT_GPA);
		for (u32 n = 0; vmcall(p->vps[0]) == HC_REPEAT; n++) {
			CHECK(n < NAMES);
		}
		CHECK_EQ(result_of(p->vps[0]),
			 success(40) | HV_STATUS_INVALID_PARAMETER);
		check_values(40);
	}
}

/* The caller sets its own RCX: the call must not read it in between. */
static void t_sets_are_not_continued(void)
{
	static const u32 budgets[] = {0, 1};
	const u64 set = CALL_CODE(HV_CALL_SET_VP_REGISTERS) | CALL_COUNT(20);

	for (u32 i = 0; i < ARRAY_SIZE(budgets); i++) {
		struct hv_vp_registers *header;
		struct hv_register_assoc *element;

		setup(budgets[i]);
		header = fake_ram(p, CALL_GPA);
		*header = (struct hv_vp_registers){
			.partition_id = HV_PARTITION_ID_SELF,
			.vp_index = 0, /* itself */
		};
		element = (struct hv_register_assoc *)(header + 1);
		for (u32 n = 0; n < 20; n++) {
			element[n] = (struct hv_register_assoc){
				.name = HV_X64_REGISTER_RAX + 1, /* RCX */
				.value.low = n,
			};
		}
		fake.tsc_step = BUDGET;
		load(p->vps[0], set, OUT_GPA);
		CHECK_EQ(vmcall(p->vps[0]), HC_DONE);
		CHECK_EQ(result_of(p->vps[0]), success(20));
		CHECK_EQ(p->vps[0]->own.gpr[GPR_RCX], 19);
	}
}

/* ---- an inhibit between two steps ---- */

/* Checks that the call is suspended at `start`, flushed nothing; wakes it. */
static void sleep_and_wake(struct vp *vp, u32 start)
{
	struct vp *target = p->vps[1];

	inhibit_enter(target);
	inhibit_keep(target, p);
	for (u32 i = 0; i < 2; i++) {
		/* woken while the inhibit is still set, it sleeps again */
		CHECK_EQ(vmcall(vp), HC_REPEAT);
		check_start(vp, start);
		CHECK_EQ(vp->own.state, VP_SUSPENDED);
		CHECK(vp->own.waits_for == target);
		CHECK_EQ(p->suspended.words[0], vp->bank_bit);
		CHECK(!call_has_work(target));
		CHECK_EQ(fake.invvpid_count, 0);
		if (i == 0) {
			vp_post(vp, VP_EVENT_WAKE);
		} else {
			inhibit_clear(target);
		}
		service_vp(vp);
		CHECK_EQ(vp->own.state, VP_RUNNABLE);
		CHECK_EQ(p->suspended.words[0], 0);
	}
}

/* Asleep before each step: every element is done once, RIP moves once. */
static void t_suspended_between_steps(void)
{
	static const u32 budgets[] = {1, 10, 200};

	for (u32 i = 0; i < 2 * ARRAY_SIZE(budgets); i++) {
		u32 budget = budgets[i / 2];
		u32 start = 0;
		struct vp *vp;

		is_32bit = (i & 1) != 0;
		setup(budget);
		vp = p->vps[0];
		load(vp, LIST | CALL_COUNT(RANGES), 0);
		sleep_and_wake(vp, 0);
		while (vmcall(vp) == HC_REPEAT) {
			check_step(start, start + budget);
			start += budget;
			sleep_and_wake(vp, start);
		}
		check_step(start, RANGES);
		CHECK_EQ(result_of(vp), success(RANGES));
	}
	is_32bit = false;
}

static const struct test tests[] = {
	{"one-element-each", t_one_element_each},
	{"other-budgets", t_other_budgets},
	{"one-step-costs-nothing", t_one_step_costs_nothing},
	{"by-time", t_by_time},
	{"neighbours-by-elements", t_neighbours_by_elements},
	{"sets-are-not-continued", t_sets_are_not_continued},
	{"error-in-a-later-step", t_error_in_a_later_step},
	{"suspended-between-steps", t_suspended_between_steps},
};

const struct suite suite_hc_continuation = SUITE("hc_continuation", tests);
