/* SPDX-License-Identifier: MIT */
/*
 * What a call costs, by RDTSC before and after the VMCALL; nothing is
 * subtracted. A call counts only if it caused one kick for each spinning
 * target. All VPs but the caller spin; a row "both" flushes these and the
 * caller.
 */
#include "call/counters.h"
#include "call/flush.h"
#include "call/forms.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "harness/timing.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/irq.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "tlfs/msr.h"

#define SAMPLES   100
#define TRIES_MAX 1000
#define BENCH_GVA 0x00007d0000000000ull
#define BENCH_VEC 0x47

enum bench_set { SET_NONE, SET_SELF, SET_REMOTE, SET_BOTH, SET_FLAG_ALL };

struct bench_row {
	u16 code; /* 0: no call between the two RDTSC */
	enum bench_set set;
	u32 ranges;
	u32 kicks;
	bool is_halted; /* VP 1 halts instead of spinning */
	bool page_off;  /* the hypercall page is not enabled */
	bool is_xmm;    /* the block is in registers */
};

static volatile u32 bench_stop;
static volatile u32 bench_word; /* VPs that have begun to spin or halt */

/* A VP that spins: reads memory with IF = 1, without exits. */
static void spin_job(void *arg)
{
	(void)arg;
	__atomic_fetch_add(&bench_word, 1, __ATOMIC_SEQ_CST);
	while (bench_stop == 0) {
	}
}

static void halt_job(void *arg)
{
	(void)arg;
	cpu_cli();
	__atomic_fetch_add(&bench_word, 1, __ATOMIC_SEQ_CST);
	while (bench_stop == 0) {
		cpu_sti_hlt();
		cpu_cli();
	}
	cpu_sti();
}

static u64 timed_nothing(void)
{
	u64 start = cpu_rdtsc();

	return cpu_rdtsc() - start;
}

static struct vpset set_of(enum bench_set set)
{
	switch (set) {
	case SET_SELF:
		return vpset_one(0);
	case SET_REMOTE:
		return vpset_one(1);
	case SET_BOTH:
		return vpset_range(0, smp_cpus() - 1);
	case SET_NONE:
	case SET_FLAG_ALL:
	default:
		return (struct vpset){{0}};
	}
}

static u64 prepare_input(const struct bench_row *row, u8 *page)
{
	static u64 ranges[FLUSH_RANGES_MAX];
	struct flush_call call = {
		.code = row->code,
		.flags = row->set == SET_FLAG_ALL ? HV_FLUSH_ALL_PROCESSORS : 0,
		.vps = set_of(row->set),
		.ranges = ranges,
		.count = row->ranges,
	};

	if (row->set != SET_NONE &&
	    !flush_call_can_name(row->code, &call.vps)) {
		call.code += HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX -
			     HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE;
	}
	for (u32 i = 0; i < row->ranges; i++) {
		ranges[i] = flush_call_range(BENCH_GVA + i * 2 * PAGE_SIZE, 0);
	}
	return flush_call_build(&call, page);
}

/*
 * Every guest that follows TLFS "Establishing the Hypercall Interface" enables
 * this page. On Lethe it splits an EPT region; a list then flushes the whole
 * context, and without the page address by address.
 */
static void hypercall_page(bool on)
{
	static u8 page[PAGE_SIZE] __aligned(4096);

	cpu_wrmsr(HV_X64_MSR_HYPERCALL,
		  on ? page_gpa(page) | HV_HYPERCALL_MSR_ENABLE : 0);
}

static u64 timed_call(const struct bench_row *row, u64 control, const u8 *page)
{
	const u64 *block = (const u64 *)page;

	if (row->code == 0) {
		return timed_nothing();
	}
	if (!row->is_xmm) {
		return timing_call(control, page_gpa(page), 0);
	}
	cpu_load_xmm(&block[2]);
	return timing_call(control | HV_CONTROL_FAST, block[0], block[1]);
}

/* Fills `sample`; returns the number of calls that count. */
static u32 measure(const struct bench_row *row, u64 *sample)
{
	static u8 page[PAGE_SIZE] __aligned(4096);
	bool counts = host_get()->has_test_call;
	u64 control = prepare_input(row, page);
	u32 used = 0;
	u32 kicks_due = row->kicks;

	if (row->set == SET_FLAG_ALL || row->set == SET_BOTH) {
		kicks_due = smp_cpus() - 1;
	}
	for (u32 i = 0; i < TRIES_MAX && used < SAMPLES; i++) {
		u64 before = counts ? test_call_kicks() : 0;
		u64 ticks = timed_call(row, control, page);
		u64 kicks = counts ? test_call_kicks() - before : kicks_due;

		if (kicks == kicks_due) {
			sample[used++] = ticks;
		}
	}
	return used;
}

static void bench(const void *arg, const char *name)
{
	static u64 sample[SAMPLES];
	const struct bench_row *row = arg;
	u32 last = smp_cpus() - 1;
	u32 used;

	bench_stop = 0;
	bench_word = 0;
	hypercall_page(!row->page_off);
	forms_begin();
	irq_count(BENCH_VEC);
	smp_run(1, row->is_halted ? halt_job : spin_job, NULL);
	smp_run_range(2, last, spin_job, NULL);
	spin_until(bench_word == last);
	irq_settle();
	used = measure(row, sample);
	bench_stop = 1;
	apic_send(1, APIC_ICR_ASSERT | BENCH_VEC);
	smp_wait_range(1, last);
	hypercall_page(false);
	if (!tap_equal("calls that counted", used, SAMPLES)) {
		return;
	}
	timing_print(name, sample, used);
}

#define BENCH(_name, _code, _set, _ranges, _kicks, _halted, _off)              \
	static void bench_##_name(const void *arg)                             \
	{                                                                      \
		bench(arg, #_name);                                            \
	}                                                                      \
	static const struct bench_row row_##_name = {                          \
		_code, _set, _ranges, _kicks, _halted, _off, false};
#define BENCH_XMM(_name, _set, _kicks)                                         \
	static void bench_##_name(const void *arg)                             \
	{                                                                      \
		bench(arg, #_name);                                            \
	}                                                                      \
	static const struct bench_row row_##_name = {                          \
		LIST, _set, 1, _kicks, false, false, true};
#define ROW(_name, _needs)                                                     \
	{                                                                      \
#_name, "cost", bench_##_name, &row_##_name, 2, _needs         \
	}

/* clang-format off */
BENCH(overhead, 0,      SET_NONE,     0,   0, false, false)
BENCH(unknown, 0x7ffe, SET_NONE,     0,   0, false, false)
BENCH(self, LIST,   SET_SELF,     1,   0, false, false)
BENCH(remote, LIST,   SET_REMOTE,   1,   1, false, false)
BENCH(both, LIST,   SET_BOTH,     1,   1, false, false)
BENCH(both16, LIST,   SET_BOTH,     16,  1, false, false)
BENCH(both64, LIST,   SET_BOTH,     64,  1, false, false)
BENCH(both400, LIST,   SET_BOTH,     400, 1, false, false)
BENCH(all, LIST,   SET_FLAG_ALL, 1,   1, false, false)
BENCH(space, SPACE,  SET_BOTH,     0,   1, false, false)
BENCH(halted, LIST,   SET_REMOTE,   1,   0, true, false)
BENCH(exact, LIST,   SET_BOTH,     1,   1, false, true)
BENCH(exact16, LIST,   SET_BOTH,     16,  1, false, true)
BENCH_XMM(xmm_self, SET_SELF, 0)
BENCH_XMM(xmm, SET_BOTH, 1)

static const struct check checks[] = {
	ROW(overhead, 0), ROW(unknown, NEED_HV), ROW(self, NEED_HV),
	ROW(remote, NEED_HV), ROW(both, NEED_HV), ROW(both16, NEED_HV),
	ROW(both64, NEED_HV), ROW(both400, NEED_HV), ROW(all, NEED_HV),
	ROW(space, NEED_HV), ROW(halted, NEED_HV), ROW(exact, NEED_HV),
	ROW(exact16, NEED_HV), ROW(xmm_self, NEED_HV | NEED_XMM),
	ROW(xmm, NEED_HV | NEED_XMM),
};
/* clang-format on */

SUITE("bench", 300, checks);
