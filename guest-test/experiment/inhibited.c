/* SPDX-License-Identifier: MIT */
/* The target, the callers, and what each of them must have seen. */
#include "experiment/inhibited.h"
#include "call/checked.h"
#include "call/counters.h"
#include "call/registers.h"
#include "experiment/reader.h"
#include "experiment/shared_cpu.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#define LOOK_US 2000 /* long enough to see a VP that wrongly runs */

struct scene_caller *scene_callers[VPS_MAX];

static u64 frames[2];
static u64 flushes_before;
static const u64 range = PAGE_WINDOW; /* one page */
static struct lethe_test_output counts __aligned(4096);

static const struct lethe_test_output *counts_of(u32 n)
{
	test_call_read(n, &counts);
	return &counts;
}

struct flush_call scene_list_call(const struct vpset *vps)
{
	return flush_call_list(vps, &range, 1);
}

static void reset_caller(u32 n)
{
	const struct vpset target = vpset_one(SCENE_TARGET);

	if (scene_callers[n] == NULL) {
		scene_callers[n] = page_alloc(sizeof(struct scene_caller));
	}
	*scene_callers[n] =
		(struct scene_caller){.call = scene_list_call(&target)};
}

static void wait_cycles(struct reader *r, u64 cycles)
{
	u64 from = r->cycles;

	wait_until(r->cycles >= from + cycles);
}

void scene_begin(void)
{
	struct reader *r = reader_of(SCENE_TARGET);
	u64 epoch = reader_newest;

	for (u32 i = 0; i < 2; i++) {
		if (frames[i] == 0) {
			frames[i] = page_gpa(page_alloc(PAGE_SIZE));
		}
	}
	for (u32 n = 0; n < smp_count(); n++) {
		reset_caller(n);
	}
	cpu_write64(frames[epoch & 1], epoch);
	page_map(0, frames[epoch & 1], 0);
	flush_call_everything();
	*r = (struct reader){.base = PAGE_WINDOW, .count = 1, .floor = epoch};
	smp_run(SCENE_TARGET, reader_run, NULL);
	wait_cycles(r, 2);
	registers_inhibit(SCENE_TARGET);
	wait_cycles(r, 2);
	flushes_before = counts_of(SCENE_TARGET)->flushes_done;
}

void scene_swap(void)
{
	u64 epoch = reader_newest + 1;

	reader_newest = epoch;
	cpu_write64(frames[epoch & 1], epoch);
	page_map(0, frames[epoch & 1], 0);
}

static void caller_job(void *arg)
{
	struct scene_caller *c = arg;
	u8 *page = vp_self()->input;
	u64 control = flush_call_build(&c->call, page);
	struct hypercall_result r;

	if (c->if0) {
		cpu_cli();
	}
	c->begun++;
	r = c->call.form != NULL
		    ? c->call.form(control, (u64 *)page)
		    : hypercall_checked(control, page_gpa(page), 0);
	c->returned_at = cpu_rdtsc();
	c->result = r;
	cpu_fence();
	c->returns++;
	cpu_sti();
}

void scene_call(u32 n)
{
	smp_run(n, caller_job, scene_callers[n]);
}

void scene_sleeps(u32 n)
{
	while (!registers_is_suspended(n)) {
		watchdog_poll();
		relax();
		if (scene_callers[n]->returns != 0) {
			tap_true("suspended", false);
			return;
		}
	}
	scene_callers[n]->exits = counts_of(n)->exits;
}

void scene_still_sleeps(u32 n)
{
	shared_wait(shared_ticks(LOOK_US));
	tap_equal("returns", scene_callers[n]->returns, 0);
	tap_true("suspended", registers_is_suspended(n));
	tap_equal("VM exits", counts_of(n)->exits, scene_callers[n]->exits);
}

void scene_returns(u32 n)
{
	struct scene_caller *c = scene_callers[n];

	smp_wait(n);
	tap_equal("calls", c->begun, 1);
	tap_equal("returns", c->returns, 1);
	hypercall_expect(&c->result, HV_STATUS_SUCCESS);
	tap_equal("result", c->result.rax, flush_call_success(&c->call));
	tap_true("not suspended", !registers_is_suspended(n));
	if (vpset_has(&c->call.vps, SCENE_TARGET)) {
		reader_of(SCENE_TARGET)->floor = reader_newest;
	}
}

u64 scene_flushes(void)
{
	/* it executes pending flushes before its next cycle */
	wait_cycles(reader_of(SCENE_TARGET), 2);
	return counts_of(SCENE_TARGET)->flushes_done - flushes_before;
}

void scene_end(void)
{
	struct reader *r = reader_of(SCENE_TARGET);

	wait_cycles(r, 2);
	r->stop = 1;
	smp_wait(SCENE_TARGET);
	tap_equal("stale reads", r->stale, 0);
	tap_equal("wild reads", r->wild, 0);
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal("InterceptSuspend", registers_get(n), 0);
	}
	flush_call_everything();
}
