/* SPDX-License-Identifier: MIT */
/*
 * Flushes end soon. The caller waits for its targets, so a lost kick gives no
 * stale read: the call takes as long as the target stays in guest mode.
 */
#include "call/flush.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"

#include "tlfs/msr.h"

#define KICK_GVA   0x00007b0000000000ull
#define CALLS      64
#define SWEEP_MAX  900 /* steps of delay; a step is two instructions */
#define SOON_PARTS 500 /* of a second: 2 ms */
#define EXITS_MAX  4   /* VM exits of the target during the call */

static volatile u64 round_asked; /* by VP 0: the round that VP 1 begins next */
static volatile u64 round_begun; /* VP 1 */
static volatile u64 round_over;  /* VP 0 */
static volatile u32 stop;

/*
 * In each round VP 1 announces the round, exits a few times (another number
 * each round), and stays in guest mode until VP 0 has its result.
 */
static void target_job(void *arg)
{
	u64 exits_max = *(u32 *)arg;
	u64 round = 0;

	while (stop == 0) {
		if (round_asked == round) {
			continue;
		}
		round = round_asked;
		round_begun = round;
		for (u64 i = round % (exits_max + 1); i > 0; i--) {
			(void)cpu_cpuid(0, 0);
		}
		while (round_over != round && stop == 0) {
		}
	}
}

static void delay(u32 steps)
{
	steps++;
	__asm__ volatile("1: decl %0\n\tjnz 1b" : "+r"(steps) : : "cc");
}

/* Ticks of a call that VP 0 makes `steps` after VP 1 has begun a round. */
static u64 time_call(const struct flush_call *call, u64 round, u32 steps)
{
	u64 from;
	u64 ticks;

	round_asked = round;
	spin_until(round_begun == round);
	delay(steps);
	from = cpu_rdtsc();
	tap_equal("result", flush_call_do(call), flush_call_success(call));
	ticks = cpu_rdtsc() - from;
	round_over = round;
	return ticks;
}

/* Measures each delay below `sweep` with each number of exits. */
static void measure(u32 exits_max, u32 calls, u32 sweep)
{
	static u32 exits_arg;
	u64 range = flush_call_range(KICK_GVA, 0);
	u64 soon = cpu_rdmsr(HV_X64_MSR_TSC_FREQUENCY) / SOON_PARTS;
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
		.vps = vpset_one(1),
		.ranges = &range,
	};
	u64 longest = 0;

	if (flush_call_can_name(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
				&call.vps)) {
		call.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST;
		call.count = 1;
	}
	exits_arg = exits_max;
	stop = 0;
	round_asked = 0;
	round_begun = 0;
	round_over = 0;
	smp_run(1, target_job, &exits_arg);
	for (u32 i = 0; i < calls; i++) {
		u64 ticks =
			time_call(&call, i + 1, i / (exits_max + 1) % sweep);

		longest = ticks > longest ? ticks : longest;
	}
	stop = 1;
	smp_wait(1);
	tap_at_most("ticks of the longest call", longest, soon);
}

/* The target spins in guest mode all the time. */
static void prompt(const void *arg)
{
	(void)arg;
	measure(0, CALLS, 1);
}

/* The kick comes at every point of the target's exit and entry. */
static void on_the_way_in(const void *arg)
{
	(void)arg;
	measure(EXITS_MAX, SWEEP_MAX * (EXITS_MAX + 1), SWEEP_MAX);
}

#define NEEDS (NEED_HV | NEED_OBSERVE | TAG_TICKS)

/* clang-format off */
static const struct check checks[] = {
	{"prompt", "TLFS: virtual-mmu", prompt, NULL, 2, NEEDS},
	{"on_the_way_in", "TLFS: virtual-mmu", on_the_way_in, NULL, 2, NEEDS},
};
/* clang-format on */

SUITE("kick", 080, checks);
