/* SPDX-License-Identifier: MIT */
/* EIP at its end, state after INIT, state at the start, RF of faults. */
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/layout.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "suites/step/step_suite.h"

#include "x86/cr.h"
#include "x86/msr.h"

#define LAST_CPUID 0xfffffffeull
#define LAST_PAGE  0xfffff000ull

#define MSR_NOWHERE 0x4fffffffu

/* The entry of the page directory that maps the last 2 MiB below 4 GiB. */
static u64 *last_entry(void)
{
	u64 *pml4 = (u64 *)(cpu_cr3() & CR3_BASE);
	u64 *pdpt = (u64 *)(pml4[0] & GENMASK(51, 12));

	return &((u64 *)(pdpt[3] & GENMASK(51, 12)))[511];
}

/* Maps a page there that ends with CPUID; returns the former entry. */
static u64 map_last_page(void)
{
	u64 *entry = last_entry();
	u64 before = *entry;
	u64 *table = page_alloc(PAGE_SIZE);
	u8 *code = page_alloc(PAGE_SIZE);

	code[PAGE_SIZE - 2] = 0x0f;
	code[PAGE_SIZE - 1] = 0xa2;
	table[511] = page_gpa(code) | PTE_P | PTE_W;
	*entry = page_gpa(table) | PTE_P | PTE_W;
	cpu_invlpg(LAST_PAGE);
	return before;
}

static void unmap_last_page(u64 before)
{
	*last_entry() = before;
	cpu_invlpg(LAST_PAGE);
}

/*
 * Goes to `at` in compatibility mode. The code at 0 returns by a 32-bit RETF;
 * the stack, which lies below 4 GiB, has the address.
 */
static void run_32bit(void *at)
{
	__asm__ volatile("pushq %%rbp\n\t"
			 "leaq 1f(%%rip), %%rdx\n\t"
			 "movq %[cs64], %%rbx; shlq $32, %%rbx\n\t"
			 "orq %%rbx, %%rdx; pushq %%rdx\n\t"
			 "pushq %[cs32]; pushq %%rax\n\t"
			 "xorl %%eax, %%eax; xorl %%ecx, %%ecx\n\t"
			 "lretq\n"
			 "1:\tmovl %%esp, %%esp; popq %%rbp"
			 : "+a"(at)
			 : [cs64] "i"(SEL_CODE64), [cs32] "i"(SEL_CODE32)
			 : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10",
			   "r11", "r12", "r13", "r14", "r15", "cc", "memory");
}

/* 0, where EIP goes on; not constant, as compilers warn of that */
static volatile u64 first_gva;

/* SDM 1, "Instruction Pointer": EIP has 32 bits outside 64-bit mode */
void step_check_rip_wraps_32bit(const void *arg)
{
	u64 before = map_last_page();
	u64 saved = cpu_read64(first_gva);
	u64 flags = cpu_flags();

	(void)arg;
	cpu_write64(first_gva, 0xcb); /* RETF */
	cpu_cli();
	tap_equal("vector", trap_try(run_32bit, (void *)LAST_CPUID).vector,
		  TRAP_NONE);
	cpu_set_flags(flags);
	cpu_write64(first_gva, saved);
	unmap_last_page(before);
}

static void do_call(void *arg)
{
	__asm__ volatile("call *%0"
			 :
			 : "r"(arg)
			 : "rax", "rbx", "rcx", "rdx", "memory");
}

/* RIP has 64 bits; the page where it goes on is not mapped. */
void step_check_rip_64bit(const void *arg)
{
	u64 before = map_last_page();
	struct trap_fault fault = trap_try(do_call, (void *)LAST_CPUID);

	(void)arg;
	tap_equal("vector", fault.vector, TRAP_PF);
	tap_equal("CR2", fault.cr2, LAST_CPUID + 2);
	tap_equal("RIP", fault.rip, LAST_CPUID + 2);
	unmap_last_page(before);
}

#define DIRTY_LSTAR 0x123456789abcull

static void dirty_job(void *arg)
{
	u64 value = 0x12345000;

	(void)arg;
	__asm__ volatile("movq %0, %%cr2; movq %0, %%dr0; movq %0, %%dr1\n\t"
			 "movq %0, %%dr2; movq %0, %%dr3"
			 :
			 : "r"(value));
	/* a breakpoint at `value`, where no code is */
	__asm__ volatile("movq %0, %%dr7" : : "r"(BIT(0) | DR7_RESET));
	cpu_set_dr6(DR6_RESET | GENMASK(3, 0) | DR6_BS);
	cpu_wrmsr(MSR_IA32_LSTAR, DIRTY_LSTAR);
}

static void look_job(void *arg)
{
	u64 dr[4];
	u64 dr7;

	(void)arg;
	__asm__ volatile("movq %%dr0, %0; movq %%dr1, %1; movq %%dr2, %2\n\t"
			 "movq %%dr3, %3; movq %%dr7, %4"
			 : "=r"(dr[0]), "=r"(dr[1]), "=r"(dr[2]), "=r"(dr[3]),
			   "=r"(dr7));
	tap_equal("CR2", cpu_cr2(), 0);
	tap_equal("DR0-DR3", dr[0] | dr[1] | dr[2] | dr[3], 0);
	tap_equal("DR6", cpu_dr6(), DR6_RESET);
	tap_equal("DR7", dr7, DR7_RESET);
	tap_equal("LSTAR is kept", cpu_rdmsr(MSR_IA32_LSTAR), DIRTY_LSTAR);
	cpu_wrmsr(MSR_IA32_LSTAR, 0);
}

void step_check_init_forgets(const void *arg)
{
	u32 starts = smp_vps[1]->starts;

	(void)arg;
	smp_run(1, dirty_job, NULL);
	smp_wait(1);
	smp_send_init(1);
	smp_send_sipi(1);
	wait_until(smp_vps[1]->starts != starts);
	smp_run(1, look_job, NULL);
	smp_wait(1);
}

/* SDM 1, "FXSAVE Area"; offsets in words of 32 bits */
#define FX_FCW       0
#define FX_MXCSR     6
#define FX_XMM       40
#define FX_XMM_COUNT 64

static void first_job(void *arg)
{
	static const u32 msrs[] = {
		MSR_IA32_STAR,  MSR_IA32_LSTAR,          MSR_IA32_CSTAR,
		MSR_IA32_FMASK, MSR_IA32_KERNEL_GS_BASE,
	};
	u32 area[128] __aligned(16);
	u64 cr4 = cpu_cr4();
	u32 any = 0;

	(void)arg;
	cpu_set_cr4(cr4 | CR4_OSFXSR);
	__asm__ volatile("fxsave64 %0" : "=m"(area));
	cpu_set_cr4(cr4);
	for (u32 i = 0; i < FX_XMM_COUNT; i++) {
		any |= area[FX_XMM + i];
	}
	tap_equal("FCW", area[FX_FCW] & 0xffff, 0x37f);
	tap_equal("MXCSR", area[FX_MXCSR], 0x1f80);
	tap_equal("XMM", any, 0);
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		tap_equal("MSR of SYSCALL or SWAPGS", cpu_rdmsr(msrs[i]), 0);
	}
}

/* The test guest uses none of these registers itself. */
void step_check_first_state(const void *arg)
{
	(void)arg;
	first_job(NULL);
	smp_run_range(1, smp_count() - 1, first_job, NULL);
	smp_wait_range(1, smp_count() - 1);
}

static void do_ud2(void *arg)
{
	(void)arg;
	__asm__ volatile("ud2");
}

/* An instruction of VMX: the hypervisor injects the fault. */
static void do_vmread(void *arg)
{
	u64 value;

	(void)arg;
	__asm__ volatile("vmread %1, %0" : "=r"(value) : "r"(0ull) : "cc");
}

static void do_rdmsr(void *arg)
{
	(void)arg;
	(void)cpu_rdmsr(MSR_NOWHERE);
}

static void do_wrmsr(void *arg)
{
	(void)arg;
	cpu_wrmsr(MSR_NOWHERE, 0);
}

static void do_cr4(void *arg)
{
	(void)arg;
	cpu_set_cr4(cpu_cr4() | BIT(31));
}

/* The CPU's own faults and those that the hypervisor injects push RF = 1. */
void step_check_rf_of_faults(const void *arg)
{
	static const struct {
		const char *name;
		void (*fn)(void *arg);
		u32 vector;
	} rows[] = {{"UD2", do_ud2, TRAP_UD},
		    {"VMREAD", do_vmread, TRAP_UD},
		    {"RDMSR", do_rdmsr, TRAP_GP},
		    {"WRMSR", do_wrmsr, TRAP_GP},
		    {"MOV CR4", do_cr4, TRAP_GP}};

	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct trap_fault fault = trap_try(rows[i].fn, NULL);

		tap_equal(rows[i].name, fault.vector, rows[i].vector);
		tap_equal("RF", (fault.rflags & RFLAGS_RF) != 0, 1);
	}
}
