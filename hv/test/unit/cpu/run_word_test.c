/* SPDX-License-Identifier: MIT */
/* The run word: its fields, entering and leaving guest mode, idling. */
#include "core/cpu/run_word.h"
#include "core/events/post.h"

#include "support/call.h"
#include "support/check.h"

static u64 sequence(const struct cpu *cpu)
{
	return cpu->run / RUN_SEQ_ONE;
}

static void t_word_names_vp_and_partition(void)
{
	struct partition *first = fake_partition(2, 4000);
	struct partition *second = fake_partition(2, 4000);
	struct vp *vp = second->vps[1];
	struct cpu *cpu = vp->cpu;

	run_assign(cpu, vp);
	CHECK(run_enter(cpu, vp));
	CHECK_EQ(FIELD_GET(RUN_VP_INDEX, cpu->run), 4000);
	CHECK_EQ(FIELD_GET(RUN_PARTITION, cpu->run), 1);
	CHECK_EQ(cpu->run & (RUN_GUEST | RUN_IDLE), RUN_GUEST);
	CHECK(run_has(cpu->run, vp));
	CHECK(!run_has(cpu->run, second->vps[0]));
	CHECK(!run_has(cpu->run, first->vps[1]));
	run_leave(cpu);
	CHECK(!run_has(cpu->run, vp));
	run_assign(cpu, first->vps[1]);
	CHECK(run_enter(cpu, first->vps[1]));
	CHECK(run_has(cpu->run, first->vps[1]));
	CHECK(!run_has(cpu->run, vp));
	run_leave(cpu);
	CHECK_EQ(cpu->run & RUN_GUEST, 0);
}

static void t_every_change_is_a_new_word(void)
{
	struct partition *p = fake_partition(1, 1);
	struct cpu *cpu = machine.cpus[0];

	for (u32 i = 0; i < 100; i++) {
		CHECK_EQ(sequence(cpu), 2 * i);
		CHECK(run_enter(cpu, p->vps[0]));
		CHECK_EQ(sequence(cpu), 2 * i + 1);
		run_leave(cpu);
	}
}

/* Gives the VP one kind of work. */
static void set_work(struct vp *vp, u32 kind)
{
	switch (kind) {
	case 0:
		vp->shared.events = VP_EVENT_EPT;
		break;
	case 1:
		vp->partition->flush_full[vp->bank] = vp->bank_bit;
		break;
	case 2:
		vp->partition->flush_nonglobal[vp->bank] = vp->bank_bit;
		break;
	default:
		vp->shared.queue.count = 1;
		break;
	}
}

static void t_enter_refuses_with_work(void)
{
	for (u32 kind = 0; kind < 4; kind++) {
		struct partition *p;
		struct cpu *cpu;

		fake_reset();
		fake_cpus(1);
		p = fake_partition(3, 40);
		cpu = machine.cpus[0];
		cpu->kicked = 1;
		set_work(p->vps[1], kind);
		run_assign(cpu, p->vps[1]);
		CHECK(!run_enter(cpu, p->vps[1]));
		CHECK_EQ(cpu->run & RUN_GUEST, 0);
		/*
		 * the sequence was odd for a moment: a sender that waits sees
		 * the change
		 */
		CHECK_EQ(sequence(cpu), 2);
		CHECK_EQ(cpu->kicked, 0);
		/* work of another VP does not prevent the entry */
		run_assign(cpu, p->vps[0]);
		CHECK(run_enter(cpu, p->vps[0]));
		run_leave(cpu);
		run_assign(cpu, p->vps[2]);
		CHECK(run_enter(cpu, p->vps[2]));
	}
}

/*
 * Another VP of this CPU has an event, for which nobody would kick a CPU in
 * guest mode.
 */
static void t_enter_refuses_with_attention(void)
{
	struct partition *p;
	struct cpu *cpu;

	fake_cpus(1);
	p = fake_partition(2, 1);
	cpu = machine.cpus[0];
	vp_post(p->vps[1], VP_EVENT_NMI);
	CHECK_EQ(fake.kick_count, 0);
	CHECK(!run_enter(cpu, p->vps[0]));
	CHECK_EQ(cpu->run & RUN_GUEST, 0);
	cpu->attention = 0;
	CHECK(run_enter(cpu, p->vps[0]));
}

static void t_enter_clears_kicked(void)
{
	struct partition *p = fake_partition(1, 1);

	p->vps[0]->cpu->kicked = 1;
	CHECK(run_enter(p->vps[0]->cpu, p->vps[0]));
	CHECK_EQ(p->vps[0]->cpu->kicked, 0);
}

static void t_idle_unless_any_vp_has_an_event(void)
{
	struct partition *p;
	struct cpu *cpu;

	fake_cpus(1);
	p = fake_partition(4, 1);
	cpu = machine.cpus[0];
	cpu->run = 10 * RUN_SEQ_ONE | 3;
	cpu->kicked = 1;
	CHECK(run_idle_begin(cpu));
	CHECK_EQ(cpu->kicked, 0);
	CHECK_EQ(cpu->run & (RUN_IDLE | RUN_GUEST), RUN_IDLE);
	CHECK_EQ(sequence(cpu), 10);
	run_idle_end(cpu);
	CHECK_EQ(cpu->run & (RUN_IDLE | RUN_GUEST), 0);
	for (u32 i = 0; i < 4; i++) {
		p->vps[i]->shared.events = VP_EVENT_NMI;
		CHECK(!run_idle_begin(cpu));
		CHECK_EQ(cpu->run & (RUN_IDLE | RUN_GUEST), 0);
		p->vps[i]->shared.events = 0;
	}
	/* flush work waits for the next entry and wakes nobody */
	for (u32 kind = 1; kind < 4; kind++) {
		set_work(p->vps[2], kind);
	}
	CHECK(run_idle_begin(cpu));
}

/* No word from before may be equal to one during or after idling. */
static void t_idle_then_enter(void)
{
	struct partition *p = fake_partition(1, 1);
	struct cpu *cpu = machine.cpus[0];

	CHECK(run_idle_begin(cpu));
	run_idle_end(cpu);
	CHECK(run_enter(cpu, p->vps[0]));
	CHECK_EQ(cpu->run & (RUN_IDLE | RUN_GUEST), RUN_GUEST);
	CHECK_EQ(sequence(cpu), 1);
}

static const struct test tests[] = {
	{"word-names-vp-and-partition", t_word_names_vp_and_partition},
	{"every-change-is-a-new-word", t_every_change_is_a_new_word},
	{"enter-refuses-with-work", t_enter_refuses_with_work},
	{"enter-refuses-with-attention", t_enter_refuses_with_attention},
	{"enter-clears-kicked", t_enter_clears_kicked},
	{"idle-unless-any-vp-has-an-event", t_idle_unless_any_vp_has_an_event},
	{"idle-then-enter", t_idle_then_enter},
};

const struct suite suite_run = SUITE("run", tests);
