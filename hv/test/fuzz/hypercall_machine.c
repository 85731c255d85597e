/* SPDX-License-Identifier: MIT */
/*
 * Builds four partitions on eight CPUs, and draws what the caller's is offered.
 */
#include "fuzz/hypercall_machine.h"

#include <string.h>

#include "core/console/first_use.h"
#include "core/flush/inhibit.h"
#include "core/hypercall/fast_path.h"
#include "support/fake_partition.h"
#include "tlfs/cpuid.h"

struct partition *fuzz_partitions[ORACLE_PARTITIONS];
struct oracle_machine fuzz_machine;

/*
 * One bank; a bank for each VP; more VPs than get ranges in their queues;
 * sparse banks
 */
static const struct {
	u32 vps;
	u32 stride;
} shapes[ORACLE_PARTITIONS] = {{3, 1}, {9, 70}, {70, 1}, {40, 105}};

static void build_once(void)
{
	if (fuzz_partitions[0] != NULL) {
		return;
	}
	fake_reset();
	fake_cpus(FUZZ_CPUS);
	for (u32 i = 0; i < ORACLE_PARTITIONS; i++) {
		fuzz_partitions[i] =
			fake_partition(shapes[i].vps, shapes[i].stride);
		first_use_reset(fuzz_partitions[i]);
		fuzz_machine.partition[i].vps = shapes[i].vps;
		fuzz_machine.partition[i].stride = shapes[i].stride;
		fake_config(fuzz_partitions[i])->suspend_warn_ms = 1000;
		for (u32 n = 0; n < shapes[i].vps; n++) {
			/* enabled: a disabled APIC ignores interrupts */
			fuzz_partitions[i]->vps[n]->own.vapic.svr = 0x1ff;
		}
	}
	fuzz_machine.partition_count = ORACLE_PARTITIONS;
	fuzz_machine.memory = FAKE_RAM;
	fake.tsc_step = 10;
}

/* ORACLE_HAS_* and the bit that grants it, in one of three words */
static const struct {
	u64 offer;
	u32 feature;
	u32 hint;
	u64 mask;
} grants[] = {
	{ORACLE_HAS_EX, 0, HV_HINT_EX_PROCESSOR_MASKS, 0},
	{ORACLE_HAS_REGISTERS, 0, 0, HV_PRIV_ACCESS_VP_REGISTERS},
#ifdef HV_FEATURE_XMM_OUTPUT
	{ORACLE_HAS_XMM, HV_FEATURE_XMM_INPUT, 0, 0},
	{ORACLE_HAS_XMM_OUT, HV_FEATURE_XMM_OUTPUT, 0, 0},
	{ORACLE_HAS_RANGES, HV_FEATURE_EXTENDED_RANGES, 0, 0},
#endif
#ifdef HV_HINT_CLUSTER_IPI
	{ORACLE_HAS_IPI, 0, HV_HINT_CLUSTER_IPI, 0},
	{ORACLE_HAS_EXTENDED, 0, 0, HV_PRIV_EXTENDED_HYPERCALLS},
#endif
};

static u64 all_offers(void)
{
	u64 offers = ORACLE_HAS_TEST_CALL | ORACLE_HAS_OS_ID;

	for (u32 i = 0; i < ARRAY_SIZE(grants); i++) {
		offers |= grants[i].offer;
	}
	return offers;
}

/*
 * Sets what a partition is offered, in the configuration and in the oracle's
 * description.
 */
static void offer(struct partition *p, u64 what)
{
	struct config_partition *c = fake_config(p);

	c->privileges.hints = 0;
	c->privileges.mask = 0;
	c->privileges.features = 0;
	for (u32 i = 0; i < ARRAY_SIZE(grants); i++) {
		if ((what & grants[i].offer) != 0) {
			c->privileges.features |= grants[i].feature;
			c->privileges.hints |= grants[i].hint;
			c->privileges.mask |= grants[i].mask;
		}
	}
	c->test_calls = (what & ORACLE_HAS_TEST_CALL) != 0;
	p->guest_os_id = (what & ORACLE_HAS_OS_ID) != 0;
}

static void offer_everybody(struct draw *d)
{
	u64 mostly = ~0ull;

	if (draw_one_in(d, 3)) {
		mostly = draw_below(d, 512);
	}
	fuzz_machine.offers = mostly & all_offers();
	fuzz_machine.self = draw_below(d, ORACLE_PARTITIONS);
	fuzz_machine.controls = draw_below(d, 1u << ORACLE_PARTITIONS);
	fuzz_machine.controls &= ~(1u << fuzz_machine.self);
	for (u32 i = 0; i < ORACLE_PARTITIONS; i++) {
		offer(fuzz_partitions[i], ~0ull);
	}
	offer(fuzz_partitions[fuzz_machine.self], fuzz_machine.offers);
	fake_config(fuzz_partitions[fuzz_machine.self])->controls =
		fuzz_machine.controls;
	if (draw_one_in(d, 2)) { /* without this all calls take the slow path */
		hc_fast_path_plan(fuzz_partitions[fuzz_machine.self]);
	}
	fuzz_machine.ram = fake_ram(fuzz_partitions[fuzz_machine.self], 0);
}

/* Clears the two pages of a block. */
static void clear(u64 gpa)
{
	memset(fake_ram(fuzz_partitions[fuzz_machine.self], gpa), 0,
	       2 * PAGE_SIZE);
}

/*
 * Nothing of the input before may be left: the same input has to give the same
 * result.
 */
void fuzz_begin(struct draw *d)
{
	build_once();
	for (u32 i = 0; i < ORACLE_PARTITIONS; i++) {
		for (u32 n = 0; n < shapes[i].vps; n++) {
			inhibit_clear(fuzz_partitions[i]->vps[n]);
			fuzz_partitions[i]->vps[n]->shared.events = 0;
		}
		memset(fuzz_machine.partition[i].inhibited, 0,
		       sizeof(fuzz_machine.partition[i].inhibited));
		fuzz_partitions[i]->deadlock_reported = true;
	}
	for (u32 i = 0; i < FUZZ_CPUS; i++) {
		fake_leave(machine.cpus[i]);
	}
	offer_everybody(d);
	clear(d->input);
	clear(d->output);
	machine.invvpid_address = !draw_one_in(d, 8);
	machine.invvpid_retain_globals = !draw_one_in(d, 8);
	fake.kick_delay = draw_one_in(d, 2) ? FAKE_KICK_AT_ONCE : 3;
	fake.pauses = 0;
}
