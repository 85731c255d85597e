/* SPDX-License-Identifier: MIT */
/*
 * What a flush costs its target, from VM exit to VM entry, and with a software
 * TLB what a page fault costs: one that it answers, and one that the guest
 * gets. By RDTSC in the guest; nothing is subtracted.
 */
#include "call/flush.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "harness/timing.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/trap.h"

#define SAMPLES 100
/* ticks: more than a turn of watch_job() without an exit */
#define GAP_MIN 60

static u64 sample[SAMPLES];
static volatile u64 gap;
static volatile u32 watching;
static volatile u32 stop;

/* Reads the TSC all the time; an exit makes two readings far apart. */
static void watch_job(void *arg)
{
	u64 last = cpu_rdtsc();

	(void)arg;
	watching = 1;
	while (stop == 0) {
		u64 now = cpu_rdtsc();

		if (now - last > GAP_MIN) {
			gap = now - last;
		}
		last = now;
	}
}

static void target(const char *name, u32 count)
{
	static u8 page[PAGE_SIZE] __aligned(4096);
	static u64 ranges[16];
	struct flush_call call = {.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
				  .vps = vpset_one(1),
				  .ranges = ranges,
				  .count = count};
	u64 control;

	for (u32 i = 0; i < count; i++) {
		ranges[i] = flush_call_range(page_window(2 * i), 0);
	}
	control = flush_call_build(&call, page);
	watching = 0;
	stop = 0;
	smp_run(1, watch_job, NULL);
	spin_until(watching != 0);
	for (u32 i = 0; i < SAMPLES; i++) {
		gap = 0;
		timing_call(control, page_gpa(page), 0);
		spin_until(gap != 0);
		sample[i] = gap;
	}
	stop = 1;
	smp_wait(1);
	timing_print(name, sample, SAMPLES);
}

static void target_1(const void *arg)
{
	(void)arg;
	target("target", 1);
}

static void target_16(const void *arg)
{
	(void)arg;
	target("target16", 16);
}

static u64 timed_read(u64 gva)
{
	u64 start = cpu_rdtsc();

	(void)cpu_read64(gva);
	return cpu_rdtsc() - start;
}

/* Pages of one page table, one after the other: it is remembered. */
static void fill(const void *arg)
{
	u64 frame = page_gpa(page_alloc(PAGE_SIZE));

	(void)arg;
	for (u32 i = 0; i <= SAMPLES; i++) {
		page_map(i, frame, 0);
		cpu_invlpg(page_window(i));
	}
	(void)cpu_read64(page_window(SAMPLES));
	for (u32 i = 0; i < SAMPLES; i++) {
		sample[i] = timed_read(page_window(i));
	}
	timing_print("fill", sample, SAMPLES);
}

/* INVLPG has forgotten which page table it is: the walk begins at CR3. */
static void fill_cr3(const void *arg)
{
	(void)arg;
	page_map(0, page_gpa(page_alloc(PAGE_SIZE)), 0);
	(void)cpu_read64(page_window(0));
	for (u32 i = 0; i < SAMPLES; i++) {
		cpu_invlpg(page_window(0));
		sample[i] = timed_read(page_window(0));
	}
	timing_print("fill_cr3", sample, SAMPLES);
}

static u64 resume_at;
static u64 taken_at;

static void take(struct trap_frame *frame)
{
	taken_at = cpu_rdtsc();
	frame->rip = resume_at;
}

/* From the access to the guest's handler. */
static u64 timed_fault(u64 gva)
{
	u64 start;

	__asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
			 "movq %%rax, %[resume]\n\t"
			 "rdtsc\n\t"
			 "shlq $32, %%rdx\n\t"
			 "addq %%rdx, %%rax\n\t"
			 "movq (%[gva]), %%rdx\n"
			 "1:"
			 : "=&a"(start), [resume] "=m"(resume_at)
			 : [gva] "r"(gva)
			 : "rdx", "memory", "cc");
	return taken_at - start;
}

/*
 * Pages that are not mapped; with `known`, each beside a page that was loaded
 * just now, else after a #PF of the same page, which forgets its page table.
 */
static void reflected(const char *name, bool known)
{
	u64 frame = page_gpa(page_alloc(PAGE_SIZE));

	for (u32 i = 0; i < SAMPLES; i++) {
		page_set_entry(2 * i, 0);
		page_map(2 * i + 1, frame, 0);
		cpu_invlpg(page_window(2 * i));
		cpu_invlpg(page_window(2 * i + 1));
	}
	trap_set_handler(TRAP_PF, take);
	for (u32 i = 0; i < SAMPLES; i++) {
		if (known) {
			(void)cpu_read64(page_window(2 * i + 1));
		}
		sample[i] = timed_fault(page_window(known ? 2 * i : 0));
	}
	trap_set_handler(TRAP_PF, NULL);
	timing_print(name, sample, SAMPLES);
}

static void reflected_known(const void *arg)
{
	(void)arg;
	reflected("reflected", true);
}

static void reflected_cr3(const void *arg)
{
	(void)arg;
	reflected("reflected_cr3", false);
}

static const struct check checks[] = {
	{"target", "cost", target_1, NULL, 2, NEED_HV},
	{"target16", "cost", target_16, NULL, 2, NEED_HV},
	{"fill", "cost", fill, NULL, 1, NEED_SHADOW},
	{"fill_cr3", "cost", fill_cr3, NULL, 1, NEED_SHADOW},
	{"reflected", "cost", reflected_known, NULL, 1, NEED_SHADOW},
	{"reflected_cr3", "cost", reflected_cr3, NULL, 1, NEED_SHADOW},
};

SUITE("bench-target", 301, checks);
