/* SPDX-License-Identifier: MIT */
/*
 * What the debug console shows is compared with this: VPs 0 and 1 spin with
 * patterns in their registers, IF = 0 and 1; VP 2 flushes VP 1 for ever and
 * counts; VP 3 halts with IF = 0. A comment line says where things are. It
 * never ends.
 */
#include "call/flush.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#include "x86/msr.h"

#define GPRS     16
#define PATTERN  0xa0a1a2a3a4a5a000ull /* + VP * 0x100 + register */
#define BASE_MSR 0xffffb0b1b2b3b000ull /* + VP * 0x100 + MSR */
#define COUNTER  0x800                 /* of VP 2's calls, in the page */

/* A page with a text and the counter, mapped at window pages 0 and 1. */
static u8 *page;

/* By the order in which ModRM counts them; that of RSP is not used. */
static u64 gprs[2][GPRS];

/* Not inlined: the label is defined once. */
static __noreturn __attribute__((noinline)) void spin(const u64 *values)
{
	__asm__ volatile("movl $1, %%ecx\n\t"
			 "orl %%ecx, %%ecx\n\t" /* status flags: all 0 */
			 "movq 0x08(%%rax), %%rcx\n\t"
			 "movq 0x10(%%rax), %%rdx\n\t"
			 "movq 0x18(%%rax), %%rbx\n\t"
			 "movq 0x28(%%rax), %%rbp\n\t"
			 "movq 0x30(%%rax), %%rsi\n\t"
			 "movq 0x38(%%rax), %%rdi\n\t"
			 "movq 0x40(%%rax), %%r8\n\t"
			 "movq 0x48(%%rax), %%r9\n\t"
			 "movq 0x50(%%rax), %%r10\n\t"
			 "movq 0x58(%%rax), %%r11\n\t"
			 "movq 0x60(%%rax), %%r12\n\t"
			 "movq 0x68(%%rax), %%r13\n\t"
			 "movq 0x70(%%rax), %%r14\n\t"
			 "movq 0x78(%%rax), %%r15\n\t"
			 "movq (%%rax), %%rax\n\t"
			 ".globl inspect_spin\n"
			 "inspect_spin:\n\t"
			 "jmp inspect_spin"
			 :
			 : "a"(values)
			 : "memory");
	__builtin_unreachable();
}

extern const u8 inspect_spin[];

static void load_msrs(u32 vp)
{
	static const u32 msrs[] = {MSR_IA32_LSTAR, MSR_IA32_CSTAR,
				   MSR_IA32_KERNEL_GS_BASE,
				   MSR_IA32_SYSENTER_ESP};

	for (u32 i = 0; i < ARRAY_SIZE(msrs); i++) {
		cpu_wrmsr(msrs[i], BASE_MSR + vp * 0x100 + i);
	}
}

static void spin_with_pattern(u32 vp)
{
	for (u32 i = 0; i < GPRS; i++) {
		gprs[vp][i] = PATTERN + vp * 0x100 + i;
	}
	load_msrs(vp);
	if (vp == 0) {
		cpu_cli();
	}
	spin(gprs[vp]);
}

static void spin_job(void *arg)
{
	(void)arg;
	spin_with_pattern(1);
}

static void flush_job(void *arg)
{
	static u64 range;
	const struct vpset target = vpset_one(1);
	struct flush_call call = flush_call_list(&target, &range, 1);
	volatile u64 *counter = (volatile u64 *)(page + COUNTER);

	(void)arg;
	range = flush_call_range(page_window(0), 0);
	for (;;) {
		(void)flush_call_do(&call);
		*counter += 1;
	}
}

static void halt_job(void *arg)
{
	(void)arg;
	for (;;) {
		cpu_cli();
		cpu_hlt();
	}
}

/* Reads both pages, then lets the second one name another page, unflushed. */
static void map_pages(void)
{
	page_map(0, page_gpa(page), 0);
	page_map(1, page_gpa(page), 0);
	(void)cpu_read64(page_window(0));
	(void)cpu_read64(page_window(1));
	page_map(1, page_gpa(page) + PAGE_SIZE, 0);
}

static void check_roles(const void *arg)
{
	static const char text[] = "what the console shows";
	static vp_fn *const jobs[] = {spin_job, flush_job, halt_job};

	(void)arg;
	watchdog_stop();
	page = page_alloc(2 * PAGE_SIZE);
	memcpy(page, text, sizeof(text));
	map_pages();
	for (u32 n = 1; n < smp_count() && n <= ARRAY_SIZE(jobs); n++) {
		smp_run(n, jobs[n - 1], NULL);
	}
	tap_note("spin", (u64)inspect_spin, 0);
	tap_note("page", page_gpa(page), page_window(0));
	tap_note("cr3", cpu_cr3(), 0);
	spin_with_pattern(0);
}

static const struct check checks[] = {
	{.name = "roles",
	 .heading = "none: for the debug console",
	 .fn = check_roles},
};

SUITE("inspect", 500, checks);
