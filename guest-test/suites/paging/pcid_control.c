/* SPDX-License-Identifier: MIT */
/*
 * CR4.PCIDE and CR3 with PCIDs: what is #GP and what reads back; and more PCIDs
 * than a software TLB has room for. That is the last check, because evictions
 * are counted from the start.
 */
#include "call/counters.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/paging32.h"
#include "kernel/trap.h"
#include "suites/paging/script32.h"
#include "suites/paging/spaces.h"

#include "x86/cpuid.h"
#include "x86/cr.h"

#define PAGE 0xa20000 /* of the region */
#define FEW  8
#define MANY 70

static void set_cr0_job(void *arg)
{
	cpu_set_cr0(*(const u64 *)arg);
}

static void set_cr3_job(void *arg)
{
	cpu_set_cr3(*(const u64 *)arg);
}

static void set_cr4_job(void *arg)
{
	cpu_set_cr4(*(const u64 *)arg);
}

/* The MOV is #GP with error code 0, and both registers are as before. */
static void expect_gp(void (*job)(void *arg), u64 value)
{
	u64 cr3 = cpu_cr3();
	u64 cr4 = cpu_cr4();
	struct trap_fault fault = trap_try(job, &value);

	tap_equal("vector", fault.vector, TRAP_GP);
	tap_equal("error code", fault.error, 0);
	tap_equal("CR3", cpu_cr3(), cr3);
	tap_equal("CR4", cpu_cr4(), cr4);
}

static void pcide(const void *arg)
{
	u64 cr4 = cpu_cr4();

	(void)arg;
	spaces_pcids_on();
	tap_equal("CR4 with PCIDE", cpu_cr4(), cr4 | CR4_PCIDE);
	spaces_pcids_off();
	tap_equal("CR4 without", cpu_cr4(), cr4);
}

/* CR3 bits 11:0 have to be 0, also those that are not PWT and PCD. */
static void pcide_needs_pcid_0(const void *arg)
{
	static const u64 low[] = {1, CR3_PWT, CR3_PCD, BIT(5), BIT(11), 0xfff};
	u64 cr3 = cpu_cr3();

	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(low); i++) {
		cpu_set_cr3(cr3 | low[i]);
		expect_gp(set_cr4_job, cpu_cr4() | CR4_PCIDE);
	}
	cpu_set_cr3(cr3);
}

/* What CR4.PCIDE stands on cannot go before it. */
static void pcide_needs_long_mode(const void *arg)
{
	(void)arg;
	spaces_pcids_on();
	expect_gp(set_cr0_job, cpu_cr0() & ~CR0_PG);
	expect_gp(set_cr4_job, cpu_cr4() & ~CR4_PAE);
	spaces_pcids_off();
}

/* 32-bit code without IA-32e mode: in vain */
static void pcide_legacy(const void *arg)
{
	static const enum paging32 kinds[] = {PAGING32_PAE, PAGING32_CLASSIC,
					      PAGING32_CLASSIC};
	static const enum script32_mode modes[] = {
		SCRIPT32_PAE, SCRIPT32_CLASSIC, SCRIPT32_UNPAGED};

	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(modes); i++) {
		u32 cr4;

		paging32_select(kinds[i]);
		cr4 = modes[i] == SCRIPT32_UNPAGED ? (u32)cpu_cr4()
						   : paging32_cr4;
		script32_do(SCRIPT32_CR4, cr4, 0);
		script32_fault(SCRIPT32_CR4, cr4 | (u32)CR4_PCIDE, 0, TRAP_GP,
			       0);
		script32_do(SCRIPT32_CR4, cr4, 0);
		script32_run(modes[i]);
	}
}

/* MAXPHYADDR to bit 62, and bit 63 where it has no meaning */
static void cr3_reserved(const void *arg)
{
	u64 first = cpu_cpuid(CPUID_LEAF_ADDR_SIZE, 0).eax & 0xff;
	u64 cr3 = cpu_cr3();

	(void)arg;
	expect_gp(set_cr3_job, cr3 | CR3_NO_FLUSH);
	for (u64 bit = first; bit < 63; bit++) {
		expect_gp(set_cr3_job, cr3 | BIT(bit));
	}
	spaces_pcids_on();
	for (u64 bit = first; bit < 63; bit++) {
		expect_gp(set_cr3_job, cr3 | BIT(bit) | 1);
		expect_gp(set_cr3_job, cr3 | BIT(bit) | CR3_NO_FLUSH);
	}
	spaces_pcids_off();
}

static void cr3_reads_back(const void *arg)
{
	static const u64 pcids[] = {0, 1, CR3_PWT | CR3_PCD, 0x800, 0xfff};
	u64 cr3 = cpu_cr3();

	(void)arg;
	spaces_pcids_on();
	for (u32 i = 0; i < ARRAY_SIZE(pcids); i++) {
		cpu_set_cr3(cr3 | pcids[i] | CR3_NO_FLUSH);
		tap_equal("CR3 after bit 63", cpu_cr3(), cr3 | pcids[i]);
		cpu_set_cr3(cr3 | pcids[i]);
		tap_equal("CR3", cpu_cr3(), cr3 | pcids[i]);
	}
	cpu_set_cr3(cr3);
	spaces_pcids_off();
}

/* ---- how many PCIDs ---- */

static u64 evictions(void)
{
	struct lethe_test_output *out =
		(struct lethe_test_output *)vp_self()->output;

	if (!host_get()->has_test_call) {
		return 0;
	}
	test_call_read(0, out);
	return out->shadow_evictions;
}

/* The page gets another frame, which holds `value`. */
static void set_page(u64 value)
{
	static u64 frames[2];
	u64 *frame = &frames[value & 1];

	if (*frame == 0) {
		*frame = page_gpa(page_alloc(PAGE_SIZE));
	}
	cpu_write64(*frame, value);
	region_set(region_entry(region_gva(PAGE), 1),
		   *frame | PTE_PRESENT | PTE_WRITE);
}

static u64 read_as(u64 pcid)
{
	cpu_set_cr3((cpu_cr3() & ~CR3_PCID) | pcid | CR3_NO_FLUSH);
	return cpu_read64(region_gva(PAGE));
}

/*
 * PCIDs that are a multiple of `step` read the page; it changes; they read it
 * again. Returns how many of them read as before.
 */
static u32 use_pcids(u32 count, u32 step)
{
	u64 cr3 = cpu_cr3();
	u32 kept = 0;

	spaces_pcids_on();
	set_page(2);
	region_forget();
	for (u32 i = 0; i < count; i++) {
		tap_equal("first read", read_as((u64)i * step), 2);
	}
	set_page(3);
	for (u32 i = 0; i < count; i++) {
		u64 value = read_as((u64)i * step);

		tap_true("read what was written", value == 2 || value == 3);
		kept += value == 2 ? 1 : 0;
	}
	/* nothing is left of those that were given up */
	region_forget();
	for (u32 i = 0; i < count; i++) {
		tap_equal("after a flush", read_as((u64)i * step), 3);
	}
	cpu_set_cr3(cr3 | CR3_NO_FLUSH);
	spaces_pcids_off();
	return kept;
}

/* Among them PCIDs that differ in one bit only */
static void few(const void *arg)
{
	static const u32 steps[] = {1, 0x18, 0x100, 0x249};

	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(steps); i++) {
		tap_equal("kept", use_pcids(FEW, steps[i]), FEW);
	}
	region_expect_no_eviction();
}

static void many(const void *arg)
{
	u64 before = evictions();
	u32 kept = use_pcids(MANY, 1);

	(void)arg;
	if (host_get()->has_shadow) {
		tap_at_least("evictions", evictions() - before, 1);
		tap_at_most("kept", kept, MANY - 1);
	}
}

#define CHECK(_name, _heading, _fn, _needs)                                    \
	{                                                                      \
		_name, _heading, _fn, NULL, 1, NEED_HV | NEED_PCID | (_needs)  \
	}
#define PCIDS "SDM 3A: Process-Context Identifiers (PCIDs)"
#define MOVES "SDM 2B: MOV—Move to/from Control Registers"

/* clang-format off */
static const struct check checks[] = {
	CHECK("pcide", PCIDS, pcide, 0),
	CHECK("pcide_needs_pcid_0", MOVES, pcide_needs_pcid_0, 0),
	CHECK("pcide_needs_long_mode", MOVES, pcide_needs_long_mode, 0),
	CHECK("pcide_legacy", MOVES, pcide_legacy, 0),
	CHECK("cr3_reserved", MOVES, cr3_reserved, 0),
	CHECK("cr3_reads_back", MOVES, cr3_reads_back, 0),
	CHECK("few", PCIDS, few, NEED_SHADOW),
	CHECK("many", PCIDS, many, 0),
};
/* clang-format on */

SUITE("pcid", 104, checks);
