/* SPDX-License-Identifier: MIT */
/* What is written into a ring, and where. */
#include "core/trace/record.h"

#include "core/events/post.h"
#include "core/flush/inhibit.h"
#include "core/run/service.h"
#include "support/call.h"
#include "support/check.h"

/* The nth record of a CPU, from its first one on. */
static const struct trace_record *at(u32 cpu, u32 n)
{
	return &machine.cpus[cpu]->trace_ring[n];
}

static u32 written(u32 cpu)
{
	return machine.cpus[cpu]->trace_low / sizeof(struct trace_record);
}

static u16 name_of(const struct vp *vp)
{
	return (u16)vp->run_id;
}

static void t_a_record_has_all_words(void)
{
	struct partition *p = fake_partition(2, 3);
	const struct trace_record *r = at(1, 0);

	fake.tsc = 0x123456789abcdef0;
	record_put(p->vps[1], TRACE_STATE, 0x11223344, 0x5566778899aabbcc,
		   0xddeeff0011223344);
	CHECK_EQ(written(0), 0);
	CHECK_EQ(written(1), 1);
	CHECK_EQ(r->tsc, 0x123456789abcdef0);
	CHECK_EQ(r->event, TRACE_STATE);
	CHECK_EQ(r->flags, 0);
	CHECK_EQ(r->vp, 3);
	CHECK_EQ(r->a0, 0x11223344);
	CHECK_EQ(r->a1, 0x5566778899aabbcc);
	CHECK_EQ(r->a2, 0xddeeff0011223344);
}

static void t_the_ring_wraps_in_itself(void)
{
	struct partition *p = fake_partition(2, 1);
	struct cpu *cpu = machine.cpus[0];

	for (u32 i = 0; i < RECORD_RING_COUNT + 3; i++) {
		record_put(p->vps[0], TRACE_MARK, i, 0, 0);
	}
	CHECK_EQ(written(0), 3);
	CHECK(cpu->trace == &cpu->trace_ring[3]);
	CHECK_EQ(at(0, 2)->a0, RECORD_RING_COUNT + 2);
	CHECK_EQ(at(0, 3)->a0, 3);
	CHECK_EQ(at(1, 0)->event, 0);
}

static void t_without_rings_nothing_is_written(void)
{
	fake_cpus(1);
	machine.cpus[0]->trace = NULL;
	record_here(TRACE_MARK, 1, 2, 3);
	CHECK(machine.cpus[0]->trace == NULL);
}

static void t_an_exit_has_its_reason(void)
{
	struct partition *p = fake_partition(1, 1);
	struct vp *vp = p->vps[0];

	record_exit(vp->cpu, vp, RECORD_EXIT_A0(EXIT_REASON_CPUID), 0x77);
	CHECK_EQ(at(0, 0)->event, TRACE_EXIT);
	CHECK_EQ(at(0, 0)->a0, EXIT_REASON_CPUID << 16 |
				       (STATS_CALLS + EXIT_REASON_CPUID) << 8);
	CHECK_EQ(at(0, 0)->a1, 0x77);
	CHECK_EQ(at(0, 0)->status, TRACE_NOT_YET);
	CHECK_EQ(at(0, 0)->ticks, TRACE_NOT_YET);
	record_refused_exit(vp, EXIT_REASON_ENTRY_FAILURE | 33, 0);
	CHECK_EQ(at(0, 1)->flags, 1);
	CHECK_EQ(at(0, 1)->a0 >> 16, 33);
	/* a reason that no table has counts in the last slot */
	record_refused_exit(vp, 0xffff, 0);
	CHECK_EQ(at(0, 2)->row, STATS_OTHER << 8);
}

/* Makes the call as after a VM exit; the number of its record. */
static u32 make_call(struct vp *vp, struct call *call)
{
	u32 n = written(vp->cpu->number);

	record_vmcall(vp->cpu, vp, call->control);
	call_make(vp, call);
	return n;
}

static void put_block(struct vp *vp, u64 mask)
{
	const u64 block[] = {0, HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES, mask};

	CHECK(port_write_guest(vp->partition, (gpa_t){CALL_GPA}, block,
			       sizeof(block)) == ERR_OK);
}

#define SPACE HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE

/* Other records may follow it: the status still goes to the call's own. */
static void t_a_call_is_completed_in_place(void)
{
	struct partition *p = call_partition(2, 1);
	struct vp *vp = p->vps[0];
	struct call call = {.control = CALL_CODE(SPACE), .input = CALL_GPA};
	const struct trace_record *kick;
	u64 run;
	u32 n;

	put_block(vp, 3);
	record_put(vp, TRACE_MARK, 0, 0, 0); /* the record is not the first */
	fake_enter(p->vps[1]);
	run = p->vps[1]->cpu->run;
	n = make_call(vp, &call);
	CHECK_EQ(call.status, HV_STATUS_SUCCESS);
	CHECK_EQ(written(0), n + 2);
	CHECK_EQ(at(0, n)->event, TRACE_EXIT);
	CHECK_EQ(at(0, n)->vp, name_of(vp));
	CHECK_EQ(at(0, n)->a1, call.control);
	CHECK_EQ(at(0, n)->status, HV_STATUS_SUCCESS);
	CHECK_EQ(at(0, n)->row >> 8, SPACE);
	kick = at(0, n + 1);
	CHECK_EQ(kick->event, TRACE_KICK);
	CHECK_EQ(kick->flags, 0);
	CHECK_EQ(kick->vp, name_of(vp));
	CHECK_EQ(kick->a0, 1);
	CHECK_EQ(kick->a1, run);
	CHECK_EQ(kick->a2, 2);
}

static void t_a_refusal_has_its_status(void)
{
	struct partition *p = call_partition(1, 1);
	struct call unknown = {.control = CALL_CODE(0x77)};
	struct call bad = {.control = CALL_CODE(SPACE) | BIT(63),
			   .input = CALL_GPA};
	u32 n = make_call(p->vps[0], &unknown);

	CHECK_EQ(at(0, n)->status, HV_STATUS_INVALID_HYPERCALL_CODE);
	CHECK_EQ(at(0, n)->row >> 8, STATS_CALLS + EXIT_REASON_VMCALL);
	n = make_call(p->vps[0], &bad);
	CHECK_EQ(at(0, n)->status, HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK_EQ(at(0, n)->row >> 8, SPACE);
}

static void t_control_word_of_a_32bit_caller(void)
{
	struct partition *p = call_partition(1, 1);
	struct call call = {.control = CALL_CODE(0x77) | CALL_COUNT(5),
			    .is_32bit = true};
	u32 n = written(0);

	record_vmcall(p->vps[0]->cpu, p->vps[0], 0x1234);
	call_make(p->vps[0], &call);
	CHECK_EQ(at(0, n)->a1, call.control);
}

static void t_an_event_that_is_posted(void)
{
	struct partition *p = fake_partition(2, 1);

	fake_enter(p->vps[1]);
	vp_post(p->vps[1], VP_EVENT_NMI);
	CHECK_EQ(at(0, 0)->event, TRACE_KICK);
	CHECK_EQ(at(0, 0)->flags, 1);
	CHECK_EQ(at(0, 0)->a0, 1);
	CHECK_EQ(at(0, 0)->a2, VP_EVENT_NMI);
}

static void expect(u32 cpu, u32 n, enum trace_event event, u32 a0)
{
	CHECK_EQ(at(cpu, n)->event, event);
	CHECK_EQ(at(cpu, n)->a0, a0);
}

/* Inhibit, suspend, clear, wake, reissue: one event each, in this order. */
static void t_a_call_that_is_suspended(void)
{
	struct partition *p = call_partition(2, 1);
	struct vp *vp = p->vps[0];
	struct call call = {.control = CALL_CODE(SPACE), .input = CALL_GPA};
	u32 n = written(0);

	inhibit_enter(p->vps[1]);
	inhibit_keep(p->vps[1], p);
	expect(0, n, TRACE_INHIBIT_SET, (u32)p->vps[1]->run_id);
	put_block(vp, 2);
	n = written(0);
	record_vmcall(vp->cpu, vp, call.control);
	vp->own.gpr[GPR_RCX] = call.control;
	vp->own.gpr[GPR_RDX] = call.input;
	CHECK_EQ(hypercall(vp, &(struct hc_caller){true, true, 0}), HC_REPEAT);
	CHECK_EQ(at(0, n)->status, TRACE_NOT_YET);
	expect(0, n + 1, TRACE_SUSPEND, (u32)p->vps[1]->run_id);
	inhibit_clear(p->vps[1]);
	expect(0, n + 2, TRACE_INHIBIT_CLEAR, (u32)p->vps[1]->run_id);
	fake.tsc = vp->own.suspended_at + 700;
	service_vp(vp);
	expect(0, n + 3, TRACE_WAKE, 0);
	CHECK_EQ(at(0, n + 3)->a2, 700);
	expect(0, n + 4, TRACE_STATE, VP_RUNNABLE | VP_SUSPENDED << 8);
	expect(0, n + 5, TRACE_REISSUE, 0);
	CHECK_EQ(written(0), n + 6);
}

static void t_a_drain_says_what_it_took(void)
{
	struct partition *p = fake_partition(2, 1);
	struct vp *vp = p->vps[1];

	__atomic_fetch_or(vp->flush_nonglobal, vp->bank_bit, __ATOMIC_SEQ_CST);
	vp->shared.queue.count = 2;
	vp->shared.queue.ranges[0] = 0x7000;
	vp->shared.queue.ranges[1] = 0x9001;
	flush_drain(vp);
	expect(1, 0, TRACE_DRAINED, 1u << 1 | 2u << 16);
	CHECK_EQ(at(1, 0)->a2, 0x7000);
	flush_drain(vp); /* nothing is queued */
	CHECK_EQ(written(1), 1);
}

static const struct test tests[] = {
	{"has-all-words", t_a_record_has_all_words},
	{"ring-wraps-in-itself", t_the_ring_wraps_in_itself},
	{"without-rings", t_without_rings_nothing_is_written},
	{"exit-has-its-reason", t_an_exit_has_its_reason},
	{"call-is-completed-in-place", t_a_call_is_completed_in_place},
	{"refusal-has-its-status", t_a_refusal_has_its_status},
	{"control-word-of-a-32bit-caller", t_control_word_of_a_32bit_caller},
	{"event-that-is-posted", t_an_event_that_is_posted},
	{"call-that-is-suspended", t_a_call_that_is_suspended},
	{"drain-says-what-it-took", t_a_drain_says_what_it_took},
};

const struct suite suite_trace_record = SUITE("record", tests);
