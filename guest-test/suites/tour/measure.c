/* SPDX-License-Identifier: MIT */
/* Swaps, reads, calls, reads; again, if a round has not shown the flush. */
#include "suites/tour/measure.h"
#include "call/counters.h"
#include "call/flush.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#define ROUNDS_MAX 8 /* a timer exit may drop the old translation */

/* TSC ticks between two readings that tell of a VM exit, and how long to wait
   for one */
#define EXIT_TICKS 150
#define EXIT_WAIT  50000

/* A read belongs to the phase in which it begins. */
enum phase { PHASE_MAPPED, PHASE_CHANGED, PHASE_FLUSHED, PHASE_COUNT };

static volatile u32 phase;
static volatile u32 stop;
static volatile struct tour_reads reads[PHASE_COUNT];

static void read_once(void)
{
	volatile struct tour_reads *r = &reads[phase];
	u64 value = cpu_read64(TOUR_GVA);

	if (r->total == 0) {
		r->first = value;
	}
	r->old += value == TOUR_OLD;
	r->fresh += value == TOUR_NEW;
	r->total++;
}

static void read_job(void *arg)
{
	(void)arg;
	while (stop == 0) {
		read_once();
		watchdog_poll();
	}
}

/* VP 0 reads itself, or waits until VP `target` has read. */
static void let_read(u32 target, enum phase now)
{
	phase = now;
	while (reads[now].total < TOUR_READS) {
		if (target == 0) {
			read_once();
		}
		watchdog_poll();
	}
}

/*
 * Timer exits come one after the other, and some CPUs drop translations at
 * each: VP 0, which reads itself, begins after one. Then it reads once.
 */
static void begin_after_exit(void)
{
	u64 from = cpu_rdtsc();
	u64 last = from;
	u64 now = from;

	while (now - last < EXIT_TICKS && now - from < EXIT_WAIT) {
		last = now;
		now = cpu_rdtsc();
	}
	read_once();
}

/* Builds the input block before, so that only the call is timed. */
static void prepare_call(u32 target, struct tour *t, u64 *control)
{
	static u64 range;
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		.space = cpu_cr3(),
		.vps = vpset_one(target),
		.ranges = &range,
		.count = 1,
	};

	range = flush_call_range(TOUR_GVA, 0);
	if (!flush_call_can_name(call.code, &call.vps)) {
		call.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
	}
	t->code = call.code;
	t->can_call = !flush_call_is_ex(call.code) || host_get()->has_ex;
	t->expected = flush_call_success(&call);
	*control = flush_call_build(&call, vp_self()->input);
}

static u64 make_call(u32 target, struct tour *t)
{
	u64 control;
	u64 from;

	prepare_call(target, t, &control);
	from = cpu_rdtsc();
	t->result = hypercall(control, page_gpa(vp_self()->input), 0);
	t->ticks = cpu_rdtsc() - from;
	return t->result;
}

static void read_counts(u32 n, struct lethe_test_output *out)
{
	if (host_get()->has_test_call) {
		test_call_read(n, out);
	}
}

static u64 others_invvpids(u32 target)
{
	static struct lethe_test_output out __aligned(4096);
	u64 sum = 0;

	for (u32 n = 0; n < smp_count(); n++) {
		if (n != target) {
			read_counts(n, &out);
			sum += out.invvpid_count;
		}
	}
	return sum;
}

/* Maps the old page, and flushes VP `target`. */
static void map_old(u32 target, const u64 *frame)
{
	struct tour ignored = {0};

	cpu_write64(frame[0], TOUR_OLD);
	cpu_write64(frame[1], TOUR_NEW);
	page_map(0, frame[0], 0);
	(void)make_call(target, &ignored);
	for (u32 i = 0; i < PHASE_COUNT; i++) {
		reads[i] = (struct tour_reads){0};
	}
}

static void copy_reads(struct tour_reads *to, enum phase from)
{
	*to = reads[from];
}

static void take_counts(struct tour *t, const struct lethe_test_output *from,
			const struct lethe_test_output *to)
{
	t->exits = to->exits - from->exits;
	t->invvpids = to->invvpid_count - from->invvpid_count;
	if (t->invvpids != 0) {
		t->last = to->records[(to->invvpid_count - 1) %
				      LETHE_TEST_RECORDS];
	}
}

/* Swaps, reads, calls, reads. VP `target` reads without a VM exit. */
static void run_round(u32 target, struct tour *t, const u64 *frame)
{
	static struct lethe_test_output from __aligned(4096);
	static struct lethe_test_output to __aligned(4096);
	bool is_lethe = host_get()->has_test_call;

	t->kicks = is_lethe ? test_call_kicks() : 0;
	t->others = others_invvpids(target);
	read_counts(target, &from);
	let_read(target, PHASE_MAPPED);
	if (target == 0) {
		begin_after_exit();
	}
	page_map(0, frame[1], 0);
	let_read(target, PHASE_CHANGED);
	if (target != 0) {
		read_counts(target, &from);
	}
	copy_reads(&t->before, PHASE_CHANGED);
	(void)make_call(target, t);
	let_read(target, PHASE_FLUSHED);
	read_counts(target, &to);
	copy_reads(&t->after, PHASE_FLUSHED);
	take_counts(t, &from, &to);
	t->kicks = is_lethe ? test_call_kicks() - t->kicks : 0;
	t->others = others_invvpids(target) - t->others;
}

/*
 * Has the round shown the flush? Not if VP `target` lost the old translation by
 * itself, or was already out of guest mode when the kick was due.
 */
static bool has_shown(u32 target, const struct tour *t)
{
	bool was_out = target != 0 && host_get()->has_test_call &&
		       t->kicks == 0 && t->after.old == 0;

	return t->before.fresh == 0 && !was_out;
}

void tour_measure(u32 target, struct tour *t)
{
	static u64 frame[2];
	u64 control;

	if (t->is_measured) {
		return;
	}
	t->is_measured = true;
	prepare_call(target, t, &control);
	if (!t->can_call) {
		return;
	}
	for (u32 i = 0; i < ARRAY_SIZE(frame) && frame[i] == 0; i++) {
		frame[i] = page_gpa(page_alloc(PAGE_SIZE));
	}
	for (u32 i = 0; i < ROUNDS_MAX; i++) {
		phase = PHASE_MAPPED;
		stop = 0;
		map_old(target, frame);
		if (target != 0) {
			smp_run(target, read_job, NULL);
		}
		run_round(target, t, frame);
		stop = 1;
		if (target != 0) {
			smp_wait(target);
		}
		if (has_shown(target, t)) {
			break;
		}
	}
}
