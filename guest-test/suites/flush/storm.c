/* SPDX-License-Identifier: MIT */
/*
 * Many callers at once. Each caller owns a few pages. After its flush it tells
 * each target the epoch below which a read of these pages is stale. A VP that
 * waits reads.
 */
#include "call/flush.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/rng.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"

#define OWN_PAGES    4
#define STORM_VPS    (PAGE_WINDOW_COUNT / OWN_PAGES)
#define STORM_RANGES 24
#define STAY_READS   64   /* of all pages of one caller */
#define IPI_VECTOR   0x60 /* + number of the sender, which must be < 64 */
#define IPI_SENDERS  64

enum storm_set { SET_ALL_FLAG, SET_EVERYBODY, SET_RANDOM, SET_VP0, SET_NEXT };

struct storm {
	enum storm_set set;
	u32 callers_of_8; /* so many of eight VPs call; the others only read */
	bool with_ipis;
	u32 if0_percent;
};

struct member {
	u64 frame[2];
	volatile u64 newest; /* highest epoch that its pages may hold */
	volatile u64 cycles;
	volatile u64 is_done; /* has made its calls */
	u64 stale;
	u64 wild;
	u64 calls;
	u64 bad_results;
	u64 cycles_from[STORM_VPS]; /* publish() */
	volatile u32 got[IPI_SENDERS];
	volatile u64 floor[STORM_VPS]; /* by caller; written by the caller */
};

static struct member *members[STORM_VPS];
static const struct storm *storm;

static void read_everybody(u32 self)
{
	struct member *m = members[self];

	for (u32 c = 0; c < smp_count(); c++) {
		for (u32 p = 0; p < OWN_PAGES; p++) {
			u64 floor = m->floor[c];
			u64 epoch = cpu_read64(page_window(c * OWN_PAGES + p));

			if (UNLIKELY(epoch < floor)) {
				m->stale++;
			}
			if (UNLIKELY(epoch > members[c]->newest)) {
				m->wild++;
			}
		}
	}
	m->cycles++;
	watchdog_poll();
}

static void choose_set(struct rng *rng, u32 self, struct flush_call *call)
{
	u32 last = smp_count() - 1;

	call->vps = vpset_range(0, last);
	switch (storm->set) {
	case SET_ALL_FLAG:
		call->flags |= HV_FLUSH_ALL_PROCESSORS;
		break;
	case SET_RANDOM:
		for (u32 n = 0; n <= last; n++) {
			call->vps.bits[n / 64] &=
				~(rng_below(rng, 2) << n % 64);
		}
		vpset_add(&call->vps, (u32)rng_below(rng, last + 1));
		break;
	case SET_VP0:
		call->vps = vpset_one(0);
		break;
	case SET_NEXT:
		call->vps = vpset_one(self == last ? 0 : self + 1);
		break;
	case SET_EVERYBODY:
	default:
		break;
	}
}

static void choose_call(struct rng *rng, u32 self, struct flush_call *call,
			u64 *ranges)
{
	u32 junk = (u32)rng_below(rng, STORM_RANGES - OWN_PAGES);
	u64 first = page_window(self * OWN_PAGES);
	bool ex = host_get()->has_ex && rng_below(rng, 2) != 0;
	bool list = rng_below(rng, 4) != 0;

	if (!flush_call_can_name(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
				 &call->vps)) {
		ex = true;
	}
	call->code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE;
	if (list) {
		call->code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST;
	}
	if (ex) {
		call->code += HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX -
			      HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE;
	}
	if (!list && rng_below(rng, 3) == 0) {
		call->flags |= HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY;
	}
	call->ranges = ranges;
	while (call->count < junk) {
		ranges[call->count++] = rng_next(rng);
	}
	call->start = (u32)rng_below(rng, junk + 1);
	if (!host_get()->has_rep_start) {
		call->start = 0; /* flush/list_rep_start reports that */
	}
	if (rng_below(rng, 2)) {
		ranges[call->count++] = flush_call_range(first, OWN_PAGES - 1);
		return;
	}
	for (u32 p = 0; p < OWN_PAGES; p++) {
		ranges[call->count++] =
			flush_call_range(first + p * PAGE_SIZE, 0);
	}
}

static void swap_own(u32 self)
{
	struct member *m = members[self];
	u64 epoch = m->newest + 1;

	m->newest = epoch;
	cpu_write64(m->frame[epoch & 1], epoch);
	for (u32 p = 0; p < OWN_PAGES; p++) {
		page_map(self * OWN_PAGES + p, m->frame[epoch & 1], 0);
	}
}

/*
 * Tells the targets the new floor, and reads until each of them has read
 * everything once more: only then may the frame be used again.
 */
static void publish(u32 self, const struct vpset *targets)
{
	u64 *from = members[self]->cycles_from;

	for (u32 n = 0; n < smp_count(); n++) {
		if (vpset_has(targets, n)) {
			members[n]->floor[self] = members[self]->newest;
		}
	}
	cpu_fence();
	for (u32 n = 0; n < smp_count(); n++) {
		from[n] = members[n]->cycles;
	}
	for (u32 n = 0; n < smp_count(); n++) {
		while (vpset_has(targets, n) &&
		       members[n]->cycles < from[n] + 2) {
			read_everybody(self);
			relax_yield();
		}
	}
}

static void ipi_arrived(struct trap_frame *frame)
{
	members[vp_self()->id]->got[frame->vector - IPI_VECTOR]++;
	apic_eoi();
}

/* Sends an interrupt into the storm; it must arrive exactly once. */
static void send_ipi(struct rng *rng, u32 self)
{
	u32 to = (u32)rng_below(rng, smp_count());
	u32 before = members[to]->got[self];

	apic_send(to, APIC_ICR_ASSERT | (IPI_VECTOR + self));
	while (members[to]->got[self] == before) {
		read_everybody(self);
		relax_yield();
	}
	if (members[to]->got[self] != before + 1) {
		members[self]->bad_results++;
	}
}

static void one_call(struct rng *rng, u32 self)
{
	struct member *m = members[self];
	struct flush_call call = {0};
	u64 ranges[STORM_RANGES];
	u64 flags = cpu_flags();
	u64 result;

	choose_set(rng, self, &call);
	choose_call(rng, self, &call, ranges);
	swap_own(self);
	read_everybody(self);
	if (rng_below(rng, 100) < storm->if0_percent) {
		cpu_cli();
	}
	result = flush_call_do(&call);
	cpu_set_flags(flags);
	m->calls++;
	if (result != flush_call_success(&call)) {
		m->bad_results++;
	}
	publish(self, &call.vps);
}

static bool is_caller(u32 n)
{
	return n * 8 < smp_count() * storm->callers_of_8;
}

/* A VP goes on reading until all callers have finished, as they wait for it. */
static void storm_job(void *arg)
{
	u32 self = vp_self()->id;
	struct member *m = members[self];
	struct rng rng;
	u64 rounds = *(u64 *)arg;

	rng_init(&rng, cmdline_get()->seed, 100 + self);
	for (u64 i = 0; is_caller(self) && i < rounds; i++) {
		one_call(&rng, self);
		/* stays in guest mode for long, while others flush */
		for (u64 k = rng_below(&rng, STAY_READS / smp_count()); k > 0;
		     k--) {
			read_everybody(self);
		}
		if (storm->with_ipis) {
			send_ipi(&rng, self);
		}
	}
	m->is_done = 1;
	for (u32 n = 0; n < smp_count(); n++) {
		while (is_caller(n) && !members[n]->is_done) {
			read_everybody(self);
			relax_yield();
		}
	}
}

static void prepare(void)
{
	for (u32 n = 0; n < smp_count(); n++) {
		if (members[n] == NULL) {
			members[n] = page_alloc(sizeof(struct member));
			members[n]->frame[0] = page_gpa(page_alloc(PAGE_SIZE));
			members[n]->frame[1] = page_gpa(page_alloc(PAGE_SIZE));
		}
		members[n]->stale = 0;
		members[n]->wild = 0;
		members[n]->calls = 0;
		members[n]->bad_results = 0;
		members[n]->is_done = 0;
		swap_own(n);
		if (n < IPI_SENDERS) {
			trap_set_handler(IPI_VECTOR + n, ipi_arrived);
		}
	}
	flush_call_everything();
}

static void run_storm(const void *arg)
{
	static u64 rounds;

	storm = arg;
	if (storm->with_ipis && smp_count() > IPI_SENDERS) {
		tap_skip("more VPs than vectors");
		return;
	}
	rounds = cmdline_rounds(400);
	prepare();
	smp_run_range(1, smp_count() - 1, storm_job, &rounds);
	storm_job(&rounds);
	smp_wait_range(1, smp_count() - 1);
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal("stale reads of VP", members[n]->stale, 0);
		tap_equal("wild reads of VP", members[n]->wild, 0);
		tap_equal("bad results of VP", members[n]->bad_results, 0);
	}
	tap_equal("calls of VP 0", members[0]->calls, rounds);
}

#define STORM(_name, _min, _set, _of_8, ...)                                   \
	{                                                                      \
		_name, "TLFS: virtual-mmu", run_storm,                         \
			&(const struct storm){.set = _set,                     \
					      .callers_of_8 = _of_8,           \
					      __VA_ARGS__},                    \
			_min, NEED_HV                                          \
	}

/* clang-format off */
static const struct check checks[] = {
	STORM("all_to_all", 2, SET_EVERYBODY, 8),
	STORM("all_flag", 2, SET_ALL_FLAG, 8, .if0_percent = 50),
	STORM("random_sets", 2, SET_RANDOM, 8),
	STORM("random_sets_if0", 2, SET_RANDOM, 8, .if0_percent = 100),
	STORM("half_of_the_vps_call", 2, SET_RANDOM, 4, .if0_percent = 50),
	STORM("one_target", 2, SET_VP0, 8),
	STORM("ring", 2, SET_NEXT, 8, .if0_percent = 50),
	STORM("with_ipis", 2, SET_RANDOM, 8, .with_ipis = true,
	      .if0_percent = 30),
};
/* clang-format on */

SUITE("storm", 060, checks);
