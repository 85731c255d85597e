/* SPDX-License-Identifier: MIT */
/*
 * SDM 3A, "Processor State After Reset", for the registers that the test guest
 * does not use itself.
 */
#include "suites/life/registers.h"

#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/vp.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define CPUID_RDTSCP BIT(27)
#define HIGH         0xffffab0000001000ull /* canonical */
#define FX_END       416

/* SDM 1, "FXSAVE Area" */
#define FX_FCW   0
#define FX_MXCSR 24
#define FX_ST0   32

struct msr_row {
	const char *name;
	u32 msr;
	u64 first;
	u64 left; /* what is left behind */
};

/* clang-format off */
static const struct msr_row rows[] = {
	{"STAR", MSR_IA32_STAR, 0, 0xabcd123400000000},
	{"LSTAR", MSR_IA32_LSTAR, 0, HIGH},
	{"CSTAR", MSR_IA32_CSTAR, 0, HIGH + 0x2000},
	{"FMASK", MSR_IA32_FMASK, 0, 0x47700},
	{"KERNEL_GS_BASE", MSR_IA32_KERNEL_GS_BASE, 0, HIGH + 0x3000},
	{"FS base", MSR_IA32_FS_BASE, 0, HIGH + 0x4000},
	{"SYSENTER_CS", MSR_IA32_SYSENTER_CS, 0, 0x1238},
	{"SYSENTER_ESP", MSR_IA32_SYSENTER_ESP, 0, HIGH + 0x5000},
	{"SYSENTER_EIP", MSR_IA32_SYSENTER_EIP, 0, HIGH + 0x6000},
	{"PAT", MSR_IA32_PAT, PAT_RESET, 0x0501040600070406},
	{"EFER", MSR_IA32_EFER, EFER_LME | EFER_LMA,
	 EFER_LME | EFER_LMA | EFER_SCE},
	{"TSC_AUX", MSR_IA32_TSC_AUX, 0, 0x1234567},
};
/* clang-format on */

static bool is_there(const struct msr_row *row)
{
	return row->msr != MSR_IA32_TSC_AUX ||
	       (cpu_cpuid(0x80000001, 0).edx & CPUID_RDTSCP) != 0;
}

static void look_fx(void)
{
	u8 area[512] __aligned(16) = {0};
	u64 cr4 = cpu_cr4();
	u32 any = 0;

	cpu_set_cr4(cr4 | CR4_OSFXSR);
	cpu_fxsave(area);
	cpu_set_cr4(cr4);
	for (u32 i = FX_ST0; i < FX_END; i++) {
		any |= area[i];
	}
	tap_equal("x87 and XMM", any, 0);
	tap_equal("FCW", *(u16 *)&area[FX_FCW], 0x37f);
	tap_equal("x87 status and tags", *(u32 *)&area[FX_FCW + 2], 0);
	tap_equal("MXCSR", *(u32 *)&area[FX_MXCSR], 0x1f80);
}

void life_registers_look(void)
{
	u64 dr[4];
	u64 dr7;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (is_there(&rows[i])) {
			tap_equal(rows[i].name, cpu_rdmsr(rows[i].msr),
				  rows[i].first);
		}
	}
	__asm__ volatile("movq %%dr0, %0; movq %%dr1, %1; movq %%dr2, %2\n\t"
			 "movq %%dr3, %3; movq %%dr7, %4"
			 : "=r"(dr[0]), "=r"(dr[1]), "=r"(dr[2]), "=r"(dr[3]),
			   "=r"(dr7));
	tap_equal("DR0-DR3", dr[0] | dr[1] | dr[2] | dr[3], 0);
	tap_equal("DR6", cpu_dr6(), DR6_RESET);
	tap_equal("DR7", dr7, DR7_RESET);
	tap_equal("CR2", cpu_cr2(), 0);
	tap_equal("CR8", cpu_cr8(), 0);
	look_fx();
}

static void fill_fx(u32 n)
{
	u8 area[512] __aligned(16) = {0};

	cpu_set_cr4(cpu_cr4() | CR4_OSFXSR);
	cpu_fxsave(area);
	for (u32 i = FX_ST0; i < FX_END; i++) {
		/* the upper 6 bytes of an x87 register are reserved */
		area[i] = (u8)(i < 160 && i % 16 >= 10 ? 0 : 7 * i + n + 1);
	}
	area[FX_FCW] = 0x7f;
	area[FX_FCW + 1] = 0x0f;
	area[FX_FCW + 4] = 0xff; /* all registers are valid */
	*(u32 *)&area[FX_MXCSR] = 0x7f80;
	cpu_fxrstor(area);
}

void life_registers_fill(void)
{
	u64 value = HIGH + 0x10 * vp_self()->id;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (is_there(&rows[i])) {
			cpu_wrmsr(rows[i].msr, rows[i].left);
		}
	}
	__asm__ volatile("movq %0, %%cr2; movq %0, %%dr0; movq %0, %%dr1\n\t"
			 "movq %0, %%dr2; movq %0, %%dr3"
			 :
			 : "r"(value));
	/* a breakpoint on the execution of an address where no code is */
	__asm__ volatile("movq %0, %%dr7" : : "r"(BIT(0) | DR7_RESET));
	cpu_set_dr6(DR6_RESET | GENMASK(3, 0));
	cpu_set_cr8(2);
	fill_fx(vp_self()->id);
}
