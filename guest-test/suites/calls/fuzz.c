/* SPDX-License-Identifier: MIT */
/*
 * Random calls from all VPs at once, half of them nearly valid; each result is
 * compared with the oracle (hv/test/oracle). Some calls flush pages that all
 * VPs read, as in the storm suite: a stale read is a failure. The calls of a VP
 * depend on seed= alone.
 */
#include "call/flush.h"
#include "call/oracle_call.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/rng.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"
#include "oracle/draw.h"

#include "tlfs/cpuid.h"

#define OWN_PAGES  4
#define FUZZ_VPS   (PAGE_WINDOW_COUNT / OWN_PAGES)
#define IPI_VECTOR 0x62
#define WATCH_ONE  8    /* one call of so many, on average, has readers */
#define LAP        1000 /* calls of VP 0 for which one deadline is enough */

struct fuzzer {
	struct rng rng;
	struct draw draw;
	struct drawn drawn;
	struct oracle_answer answer;
	struct fuzz_regs regs;

	u64 calls;
	u64 watched;
	u64 bad;
	u64 stale;
	/* of the first call that failed */
	u64 first_bad;
	struct fuzz_regs sent;
	u64 got;
	u64 want;

	u64 frame[2];
	volatile u64 newest;
	volatile u64 cycles;
	volatile u64 is_done;
	u64 cycles_from[FUZZ_VPS];               /* publish() */
	volatile u64 floor[FUZZ_VPS][OWN_PAGES]; /* by owner, who writes it */
};

static struct fuzzer *fuzzers[FUZZ_VPS];
static struct oracle_machine *model;

/* ---- pages ---- */

static void read_everybody(struct fuzzer *f)
{
	for (u32 n = 0; n < smp_count(); n++) {
		for (u32 p = 0; p < OWN_PAGES; p++) {
			u64 floor = f->floor[n][p];

			if (UNLIKELY(cpu_read64(page_window(n * OWN_PAGES +
							    p)) < floor)) {
				f->stale++;
			}
		}
	}
	f->cycles++;
	watchdog_poll();
}

static void swap_own(struct fuzzer *f, u32 self)
{
	u64 epoch = f->newest + 1;

	f->newest = epoch;
	cpu_write64(f->frame[epoch & 1], epoch);
	for (u32 p = 0; p < OWN_PAGES; p++) {
		page_map(self * OWN_PAGES + p, f->frame[epoch & 1], 0);
	}
}

/*
 * Tells each target the new floor, and waits until it has read everything once
 * more: only then may the frame be used again.
 */
static void publish(struct fuzzer *f, u32 self)
{
	for (u32 n = 0; n < smp_count(); n++) {
		u64 told = 0;

		for (u32 p = 0; p < OWN_PAGES; p++) {
			u64 gva = page_window(self * OWN_PAGES + p);

			if (oracle_must_flush(&f->answer, smp_vps[n]->index,
					      gva, false)) {
				fuzzers[n]->floor[self][p] = f->newest;
				told = 1;
			}
		}
		cpu_fence();
		f->cycles_from[n] = told ? fuzzers[n]->cycles + 2 : 0;
	}
	for (u32 n = 0; n < smp_count(); n++) {
		while (fuzzers[n]->cycles < f->cycles_from[n]) {
			read_everybody(f);
			relax_yield();
		}
	}
}

/* ---- calls ---- */

static u64 below(void *rng, u64 limit)
{
	return limit == 0 ? rng_next(rng) : rng_below(rng, limit);
}

/* Would not inhibit a VP for good, nor send an interrupt without a handler. */
static bool is_harmless(const struct oracle_answer *a)
{
	return a->end <= ORACLE_UD && !a->wants_inhibit &&
	       (a->ipi_vector == 0 || a->ipi_vector == IPI_VECTOR);
}

static void draw_harmless(struct fuzzer *f)
{
	do {
		draw_call(&f->draw, model, &f->drawn);
		if (f->drawn.words > 0) {
			memcpy((void *)f->drawn.at, f->drawn.block,
			       8ull * f->drawn.words);
		}
		oracle_predict(model, &f->drawn.call, &f->answer);
	} while (!is_harmless(&f->answer));
}

static void note_bad(struct fuzzer *f, u64 got, u64 want)
{
	if (f->bad++ == 0) {
		f->first_bad = f->calls;
		f->got = got;
		f->want = want;
	}
}

/* Compares the result word; #UD has a value that no result word has. */
static void compare(struct fuzzer *f, const struct fuzz_regs *before,
		    u32 vector)
{
	bool ud = f->answer.end == ORACLE_UD;
	u64 want = f->answer.status | (u64)f->answer.reps << 32;
	u64 got = f->regs.rax;

	want = ud ? ~(u64)TRAP_UD : want;
	got = vector == TRAP_NONE ? got : ~(u64)vector;
	if (f->bad == 0) {
		f->sent = *before;
	}
	if (got != want) {
		note_bad(f, got, want);
	} else if (!ud && !fuzz_regs_kept(before, &f->regs, &f->answer)) {
		note_bad(f, 0, 1);
	}
}

static void one_call(struct fuzzer *f, u32 self)
{
	struct fuzz_regs before;
	struct trap_fault fault;
	bool watch;

	draw_harmless(f);
	watch = rng_below(&f->rng, WATCH_ONE) == 0 &&
		f->answer.end == ORACLE_DONE &&
		f->answer.flush != ORACLE_FLUSH_NONE;
	if (watch) {
		swap_own(f, self);
		read_everybody(f);
		f->watched++;
	}
	fuzz_regs_load(&before, &f->drawn.call);
	f->regs = before;
	fault = trap_try(fuzz_call, &f->regs);
	compare(f, &before, fault.vector);
	f->calls++;
	if (watch) {
		publish(f, self);
	}
	read_everybody(f);
}

static void fuzz_job(void *arg)
{
	u32 self = vp_self()->id;
	struct fuzzer *f = fuzzers[self];
	u64 rounds = *(u64 *)arg;
	u64 cr4 = fuzz_call_prepare();

	while (f->calls < rounds) {
		one_call(f, self);
		if (self == 0 && f->calls % LAP == 0) {
			watchdog_restart();
		}
	}
	f->is_done = 1;
	for (u32 n = 0; n < smp_count(); n++) {
		while (!fuzzers[n]->is_done) {
			read_everybody(f);
			relax_yield();
		}
	}
	cpu_set_cr4(cr4);
}

/* ---- the check ---- */

static void ipi_arrived(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

static void describe_machine(void)
{
	const struct host *host = host_get();
	u32 hints = cpu_cpuid(HV_CPUID_RECOMMENDATIONS, 0).eax;
	u32 features = cpu_cpuid(HV_CPUID_FEATURES, 0).edx;
	u64 offers = ORACLE_HAS_OS_ID;

	if (model == NULL) {
		model = page_alloc(sizeof(*model));
	}
	offers |= host->has_ex ? ORACLE_HAS_EX : 0;
	offers |= host->has_xmm_input ? ORACLE_HAS_XMM : 0;
	offers |= host->has_extended_ranges ? ORACLE_HAS_RANGES : 0;
	offers |= host->has_vp_registers ? ORACLE_HAS_REGISTERS : 0;
	offers |= host->has_test_call ? ORACLE_HAS_TEST_CALL : 0;
	offers |= (features & BIT(15)) ? ORACLE_HAS_XMM_OUT : 0;
	offers |= (hints & BIT(10)) ? ORACLE_HAS_IPI : 0;
	offers |= (host->privileges & BIT(52)) ? ORACLE_HAS_EXTENDED : 0;
	*model = (struct oracle_machine){
		.offers = offers,
		.memory = page_memory_end(),
		.root = host->has_shadow ? cpu_cr3() : 0,
		.self = (u32)cmdline_get()->partition - 1,
		.partition_count = (u32)cmdline_get()->partitions,
	};
	for (u32 i = 0; i < model->partition_count; i++) {
		/* of the others it only matters that they are not granted */
		model->partition[i] = (struct oracle_partition){
			.vps = smp_count(),
			.stride = (u32)cmdline_get()->stride};
	}
}

static void prepare(u32 n)
{
	struct fuzzer *f = fuzzers[n];

	if (f == NULL) {
		f = page_alloc(sizeof(*f));
		f->frame[0] = page_gpa(page_alloc(PAGE_SIZE));
		f->frame[1] = page_gpa(page_alloc(PAGE_SIZE));
		f->draw.input = page_gpa(page_alloc(2 * PAGE_SIZE));
		f->draw.output = page_gpa(page_alloc(2 * PAGE_SIZE));
		fuzzers[n] = f;
	}
	rng_init(&f->rng, cmdline_get()->seed, 1000 + n);
	f->draw.below = below;
	f->draw.ctx = &f->rng;
	f->draw.window = page_window(n * OWN_PAGES);
	f->draw.window_pages = OWN_PAGES;
	f->draw.root = cpu_cr3();
	f->draw.ipi_vector = IPI_VECTOR;
	f->draw.is_tame = true;
	f->drawn.call.vp_index = smp_vps[n]->index;
	f->drawn.call.is_64bit = true;
	f->drawn.call.is_protected = true;
	swap_own(f, n);
}

/* Prints enough to find the call again; registers of the first VP only. */
static bool report(u32 n, bool is_first)
{
	const struct fuzzer *f = fuzzers[n];

	tap_equal("stale reads", f->stale, 0);
	if (f->bad == 0) {
		return false;
	}
	tap_note("seed and VP:", cmdline_get()->seed, n);
	tap_note("its first bad call, and how many:", f->first_bad, f->bad);
	if (is_first) {
		tap_equal("result", f->got, f->want);
		/* shows the registers: each that is not 0 prints a line */
		tap_equal("RCX", f->sent.rcx, 0);
		tap_equal("RDX", f->sent.rdx, 0);
		tap_equal("R8", f->sent.r8, 0);
	}
	return true;
}

static void random_calls(const void *arg)
{
	static u64 rounds;
	u64 watched = 0;
	bool any_bad = false;

	(void)arg;
	rounds = cmdline_rounds(10000) / smp_count();
	describe_machine();
	for (u32 n = 0; n < smp_count(); n++) {
		prepare(n);
	}
	trap_set_handler(IPI_VECTOR, ipi_arrived);
	flush_call_everything();
	smp_run_range(1, smp_count() - 1, fuzz_job, &rounds);
	fuzz_job(&rounds);
	smp_wait_range(1, smp_count() - 1);
	for (u32 n = 0; n < smp_count(); n++) {
		tap_equal("calls", fuzzers[n]->calls, rounds);
		watched += fuzzers[n]->watched;
		any_bad |= report(n, !any_bad);
	}
	tap_at_least("flushes that were looked at", watched,
		     rounds * smp_count() / 100);
}

static const struct check checks[] = {
	{"random_calls", "TLFS: hypercall-interface", random_calls, NULL, 1,
	 NEED_HV | NEED_TEST_CALL},
};

SUITE("fuzz", 110, checks);
