/* SPDX-License-Identifier: MIT */
/* From the end of a life to the next one: states, counts, RAM, races. */
#include "core/lifecycle/start.h"

#include <string.h>

#include "common/image/image_plan.h"
#include "core/cpu/due.h"
#include "core/lifecycle/refill.h"
#include "core/lifecycle/stop.h"
#include "core/run/sched.h"
#include "core/run/service.h"
#include "support/built.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"

#define WORDS  (BUILT_RAM / sizeof(u64))
#define PIECES (BUILT_RAM / REFILL_PIECE)

static struct partition *p;
static struct partition *other;
static const char *why;
static u8 before[BUILT_RAM];

static void make(u32 cpus, u32 vps, u32 restarts)
{
	fake_reset();
	fake_vmcs_reset();
	memset(&built_handoff, 0, sizeof(built_handoff));
	fake_cpus(cpus);
	built_describe(0, vps, 1);
	built_handoff.config.partition[0].restarts = restarts;
	built_handoff.partition[0].initrd.len = sizeof(built_initrd);
	built_describe(1, 1, 1);
	p = built_make(0);
	other = built_make(1);
	memcpy(before, fake_ram(p, 0), BUILT_RAM);
	why = NULL;
}

/* The CPU of each VP serves it once; true if one of them is not done. */
static bool serve(void)
{
	bool more = false;

	for (u32 i = 0; i < p->vp_count; i++) {
		struct vp *vp = p->vps[i];

		if (due_has_events(vp) || vp->own.works) {
			service_vp(vp);
		}
		more = more || due_has_events(vp) || vp->own.works;
	}
	return more;
}

static void serve_until(enum partition_state state)
{
	for (u32 i = 0; p->state != state; i++) {
		CHECK(i < 1000);
		(void)serve();
	}
}

static void end(void)
{
	CHECK(partition_stop(p, 3, "test"));
	for (u32 i = 0; i < p->vp_count; i++) {
		service_vp(p->vps[i]);
	}
}

static u64 words_equal_to(u64 word)
{
	const u64 *ram = fake_ram(p, 0);
	u64 count = 0;

	for (u64 i = 0; i < WORDS; i++) {
		count += ram[i] == word;
	}
	return count;
}

static void t_ram_is_overwritten(void)
{
	make(2, 2, 0);
	end();
	CHECK_EQ(p->state, PARTITION_ENDED);
	CHECK_EQ(machine.partitions_running, 1);
	serve_until(PARTITION_FREE);
	CHECK_EQ(words_equal_to(REFILL_POISON), WORDS);
	CHECK(!serve());
	CHECK(!partition_keeper(p)->own.works);
	for (u32 i = 0; i < 2; i++) {
		CHECK_EQ(p->vps[i]->own.state, VP_STOPPED);
	}
}

/* No piece is longer than said, and other VPs come between two of them. */
static void t_work_is_in_pieces(void)
{
	struct vp *keeper;
	u32 pieces = 0;

	make(2, 2, 1);
	keeper = partition_keeper(p);
	end();
	while (p->state != PARTITION_RUNNING) {
		u64 words = fake.filled_words;
		u32 writes = fake.write_guest_count;

		keeper->cpu->yield = false;
		service_vp(keeper);
		service_vp(p->vps[0]);
		words = fake.filled_words - words;
		writes = fake.write_guest_count - writes;
		CHECK(words <= REFILL_PIECE / sizeof(u64));
		CHECK(writes == 0 || words == 0);
		CHECK(writes <= 2); /* the command line and the start page */
		CHECK(!keeper->own.works || keeper->cpu->yield);
		pieces++;
	}
	CHECK(pieces > 2 * PIECES && pieces < 2 * PIECES + 20);
}

static void t_started_again_ram_is_as_before(void)
{
	make(2, 3, 0);
	memset(fake_ram(p, 0), 0x77, BUILT_RAM);
	end();
	serve_until(PARTITION_FREE);
	CHECK(partition_start(p, &why));
	CHECK_EQ(machine.partitions_running, 2);
	serve_until(PARTITION_RUNNING);
	CHECK(memcmp(fake_ram(p, 0), before, BUILT_RAM) == 0);
	CHECK_EQ(p->vps_running, 3);
	CHECK_EQ(p->life, 1);
	CHECK_EQ(p->vps[0]->own.state, VP_RUNNABLE);
	CHECK_EQ(p->vps[1]->own.state, VP_WAIT_SIPI);
	CHECK_EQ(p->vps[2]->own.state, VP_WAIT_SIPI);
	for (u32 i = 0; i < 3; i++) {
		CHECK_EQ(p->vps[i]->own.life, 1);
	}
}

/* Nothing is taken from the pool, and each life is the same. */
static void t_hundred_lives(void)
{
	u64 pages;

	make(2, 2, 100);
	pages = fake.pool_pages;
	for (u32 life = 1; life <= 100; life++) {
		end();
		CHECK_EQ(p->state, PARTITION_ENDED_AGAIN);
		CHECK_EQ(machine.partitions_running, 2);
		serve_until(PARTITION_RUNNING);
		CHECK_EQ(p->life, life);
	}
	CHECK_EQ(fake.pool_pages, pages);
	CHECK(memcmp(fake_ram(p, 0), before, BUILT_RAM) == 0);
	end();
	CHECK_EQ(p->state, PARTITION_ENDED);
	CHECK_EQ(machine.partitions_running, 1);
}

/* In every state: which requests are taken. */
static void t_start_in_every_state(void)
{
	make(2, 2, 0);
	CHECK(!partition_start(p, &why));
	CHECK_STR(why, "the partition runs");
	CHECK(partition_stop(p, 0, "test"));
	CHECK(!partition_stop(p, 1, "again"));
	CHECK(!partition_start(p, &why));
	CHECK_STR(why, "the partition is stopping");
	service_vp(p->vps[0]);
	service_vp(p->vps[1]);
	/* its RAM is being overwritten: started once that is done */
	CHECK_EQ(p->state, PARTITION_ENDED);
	CHECK(partition_start(p, &why));
	CHECK_EQ(p->state, PARTITION_ENDED_AGAIN);
	CHECK_EQ(machine.partitions_running, 2);
	CHECK(!partition_start(p, &why));
	CHECK_STR(why, "the partition is starting");
	serve_until(PARTITION_LOADING);
	CHECK(!partition_start(p, &why));
	CHECK_STR(why, "the partition is starting");
	CHECK(!partition_stop(p, 0, "test"));
	serve_until(PARTITION_STARTING);
	CHECK(!partition_restart(p, &why));
	CHECK_STR(why, "the partition is starting");
	CHECK(!partition_stop(p, 0, "test"));
	serve_until(PARTITION_RUNNING);
	CHECK_EQ(machine.partitions_running, 2);
	end();
	CHECK_EQ(p->state, PARTITION_ENDED);
}

static void t_restart(void)
{
	make(2, 2, 0);
	CHECK(partition_restart(p, &why));
	CHECK_EQ(p->state, PARTITION_STOPPING);
	serve_until(PARTITION_ENDED_AGAIN);
	CHECK_EQ(machine.partitions_running, 2);
	serve_until(PARTITION_RUNNING);
	CHECK(!p->restart_wanted);
	/* the guest stops it at the same time */
	CHECK(partition_stop(p, 7, "guest"));
	CHECK(!partition_restart(p, &why));
	CHECK_STR(why, "the partition is stopping");
	CHECK(!p->restart_wanted);
	serve_until(PARTITION_FREE);
	CHECK(partition_restart(p, &why));
	serve_until(PARTITION_RUNNING);
	CHECK_EQ(machine.partitions_running, 2);
}

/* A restart that is asked for is one life, whatever the key restarts says. */
static void t_restart_beside_the_key(void)
{
	make(2, 2, 1);
	CHECK(partition_restart(p, &why));
	serve_until(PARTITION_ENDED_AGAIN);
	CHECK(!p->restart_wanted);
	serve_until(PARTITION_RUNNING);
	CHECK_EQ(p->restarts_left, 1);
	end();
	CHECK_EQ(p->state, PARTITION_ENDED_AGAIN);
	serve_until(PARTITION_RUNNING);
	end();
	CHECK_EQ(p->state, PARTITION_ENDED);
}

/* The keeper has no place on the CPU of VP 0 if there is another one. */
static void t_keeper_is_the_last_vp(void)
{
	make(2, 4, 0);
	end();
	for (u32 i = 0; i < 4; i++) {
		service_vp(p->vps[i]);
		CHECK_EQ(p->vps[i]->own.works, i == 3);
	}
}

/* Guest code runs in no VP before all are new: VP 0 is the last one. */
static void t_vp_0_starts_last(void)
{
	make(3, 3, 1);
	end();
	serve_until(PARTITION_ENDED_AGAIN);
	while (p->state != PARTITION_STARTING) {
		service_vp(p->vps[2]);
	}
	CHECK_EQ(p->vps[0]->shared.events, 0);
	CHECK_EQ(p->vps[1]->shared.events, VP_EVENT_START);
	service_vp(p->vps[2]);
	CHECK_EQ(p->vps[0]->shared.events, 0);
	CHECK_EQ(p->vps[0]->own.state, VP_STOPPED);
	service_vp(p->vps[1]);
	CHECK_EQ(p->vps[0]->shared.events, VP_EVENT_START);
	CHECK_EQ(p->state, PARTITION_STARTING);
	service_vp(p->vps[0]);
	CHECK_EQ(p->state, PARTITION_RUNNING);
	CHECK_EQ(fake_vmcs.renewals, 3);
	CHECK(fake_vmcs.renewed == p->vps[0]);
}

/* While a keeper works, its CPU's other VPs get their slices, and it a turn. */
static void t_keeper_shares_its_cpu(void)
{
	struct cpu *cpu;
	struct vp *keeper;
	u32 turns = 0;

	make(1, 1, 0);
	cpu = machine.cpus[0];
	keeper = p->vps[0];
	other->vps[0]->own.state = VP_RUNNABLE;
	fake.tsc_step = 1;
	end();
	for (u32 i = 0; p->state != PARTITION_FREE; i++) {
		struct vp *vp = sched_next(cpu);

		CHECK(i < 100);
		CHECK(vp == (turns % 2 == 0 ? keeper : other->vps[0]) ||
		      i == 0);
		if (vp == keeper) {
			service_vp(vp);
		} else {
			sched_arm(cpu, vp);
			CHECK(cpu->sliced);
			fake.tsc = cpu->slice_end;
		}
		turns = vp == keeper ? 1 : 0;
	}
	sched_arm(cpu, other->vps[0]);
	CHECK(!cpu->sliced);
}

/* ---- the machine's end ---- */

static void end_other(void)
{
	partition_stop(other, 0, "other");
	service_vp(other->vps[0]);
}

/* A partition that starts again keeps the machine alive. */
static void t_machine_waits_for_restarts(void)
{
	make(2, 2, 1);
	end();
	end_other();
	CHECK_EQ(machine.partitions_running, 1);
	serve_until(PARTITION_RUNNING);
	CHECK(partition_stop(p, 9, "last"));
	service_vp(p->vps[0]);
	CHECK_PANIC(service_vp(p->vps[1]), "finish code=9 reason=last");
	/* too late */
	CHECK(!partition_start(other, &why));
	CHECK_STR(why, "the machine ends");
}

/* at-end = console */
static void t_machine_goes_on(void)
{
	make(2, 2, 0);
	machine.goes_on = true;
	end();
	end_other();
	CHECK_EQ(machine.partitions_running, 0);
	serve_until(PARTITION_FREE);
	CHECK(partition_start(p, &why));
	CHECK_EQ(machine.partitions_running, 1);
	serve_until(PARTITION_RUNNING);
}

static void t_bad_ram_is_a_panic(void)
{
	make(2, 2, 1);
	end();
	fake.fail_write_guest = 1;
	CHECK_PANIC(serve_until(PARTITION_RUNNING),
		    "RAM does not take what it took before");
}

static const struct test tests[] = {
	{"ram-is-overwritten", t_ram_is_overwritten},
	{"work-is-in-pieces", t_work_is_in_pieces},
	{"started-again-ram-is-as-before", t_started_again_ram_is_as_before},
	{"hundred-lives", t_hundred_lives},
	{"start-in-every-state", t_start_in_every_state},
	{"restart", t_restart},
	{"restart-beside-the-key", t_restart_beside_the_key},
	{"keeper-is-the-last-vp", t_keeper_is_the_last_vp},
	{"vp-0-starts-last", t_vp_0_starts_last},
	{"keeper-shares-its-cpu", t_keeper_shares_its_cpu},
	{"machine-waits-for-restarts", t_machine_waits_for_restarts},
	{"machine-goes-on", t_machine_goes_on},
	{"bad-ram-is-a-panic", t_bad_ram_is_a_panic},
};

const struct suite suite_start = SUITE("start", tests);
