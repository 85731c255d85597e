/* SPDX-License-Identifier: MIT */
/*
 * Registers of VPs that share a CPU: each VP fills them with its own pattern;
 * all VPs of the CPU run, by yields and by the ends of slices; then each VP
 * compares its own. There is a check for each group of registers.
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/mem.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#include "x86/cr.h"
#include "x86/msr.h"

#define YIELD_STEPS  8
#define SLICE_STEPS  2
#define GROUP_MAX    4
#define CPUID_RDTSCP BIT(27)

enum reg {
	REG_MSR,
	REG_CR2,
	REG_DR0,
	REG_DR1,
	REG_DR2,
	REG_DR3,
	REG_DR6,
	REG_DR7
};

typedef u64 pattern_fn(u32 n, u64 base, u64 step);

struct switched_reg {
	enum reg kind;
	u32 msr;
	pattern_fn *pattern;
	u64 base;
	u64 step;
};

struct group {
	u32 count;
	struct switched_reg regs[GROUP_MAX];
	/* of the FXSAVE area: `fx_len` bytes of each 16 from fx_at to fx_end */
	u32 fx_at;
	u32 fx_end;
	u32 fx_len;
};

static volatile u32 steps[VPS_MAX];

#define DEFINE_DR(_n)                                                          \
	static u64 read_dr##_n(void)                                           \
	{                                                                      \
		u64 value;                                                     \
                                                                               \
		__asm__ volatile("movq %%dr" #_n ", %0" : "=r"(value));        \
		return value;                                                  \
	}                                                                      \
	static void write_dr##_n(u64 value)                                    \
	{                                                                      \
		__asm__ volatile("movq %0, %%dr" #_n : : "r"(value));          \
	}
DEFINE_DR(0)
DEFINE_DR(1)
DEFINE_DR(2)
DEFINE_DR(3)
DEFINE_DR(6)
DEFINE_DR(7)

static u64 (*const dr_reads[])(void) = {
	[REG_CR2] = cpu_cr2,  [REG_DR0] = read_dr0, [REG_DR1] = read_dr1,
	[REG_DR2] = read_dr2, [REG_DR3] = read_dr3, [REG_DR6] = read_dr6,
	[REG_DR7] = read_dr7,
};

static void (*const dr_writes[])(u64 value) = {
	[REG_CR2] = cpu_set_cr2, [REG_DR0] = write_dr0, [REG_DR1] = write_dr1,
	[REG_DR2] = write_dr2,   [REG_DR3] = write_dr3, [REG_DR6] = write_dr6,
	[REG_DR7] = write_dr7,
};

static u64 reg_read(const struct switched_reg *r)
{
	return r->kind == REG_MSR ? cpu_rdmsr(r->msr) : dr_reads[r->kind]();
}

static void reg_write(const struct switched_reg *r, u64 value)
{
	if (r->kind == REG_MSR) {
		cpu_wrmsr(r->msr, value);
	} else {
		dr_writes[r->kind](value);
	}
}

static u64 linear(u32 n, u64 base, u64 step)
{
	return base + (n + 1) * step;
}

/* The place among the VPs of a CPU: n / CPUs. */
static u32 rank_of(u32 n)
{
	return n / smp_cpus();
}

/* B0-B3 */
static u64 dr6_pattern(u32 n, u64 base, u64 step)
{
	return base | (rank_of(n) + 1) % 16 * step;
}

/* R/W and LEN fields of 0, 1 or 3; no breakpoint is enabled. */
static u64 dr7_pattern(u32 n, u64 base, u64 step)
{
	static const u8 field[3] = {0, 1, 3};

	for (u32 i = 0; i < 8; i++, n /= 3) {
		base |= (u64)field[n % 3] << (16 + 2 * i);
	}
	return base * step;
}

/* The upper four entries, which no page uses. */
static u64 pat_pattern(u32 n, u64 base, u64 step)
{
	static const u8 type[6] = {PAT_UC, PAT_WC,      PAT_WT,
				   PAT_WP, PAT_UCMINUS, PAT_WB};

	base &= 0xffffffff;
	for (u32 i = 0; i < 4; i++, n /= 6) {
		base |= (u64)type[n % 6] << (32 + 8 * i);
	}
	return base * step;
}

/* SCE is set in every second VP of a CPU; LMA stays. */
static u64 efer_pattern(u32 n, u64 base, u64 step)
{
	return base | (rank_of(n) & 1) * step;
}

/* SDM 1, "FXSAVE Area": every part has a pattern of this VP. */
static void fx_pattern(u32 n, u8 *image)
{
	u16 control = (u16)(0x37f | (rank_of(n) & 3) << 10);
	u32 mxcsr = 0x1f80 | (rank_of(n) & 3) << 13;

	memcpy(&image[0], &control, sizeof(control));
	image[4] = 0xff; /* abridged tags: all valid */
	memcpy(&image[24], &mxcsr, sizeof(mxcsr));
	for (u32 at = 32; at < 160; at++) {
		image[at] = (u8)(at % 16 < 10 ? at + 29 * n : 0);
	}
	for (u32 at = 160; at < 416; at++) {
		image[at] = (u8)(7 * at + 31 * n);
	}
}

/* Waits until each VP of this CPU has come to this step too. */
static void wait_for_neighbours(u32 step)
{
	u32 self = vp_self()->id;

	steps[self] = step;
	for (u32 n = self % smp_cpus(); n < smp_count(); n += smp_cpus()) {
		while (steps[n] < step) {
			watchdog_poll();
			if (step <= YIELD_STEPS) {
				(void)host_yield();
			}
		}
	}
}

static bool fx_differs(const struct group *g, const u8 *a, const u8 *b)
{
	bool differs = false;

	for (u32 at = g->fx_at; at < g->fx_end; at += 16) {
		differs |= memcmp(&a[at], &b[at], g->fx_len) != 0;
	}
	return differs;
}

static void run_regs(const struct group *g, u32 n)
{
	u64 saved[GROUP_MAX];
	u64 want[GROUP_MAX];

	for (u32 i = 0; i < g->count; i++) {
		const struct switched_reg *r = &g->regs[i];

		saved[i] = reg_read(r);
		want[i] = r->pattern(n, r->base, r->step);
		reg_write(r, want[i]);
	}
	for (u32 step = 1; step <= YIELD_STEPS + SLICE_STEPS; step++) {
		wait_for_neighbours(step);
		for (u32 i = 0; i < g->count; i++) {
			tap_equal("register", reg_read(&g->regs[i]), want[i]);
		}
	}
	for (u32 i = 0; i < g->count; i++) {
		reg_write(&g->regs[i], saved[i]);
	}
}

static void run_fx(const struct group *g, u32 n)
{
	u8 saved[512] __aligned(16);
	u8 want[512] __aligned(16) = {0};
	u8 got[512] __aligned(16) = {0};
	u64 cr4 = cpu_cr4();

	cpu_set_cr4(cr4 | CR4_OSFXSR);
	cpu_fxsave(saved);
	fx_pattern(n, want);
	cpu_fxrstor(want);
	for (u32 step = 1; step <= YIELD_STEPS + SLICE_STEPS; step++) {
		wait_for_neighbours(step);
		cpu_fxsave(got);
		tap_true("FXSAVE image kept", !fx_differs(g, got, want));
	}
	cpu_fxrstor(saved);
	cpu_set_cr4(cr4);
}

static void group_job(void *arg)
{
	const struct group *g = arg;
	u32 n = vp_self()->id;

	if (g->fx_len != 0) {
		run_fx(g, n);
	} else {
		run_regs(g, n);
	}
	/* each VP has its own GS base all the time */
	tap_equal("GS base", cpu_rdmsr(MSR_IA32_GS_BASE), (u64)smp_vps[n]);
}

static void run_group(const void *arg)
{
	static struct group group;

	memcpy(&group, arg, sizeof(group));
	for (u32 n = 0; n < smp_count(); n++) {
		steps[n] = 0;
	}
	smp_run_range(1, smp_count() - 1, group_job, &group);
	group_job(&group);
	smp_wait_range(1, smp_count() - 1);
}

static void run_tsc_aux(const void *arg)
{
	if ((cpu_cpuid(0x80000001, 0).edx & CPUID_RDTSCP) == 0) {
		tap_skip("no RDTSCP");
		return;
	}
	run_group(arg);
}

#define HIGH(_n) (0xffff800000000000ull + (_n)*0x0000010000000000ull)
#define MSR(_msr, _b, _s)                                                      \
	{                                                                      \
		REG_MSR, _msr, linear, _b, _s                                  \
	}
#define GROUP(_name, _fn, ...)                                                 \
	{                                                                      \
		_name, "SDM 3C: VM entries load what the VMCS has", _fn,       \
			&(const struct group){__VA_ARGS__}, 2,                 \
			NEED_HV | NEED_SHARED                                  \
	}

/* clang-format off */
static const struct check checks[] = {
	GROUP("regs_cr2", run_group, .count = 1,
	      .regs = {{REG_CR2, 0, linear, HIGH(1), 0x1001}}),
	GROUP("regs_dr0_3", run_group, .count = 4,
	      .regs = {{REG_DR0, 0, linear, HIGH(2), 0x1001},
		       {REG_DR1, 0, linear, HIGH(3), 0x1001},
		       {REG_DR2, 0, linear, HIGH(4), 0x1001},
		       {REG_DR3, 0, linear, HIGH(5), 0x1001}}),
	GROUP("regs_dr6", run_group, .count = 1,
	      .regs = {{REG_DR6, 0, dr6_pattern, DR6_RESET, 1}}),
	GROUP("regs_dr7", run_group, .count = 1,
	      .regs = {{REG_DR7, 0, dr7_pattern, DR7_RESET, 1}}),
	GROUP("regs_x87", run_group, .fx_at = 32, .fx_end = 160, .fx_len = 10),
	GROUP("regs_x87_control", run_group, .fx_at = 0, .fx_end = 16,
	      .fx_len = 2),
	GROUP("regs_xmm", run_group, .fx_at = 160, .fx_end = 416,
	      .fx_len = 16),
	GROUP("regs_mxcsr", run_group, .fx_at = 24, .fx_end = 40, .fx_len = 4),
	GROUP("regs_star", run_group, .count = 1,
	      .regs = {MSR(MSR_IA32_STAR, 0, 0x0001000300050007)}),
	GROUP("regs_lstar", run_group, .count = 1,
	      .regs = {MSR(MSR_IA32_LSTAR, HIGH(6), 0x1001)}),
	GROUP("regs_cstar", run_group, .count = 1,
	      .regs = {MSR(MSR_IA32_CSTAR, HIGH(7), 0x1001)}),
	GROUP("regs_fmask", run_group, .count = 1,
	      .regs = {MSR(MSR_IA32_FMASK, 0, 0x10001)}),
	GROUP("regs_kernel_gs_base", run_group, .count = 1,
	      .regs = {MSR(MSR_IA32_KERNEL_GS_BASE, HIGH(8), 0x1001)}),
	GROUP("regs_tsc_aux", run_tsc_aux, .count = 1,
	      .regs = {MSR(MSR_IA32_TSC_AUX, 0, 0x10001)}),
	GROUP("regs_fs_base", run_group, .count = 1,
	      .regs = {MSR(MSR_IA32_FS_BASE, HIGH(9), 0x1001)}),
	GROUP("regs_sysenter", run_group, .count = 3,
	      .regs = {MSR(MSR_IA32_SYSENTER_CS, 0, 8),
		       MSR(MSR_IA32_SYSENTER_ESP, HIGH(10), 0x1001),
		       MSR(MSR_IA32_SYSENTER_EIP, HIGH(11), 0x1001)}),
	GROUP("regs_pat", run_group, .count = 1,
	      .regs = {{REG_MSR, MSR_IA32_PAT, pat_pattern, PAT_RESET, 1}}),
	GROUP("regs_efer", run_group, .count = 1,
	      .regs = {{REG_MSR, MSR_IA32_EFER, efer_pattern,
			EFER_LME | EFER_LMA, EFER_SCE}}),
};
/* clang-format on */

SUITE("overcommit", 140, checks);
