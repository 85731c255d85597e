/* SPDX-License-Identifier: MIT */
/*
 * The caller's side of a flush: which CPUs it kicks, when, and for what it
 * waits.
 */
#include "core/flush/caller.h"

#include "core/cpu/run_word.h"
#include "support/call.h"
#include "support/check.h"

static const u64 one_range[] = {0x5000};

static void perform(struct vp *self, const u64 set[HV_VP_SET_BANKS],
		    enum flush_kind kind)
{
	struct flush_request request = {
		.kind = kind,
		.range_count = kind == FLUSH_RANGES ? 1 : 0,
		.ranges = kind == FLUSH_RANGES ? one_range : NULL,
	};

	(void)call_flush(self, &request, set);
}

/* VPs `first` to `last` of the partition. */
static void flush_vps(struct vp *self, u32 first, u32 last,
		      enum flush_kind kind)
{
	u64 set[HV_VP_SET_BANKS] = {0};

	for (u32 i = first; i <= last; i++) {
		const struct vp *vp = self->partition->vps[i];

		set[vp->bank] |= vp->bank_bit;
	}
	perform(self, set, kind);
}

static void on_kick_fail(struct cpu *cpu)
{
	(void)cpu;
	CHECK(false);
}

static void t_self_only_is_local(void)
{
	struct partition *p = fake_partition(3, 1);
	struct vp *self = p->vps[1];

	fake_enter(p->vps[0]);
	fake_enter(p->vps[2]);
	fake.on_kick = on_kick_fail;
	for (u32 kind = FLUSH_FULL; kind <= FLUSH_RANGES; kind++) {
		static const char *const types[] = {"1", "3", "0"};

		flush_vps(self, 1, 1, kind);
		CHECK_EQ(self->cpu->flush_seq, 0);
		CHECK_EQ(fake.pauses, 0);
		CHECK_EQ(fake.invvpids[0].vp == self, true);
		CHECK_STR(call_invvpids(), types[kind]);
		for (u32 i = 0; i < 3; i++) {
			CHECK(!call_has_work(p->vps[i]));
		}
	}
}

static void t_empty_set_does_nothing(void)
{
	struct partition *p = fake_partition(2, 1);
	u64 set[HV_VP_SET_BANKS] = {0};

	fake_enter(p->vps[1]);
	perform(p->vps[0], set, FLUSH_FULL);
	CHECK_EQ(p->vps[0]->cpu->flush_seq, 0);
	CHECK_EQ(fake.kick_count + fake.invvpid_count, 0);
	CHECK(!call_has_work(p->vps[1]));
}

/*
 * The caller's own INVVPID is immediate. None of its work waits for an entry.
 */
static void t_caller_in_set_is_not_kicked(void)
{
	struct partition *p = fake_partition(2, 1);

	fake_enter(p->vps[1]);
	flush_vps(p->vps[0], 0, 1, FLUSH_FULL);
	CHECK_EQ(fake.kick_count, 1);
	CHECK_EQ(fake.kicks[0], 1);
	CHECK(!call_has_work(p->vps[0]));
	CHECK(call_has_work(p->vps[1]));
	CHECK_STR(call_invvpids(), "1");
	CHECK_EQ(p->vps[0]->cpu->kicks_sent, 1);
	CHECK_EQ(p->vps[0]->cpu->run & RUN_GUEST, 0);
}

/* VP 0 calls; CPU i + 1 has VP i + 1 of partition `ours` or of the other. */
static const struct {
	const char *name;
	bool guest;
	bool idle;
	bool other_partition;
	bool in_set;
	u32 kicks;
} kick_rules[] = {
	{"target-in-guest", true, false, false, true, 1},
	{"not-in-set", true, false, false, false, 0},
	{"target-in-root", false, false, false, true, 0},
	{"target-idle", false, true, false, true, 0},
	{"same-index-other-partition", true, false, true, true, 0},
	{"second-target-in-guest", true, false, false, true, 1},
};

static void t_kicks_only_running_targets(void)
{
	u32 rules = ARRAY_SIZE(kick_rules);
	struct partition *ours = fake_partition(rules + 1, 70);
	struct partition *other = fake_partition(rules + 1, 70);
	u64 set[HV_VP_SET_BANKS] = {0};

	for (u32 i = 0; i < rules; i++) {
		struct vp *vp = ours->vps[i + 1];

		if (kick_rules[i].in_set) {
			set[vp->bank] |= vp->bank_bit;
		}
		fake_enter(vp); /* the word still names the VP */
		fake_leave(vp->cpu);
		if (kick_rules[i].idle) {
			CHECK(run_idle_begin(vp->cpu));
		}
		if (kick_rules[i].guest) {
			fake_enter(kick_rules[i].other_partition
					   ? other->vps[i + 1]
					   : vp);
		}
	}
	perform(ours->vps[0], set, FLUSH_FULL);
	for (u32 i = 0; i < rules; i++) {
		check_eq(fake_kicks_of(i + 1), kick_rules[i].kicks,
			 kick_rules[i].name, __FILE__, __LINE__);
		check_eq(call_has_work(ours->vps[i + 1]), kick_rules[i].in_set,
			 kick_rules[i].name, __FILE__, __LINE__);
		CHECK(!call_has_work(other->vps[i + 1]));
	}
}

/* VP 2 shares a CPU with VP 0; VP 0 runs there. */
static void t_other_vp_of_the_cpu_is_not_kicked(void)
{
	struct partition *p;

	fake_cpus(2);
	p = fake_partition(4, 1);
	fake_enter(p->vps[0]);
	flush_vps(p->vps[1], 2, 2, FLUSH_RANGES);
	CHECK_EQ(fake.kick_count, 0);
	CHECK_EQ(p->vps[2]->shared.queue.count, 1);
}

static u32 kicks_expected;

static void on_pause_all_kicked(u64 pauses)
{
	(void)pauses;
	CHECK_EQ(fake.kick_count, kicks_expected);
}

static void t_sends_to_all_then_waits(void)
{
	struct partition *p = fake_partition(9, 1);

	for (u32 i = 1; i < 9; i++) {
		fake_enter(p->vps[i]);
	}
	kicks_expected = 8;
	fake.kick_delay = 20;
	fake.on_pause = on_pause_all_kicked;
	flush_vps(p->vps[0], 0, 8, FLUSH_FULL);
	CHECK(fake.pauses >= 20);
	CHECK_EQ(fake.kick_count, 8);
	for (u32 i = 0; i < 8; i++) {
		CHECK_EQ(fake_kicks_of(i + 1), 1);
	}
}

static void t_returns_when_the_slowest_has_left(void)
{
	static const long delays[] = {1, 2, 255, 256, 257, 5000};

	for (u32 i = 0; i < ARRAY_SIZE(delays); i++) {
		struct partition *p;
		u64 pauses;

		fake_reset();
		p = fake_partition(3, 1);
		fake_enter(p->vps[1]);
		fake_enter(p->vps[2]);
		fake.kick_delay = delays[i];
		pauses = fake.pauses;
		flush_vps(p->vps[0], 1, 2, FLUSH_RANGES);
		CHECK_EQ(p->vps[1]->cpu->run & RUN_GUEST, 0);
		CHECK_EQ(p->vps[2]->cpu->run & RUN_GUEST, 0);
		CHECK_EQ(fake.pauses - pauses, delays[i]);
	}
}

static struct partition *leaving_partition;
static bool last_leaves_first;

/* CPU 1 and CPU 2 leave in either order and enter again at once. */
static void on_pause_leave_and_enter(u64 pauses)
{
	u32 first = last_leaves_first ? 2 : 1;
	struct vp *vp =
		leaving_partition->vps[pauses == 10 ? first : 3 - first];

	if (pauses == 10 || pauses == 30) {
		fake_leave(vp->cpu);
		fake_enter(vp);
	}
}

static void t_reentry_ends_the_wait(void)
{
	for (u32 i = 0; i < 2; i++) {
		fake_reset();
		leaving_partition = fake_partition(3, 1);
		last_leaves_first = i == 1;
		fake_enter(leaving_partition->vps[1]);
		fake_enter(leaving_partition->vps[2]);
		fake.kick_delay = FAKE_KICK_RECORD;
		fake.on_pause = on_pause_leave_and_enter;
		flush_vps(leaving_partition->vps[0], 1, 2, FLUSH_FULL);
		CHECK_EQ(fake.pauses, 30);
		CHECK_EQ(fake.kick_count, 2);
	}
}

static void t_a_cpu_that_stays_is_a_panic(void)
{
	static struct partition *p;

	p = fake_partition(2, 1);
	fake_enter(p->vps[1]);
	fake.kick_delay = FAKE_KICK_RECORD;
	fake.tsc_step = FAKE_TSC_HZ / 100;
	CHECK_PANIC(flush_vps(p->vps[0], 1, 1, FLUSH_FULL),
		    "cpu 1 did not leave guest mode");
	/* it waits 100 ms and not much less: 10 steps of 10 ms */
	CHECK(fake.tsc >= FAKE_TSC_HZ / 10);
	CHECK(fake.tsc <= FAKE_TSC_HZ / 10 + 3 * fake.tsc_step);
}

static void t_another_cpus_panic_ends_the_wait(void)
{
	static struct partition *p;

	p = fake_partition(2, 1);
	fake_enter(p->vps[1]);
	fake.kick_delay = FAKE_KICK_RECORD;
	fake.panicking = true;
	CHECK_PANIC(flush_vps(p->vps[0], 1, 1, FLUSH_FULL), "cpu 1");
}

static struct vp *watched_self;
static enum flush_kind watched_kind;

static void check_published(void)
{
	const struct partition *p = watched_self->partition;

	CHECK_EQ(watched_self->cpu->flush_seq & 1, 1);
	for (u32 i = 0; i < p->vp_count; i++) {
		const struct vp *vp = p->vps[i];

		if (vp == watched_self) {
			continue;
		}
		switch (watched_kind) {
		case FLUSH_FULL:
			CHECK(p->flush_full[vp->bank] & vp->bank_bit);
			break;
		case FLUSH_NON_GLOBAL:
			CHECK(p->flush_nonglobal[vp->bank] & vp->bank_bit);
			break;
		case FLUSH_RANGES:
			CHECK_EQ(vp->shared.queue.count, 1);
			CHECK_EQ(vp->shared.queue.ranges[0], one_range[0]);
			break;
		}
	}
}

static void on_kick_published(struct cpu *cpu)
{
	(void)cpu;
	check_published();
}

static void on_pause_published(u64 pauses)
{
	(void)pauses;
	check_published();
}

static void t_announces_and_publishes_before_kicks(void)
{
	for (u32 kind = FLUSH_FULL; kind <= FLUSH_RANGES; kind++) {
		struct partition *p;

		fake_reset();
		p = fake_partition(6, 130);
		for (u32 i = 0; i < 6; i++) {
			if (i != 2) {
				fake_enter(p->vps[i]);
			}
		}
		watched_self = p->vps[2];
		watched_kind = kind;
		watched_self->cpu->flush_seq = 40;
		fake.kick_delay = 3;
		fake.on_kick = on_kick_published;
		fake.on_pause = on_pause_published;
		flush_vps(watched_self, 0, 5, kind);
		CHECK_EQ(fake.kick_count, 5);
		CHECK(fake.pauses != 0);
		CHECK_EQ(watched_self->cpu->flush_seq, 42);
	}
}

/*
 * Where VPs share CPUs, the CPUs that run a target are kicked, and no other,
 * however the CPUs are found.
 */
static void kicks_of_sharing_vps(u32 cpus, u32 targets)
{
	struct partition *p;
	struct vp *self;

	fake_reset();
	fake_cpus(cpus);
	p = fake_partition(3 * cpus, 1);
	self = p->vps[0];
	/* every second CPU runs the second of its three VPs */
	for (u32 i = 1; i < cpus; i += 2) {
		fake_enter(p->vps[cpus + i]);
	}
	flush_vps(self, cpus + 1, cpus + targets, FLUSH_FULL);
	for (u32 i = 0; i < cpus; i++) {
		CHECK_EQ(fake_kicks_of(i), i % 2 == 1 && i <= targets);
	}
	CHECK_EQ(self->cpu->kicks_sent, (targets + 1) / 2);
}

static void t_vps_that_share_cpus(void)
{
	kicks_of_sharing_vps(4, 2);
	kicks_of_sharing_vps(4, 3);
	kicks_of_sharing_vps(12, 3);
	kicks_of_sharing_vps(12, 4);
	kicks_of_sharing_vps(12, 5);
	kicks_of_sharing_vps(12, 11);
	kicks_of_sharing_vps(40, 39);
}

static const struct test tests[] = {
	{"vps-that-share-cpus", t_vps_that_share_cpus},
	{"self-only-is-local", t_self_only_is_local},
	{"empty-set-does-nothing", t_empty_set_does_nothing},
	{"caller-in-set-is-not-kicked", t_caller_in_set_is_not_kicked},
	{"kicks-only-running-targets", t_kicks_only_running_targets},
	{"other-vp-of-the-cpu-is-not-kicked",
	 t_other_vp_of_the_cpu_is_not_kicked},
	{"sends-to-all-then-waits", t_sends_to_all_then_waits},
	{"returns-when-the-slowest-has-left",
	 t_returns_when_the_slowest_has_left},
	{"reentry-ends-the-wait", t_reentry_ends_the_wait},
	{"a-cpu-that-stays-is-a-panic", t_a_cpu_that_stays_is_a_panic},
	{"another-cpus-panic-ends-the-wait",
	 t_another_cpus_panic_ends_the_wait},
	{"announces-and-publishes-before-kicks",
	 t_announces_and_publishes_before_kicks},
};

const struct suite suite_flush = SUITE("flush", tests);
