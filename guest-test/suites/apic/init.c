/* SPDX-License-Identifier: MIT */
/*
 * What INIT changes and what it leaves, by SDM 3A, "Processor State After
 * Reset", column INIT: VP 1 gives its registers other values, and after INIT
 * and SIPI stores them before anything else has changed them.
 */
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/mem.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "suites/apic/apic_suite.h"
#include "suites/apic/init_record.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define HIGH        0xffffab0000001000ull /* canonical */
#define FX_SIZE     512
#define FX_ST0      32
#define FX_XMM0     160
#define FX_XMM8     288 /* real mode stores eight */
#define CPUID_LEAF1 1

extern const u8 init_record_begin[];
extern const u8 init_record_end[];

struct init_msr {
	const char *name;
	u32 msr;
	bool is_kept;
	u64 before; /* what VP 1 writes */
	u64 after;  /* what INIT makes of it, unless it is kept */
};

/* clang-format off */
static const struct init_msr msrs[] = {
	{"EFER", MSR_IA32_EFER, false, EFER_LME | EFER_LMA | EFER_SCE, 0},
	{"PAT", MSR_IA32_PAT, true, 0x0501040600070406, 0},
	{"STAR", MSR_IA32_STAR, true, 0xabcd123400000000, 0},
	{"LSTAR", MSR_IA32_LSTAR, true, HIGH, 0},
	{"CSTAR", MSR_IA32_CSTAR, true, HIGH + 0x2000, 0},
	{"FMASK", MSR_IA32_FMASK, true, 0x47700, 0},
	{"KERNEL_GS_BASE", MSR_IA32_KERNEL_GS_BASE, true, HIGH + 0x3000, 0},
	{"FS base", MSR_IA32_FS_BASE, false, HIGH + 0x4000, 0},
	{"SYSENTER_CS", MSR_IA32_SYSENTER_CS, true, 0x1238, 0},
	{"SYSENTER_ESP", MSR_IA32_SYSENTER_ESP, true, HIGH + 0x5000, 0},
	{"SYSENTER_EIP", MSR_IA32_SYSENTER_EIP, true, HIGH + 0x6000, 0},
};
/* clang-format on */

static u8 fx_at_first[FX_SIZE] __aligned(16);
static u8 fx_before[FX_SIZE] __aligned(16);
static u64 msr_at_first[ARRAY_SIZE(msrs)];
static u64 cache_bits_at_first;
static u64 apic_base;
static volatile u32 is_ready;

static u32 recorded(u32 at)
{
	return *(volatile u32 *)(u64)at;
}

static void fill_fx(void)
{
	cpu_set_cr4(cpu_cr4() | CR4_OSFXSR);
	cpu_fxsave(fx_at_first);
	memcpy(fx_before, fx_at_first, FX_SIZE);
	for (u32 i = FX_ST0; i < FX_XMM8; i++) {
		/* the upper 6 bytes of an x87 register are reserved */
		fx_before[i] = (u8)(i < FX_XMM0 && i % 16 >= 10 ? 0 : 7 * i);
	}
	*(u16 *)&fx_before[0] = 0x0f7f;
	fx_before[4] = 0xff; /* all x87 registers are valid */
	*(u32 *)&fx_before[24] = 0x7f80;
	cpu_fxrstor(fx_before);
}

/*
 * `arg`: what CR0.CD and CR0.NW are before the INIT. IF stays 1: under nested
 * KVM in Bochs nothing reaches a VP that spins with IF = 0 (docs/suite.md).
 */
static void change_job(void *arg)
{
	u64 value = HIGH;

	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		msr_at_first[i] = cpu_rdmsr(msrs[i].msr);
		cpu_wrmsr(msrs[i].msr, msrs[i].before);
	}
	apic_base = cpu_rdmsr(MSR_IA32_APIC_BASE);
	__asm__ volatile("movq %0, %%cr2; movq %0, %%dr0; movq %0, %%dr1\n\t"
			 "movq %0, %%dr2; movq %0, %%dr3"
			 :
			 : "r"(value));
	/* a breakpoint on the execution of an address where no code is */
	__asm__ volatile("movq %0, %%dr7" : : "r"(BIT(0) | DR7_RESET));
	cpu_set_dr6(DR6_RESET | GENMASK(3, 0));
	fill_fx();
	cache_bits_at_first = cpu_cr0() & (CR0_CD | CR0_NW);
	cpu_set_cr0((cpu_cr0() & ~(CR0_CD | CR0_NW)) | (u64)arg);
	is_ready = 1;
	for (;;) {
		cpu_pause();
	}
}

static void restore_job(void *arg)
{
	(void)arg;
	cpu_set_cr0((cpu_cr0() & ~(CR0_CD | CR0_NW)) | cache_bits_at_first);
	cpu_set_cr4(cpu_cr4() | CR4_OSFXSR);
	cpu_fxrstor(fx_at_first);
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		cpu_wrmsr(msrs[i].msr, msr_at_first[i]);
	}
}

static void prepare(void)
{
	u32 *list = (u32 *)(u64)INIT_MSRS;

	memset((void *)(u64)REAL_PAGE, 0xcc, PAGE_SIZE);
	memcpy((void *)(u64)REAL_PAGE, init_record_begin,
	       (size_t)(init_record_end - init_record_begin));
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		list[3 * i] = msrs[i].msr;
	}
	list[3 * ARRAY_SIZE(msrs)] = MSR_IA32_APIC_BASE;
	list[3 * ARRAY_SIZE(msrs) + 3] = 0;
}

static void init_and_record(u64 cache_bits)
{
	struct guest_cpu *vp = smp_vps[1];
	u32 starts = vp->starts;

	prepare();
	is_ready = 0;
	smp_run(1, change_job, (void *)cache_bits);
	wait_until(is_ready != 0);
	smp_send_init(1);
	irq_settle();
	vp->job = NULL; /* it has ended, and never begins again */
	smp_send_sipi_page(1, REAL_PAGE);
	wait_until(vp->starts != starts);
	tap_equal("stored", recorded(INIT_DONE), 1);
	smp_run(1, restore_job, NULL);
	smp_wait(1);
}

static u64 recorded_msr(size_t i)
{
	return *(volatile u64 *)(u64)(INIT_MSRS + 12 * i + 4);
}

static void look_msrs(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		tap_equal(msrs[i].name, recorded_msr(i),
			  msrs[i].is_kept ? msrs[i].before : msrs[i].after);
	}
	tap_equal("APIC_BASE", recorded_msr(ARRAY_SIZE(msrs)), apic_base);
}

static void look_integer_state(void)
{
	u32 any = 0;

	for (u32 i = 0; i < 8; i++) {
		any |= i == 2 ? 0 : recorded(INIT_GPR + 4 * i);
	}
	tap_equal("general registers but EDX", any, 0);
	tap_equal("EDX", recorded(INIT_GPR + 8),
		  (u32)cpu_cpuid(CPUID_LEAF1, 0).eax);
	tap_equal("EFLAGS", recorded(INIT_FLAGS), 2);
	tap_equal("DS and ES", recorded(INIT_SELECTORS), 0);
	tap_equal("FS and GS", recorded(INIT_SELECTORS + 4), 0);
	tap_equal("SS", recorded(INIT_SELECTORS + 8) & 0xffff, 0);
	tap_equal("GDTR limit", recorded(INIT_GDTR) & 0xffff, 0xffff);
	tap_equal("GDTR base", recorded(INIT_GDTR + 2), 0);
	tap_equal("IDTR limit", recorded(INIT_IDTR) & 0xffff, 0xffff);
	tap_equal("IDTR base", recorded(INIT_IDTR + 2), 0);
}

static void look_system_state(u64 cache_bits)
{
	tap_equal("CR0", recorded(INIT_CR), cache_bits | CR0_ET);
	tap_equal("CR2", recorded(INIT_CR + 4), 0);
	tap_equal("CR3", recorded(INIT_CR + 8), 0);
	tap_equal("CR4", recorded(INIT_CR + 12), 0);
	for (u32 i = 0; i < 4; i++) {
		tap_equal("DR0 to DR3", recorded(INIT_DR + 4 * i), 0);
	}
	tap_equal("DR6", recorded(INIT_DR + 16), (u32)DR6_RESET);
	tap_equal("DR7", recorded(INIT_DR + 20), DR7_RESET);
}

static void look_fx(void)
{
	const u8 *after = (const u8 *)(u64)INIT_FX;
	u32 different = 0;

	for (u32 i = FX_ST0; i < FX_XMM8; i++) {
		different += after[i] != fx_before[i];
	}
	tap_equal("bytes of x87 and XMM that changed", different, 0);
	tap_equal("FCW", *(const u16 *)&after[0], 0x0f7f);
	tap_equal("MXCSR", *(const u32 *)&after[24], 0x7f80);
}

void apic_check_init_registers(const void *arg)
{
	(void)arg;
	init_and_record(0);
	look_integer_state();
	look_system_state(0);
	look_msrs();
	look_fx();
}

/* "CD and NW are unchanged"; NW without CD is not allowed. */
void apic_check_init_cache_bits(const void *arg)
{
	static const u64 bits[] = {0, CR0_CD, CR0_CD | CR0_NW};

	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		init_and_record(bits[i]);
		tap_equal("CR0", recorded(INIT_CR), bits[i] | CR0_ET);
	}
}
