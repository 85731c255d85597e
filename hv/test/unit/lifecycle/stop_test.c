/* SPDX-License-Identifier: MIT */
/* The first reason to stop, and what ends with the last VP and partition. */
#include "core/lifecycle/stop.h"

#include "core/console/first_use.h"
#include "core/console/log.h"
#include "support/call.h"
#include "support/check.h"

static struct partition *stopping;

static void on_kick_stopping(struct cpu *cpu)
{
	(void)cpu;
	CHECK_EQ(stopping->state, PARTITION_STOPPING);
	CHECK_EQ(stopping->exit_code, 7);
	CHECK_STR(stopping->stop_reason, "first");
}

static void t_first_reason_wins(void)
{
	struct partition *other;

	stopping = fake_partition(4, 1);
	other = fake_partition(4, 1);
	fake_enter(stopping->vps[1]);
	fake_enter(stopping->vps[3]);
	fake_enter(other->vps[2]);
	machine.cpus[2]->sliced = 1; /* it comes back by itself */
	fake.on_kick = on_kick_stopping;
	partition_stop(stopping, 7, "first");
	CHECK_EQ(fake.kick_count, 2);
	partition_stop(stopping, 9, "second");
	CHECK_EQ(stopping->exit_code, 7);
	CHECK_STR(stopping->stop_reason, "first");
	CHECK_EQ(fake.kick_count, 2);
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(stopping->vps[i]->shared.events, VP_EVENT_STOP);
		CHECK_EQ(other->vps[i]->shared.events, 0);
	}
	CHECK_EQ(other->state, PARTITION_RUNNING);
}

static struct partition *p;
static struct partition *second;

static void start(void)
{
	fake_reset();
	p = fake_partition(2, 1);
	second = fake_partition(2, 1);
}

static void stop_all_vps(struct partition *of)
{
	for (u32 i = 0; i < of->vp_count; i++) {
		partition_stop_vp(of->vps[i]);
	}
}

static void t_last_partition_ends_the_machine(void)
{
	static const struct {
		u32 codes[2];
		const char *finish;
	} rows[] = {
		{{0, 0}, "finish code=0 reason=one"},
		{{5, 0}, "finish code=5 reason=one"},
		{{0, 6}, "finish code=6 reason=two"},
		{{5, 6}, "finish code=5 reason=one"},
	};

	for (volatile u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		start();
		/* the second partition of the configuration stops first */
		partition_stop(second, rows[i].codes[1], "two");
		stop_all_vps(second);
		CHECK_EQ(machine.partitions_running, 1);
		partition_stop(p, rows[i].codes[0], "one");
		partition_stop_vp(p->vps[1]);
		CHECK_PANIC(partition_stop_vp(p->vps[0]), rows[i].finish);
	}
}

/* The VPs stop one by one; only the last one ends the partition. */
static void t_last_vp_ends_the_partition(void)
{
	start();
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
	CHECK_EQ(p->state, PARTITION_RUNNING);
	partition_stop(p, 3, "because");
	CHECK_EQ(p->state, PARTITION_STOPPING);
	partition_stop_vp(p->vps[1]);
	log_flush();
	CHECK_EQ(p->vps[1]->own.state, VP_STOPPED);
	CHECK_EQ(p->state, PARTITION_STOPPING);
	CHECK_EQ(p->vps_running, 1);
	CHECK_STR(fake.uart, "");
	partition_stop_vp(p->vps[0]);
	log_flush();
	CHECK_EQ(p->state, PARTITION_ENDED);
	CHECK_EQ(machine.partitions_running, 1);
	CHECK_STR(fake.uart, "[0] guest0: stopped code=3 reason=because\n");
	/* what comes too late changes nothing */
	partition_stop(p, 4, "late");
	CHECK_EQ(p->state, PARTITION_ENDED);
	CHECK_EQ(p->exit_code, 3);
	CHECK_EQ(second->state, PARTITION_RUNNING);
}

/* The report of first uses comes before the end, once. */
static void t_stop_reports_first_uses(void)
{
	start();
	first_use_reset(p);
	first_use_reset(second);
	(void)first_use_report(second, FIRST_USE_CPUID, 0xa);
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
	partition_stop(second, 0, "two");
	stop_all_vps(second);
	log_flush();
	CHECK_STR(fake.uart, "[0] guest1: first use cpuid=1 (list them: "
			     "first-use = list)\n"
			     "[0] guest1: stopped code=0 reason=two\n");
}

static const struct test tests[] = {
	{"first-reason-wins", t_first_reason_wins},
	{"last-vp-ends-the-partition", t_last_vp_ends_the_partition},
	{"stop-reports-first-uses", t_stop_reports_first_uses},
	{"last-partition-ends-the-machine", t_last_partition_ends_the_machine},
};

const struct suite suite_stop = SUITE("stop", tests);
