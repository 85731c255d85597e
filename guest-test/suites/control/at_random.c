/* SPDX-License-Identifier: MIT */
/*
 * A partition that controls the first one, whatever runs there: inhibits the
 * TLBs of some of its VPs and ends that, at random, until it stops. at= is a
 * linear address that the other one has mapped in each of its address spaces.
 * The work is that of the last VP, so that it can have a CPU of its own.
 */
#include "call/checked.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/rng.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"

#include "tlfs/register.h"

#define GET  (HV_CALL_GET_VP_REGISTERS | FIELD_PREP(HV_CONTROL_REP_COUNT, 1))
#define SET  (HV_CALL_SET_VP_REGISTERS | FIELD_PREP(HV_CONTROL_REP_COUNT, 1))
#define WALK HV_CALL_TRANSLATE_VIRTUAL_ADDRESS

#define CONTROLLED   1 /* its PartitionId */
#define VPS_OF_IT    64
#define HOLD_MAX     400000 /* TSC ticks of an inhibit, and between two */
#define GAP_MAX      100000
#define INHIBITS_MIN 100
#define DONE_VECTOR  0x57

static u32 vps; /* of the other partition */
static volatile bool done;
static struct {
	u64 inhibits;
	u64 not_mapped;
	u64 suspended; /* how often a VP was seen to be */
} seen;

static u16 call(u64 control, const u64 *words, size_t len)
{
	struct guest_cpu *vp = vp_self();

	memcpy(vp->input, words, len);
	return (u16)FIELD_GET(
		HV_RESULT_STATUS,
		hypercall(control, page_gpa(vp->input), page_gpa(vp->output)));
}

static u16 get(u64 n, u32 name)
{
	const u64 words[] = {CONTROLLED, n, name};

	return call(GET, words, sizeof(words));
}

/* A register that only the VP's CPU has: refused once the partition has
 * stopped. */
static bool goes_on(void)
{
	u16 status = get(0, HV_X64_REGISTER_RAX);

	return status != HV_STATUS_INVALID_VP_STATE &&
	       tap_equal("0x0050", status, HV_STATUS_SUCCESS);
}

static u32 count_vps(void)
{
	u32 n = 0;

	while (n < VPS_OF_IT &&
	       get(n, HV_REGISTER_VP_INDEX) == HV_STATUS_SUCCESS) {
		n++;
	}
	return n;
}

static void inhibit(u64 n)
{
	const u64 words[] = {CONTROLLED, n,
			     HV_TRANSLATE_READ | HV_TRANSLATE_FLUSH_INHIBIT,
			     cmdline_get()->at >> PAGE_SHIFT};
	const struct hv_translate_output *out = (void *)vp_self()->output;

	tap_equal("0x0052", call(WALK, words, sizeof(words)),
		  HV_STATUS_SUCCESS);
	/* without paging, or in the middle of its start, nothing is mapped */
	if (FIELD_GET(HV_TRANSLATE_RESULT_CODE, out->result) ==
	    HV_TRANSLATE_SUCCESS) {
		seen.inhibits++;
	} else {
		seen.not_mapped++;
	}
}

/* Ends an inhibit of the VP; if it is suspended itself, it calls again. */
static void release(u64 n)
{
	const u64 words[] = {CONTROLLED, n, HV_REGISTER_INTERCEPT_SUSPEND,
			     0,          0, 0};
	const struct hv_register_value *value = (void *)vp_self()->output;

	tap_equal("0x0050", get(n, HV_REGISTER_INTERCEPT_SUSPEND),
		  HV_STATUS_SUCCESS);
	seen.suspended += (value->low & HV_INTERCEPT_SUSPENDED) != 0;
	tap_equal("0x0051", call(SET, words, sizeof(words)), HV_STATUS_SUCCESS);
}

static void for_each(u64 set, void (*act)(u64 n))
{
	for (u64 n = 0; n < vps; n++) {
		if ((set & BIT(n)) != 0) {
			act(n);
		}
	}
}

static void wait(u64 ticks)
{
	u64 end = cpu_rdtsc() + ticks;

	while (cpu_rdtsc() < end) {
		cpu_pause();
	}
}

static void work(void *arg)
{
	struct rng rng;
	u64 set;

	(void)arg;
	rng_init(&rng, cmdline_get()->seed, 0);
	vps = count_vps();
	while (goes_on()) {
		set = rng_next(&rng);
		for_each(set, inhibit);
		wait(rng_below(&rng, HOLD_MAX));
		for_each(set, release);
		wait(rng_below(&rng, GAP_MAX));
	}
	done = true;
	apic_send(0, APIC_ICR_ASSERT | DONE_VECTOR);
}

static void woken(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

static void at_random(const void *arg)
{
	(void)arg;
	watchdog_stop();
	trap_set_handler(DONE_VECTOR, woken);
	smp_run(smp_count() - 1, work, NULL);
	cpu_cli();
	while (!done) {
		cpu_sti_hlt();
		cpu_cli();
	}
	cpu_sti();
	tap_note("inhibits, not-mapped", seen.inhibits, seen.not_mapped);
	tap_note("vps, seen-suspended", vps, seen.suspended);
	tap_at_least("VPs", vps, 2);
	tap_at_least("inhibits", seen.inhibits, INHIBITS_MIN);
}

static const struct check checks[] = {
	{"at-random", "TLFS: Restrictions on TLB Flushes", at_random, NULL, 2,
	 NEED_HV},
};

SUITE("control-at-random", 362, checks);
