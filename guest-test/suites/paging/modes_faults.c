/* SPDX-License-Identifier: MIT */
/*
 * Page faults of 32-bit code, accessed and dirty bits, and PAE's PDPTEs, which
 * only a MOV to a control register reads (SDM 3A, "PDPTE Registers").
 */
#include "call/row_words.h"
#include "harness/suite.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "suites/paging/access.h"
#include "suites/paging/mode32.h"

#include "x86/cr.h"
#include "x86/msr.h"

#define OLD     MODE32_OLD
#define NEW     MODE32_NEW
#define PAGE    MODE32_PAGE
#define LARGE   MODE32_LARGE /* the entry */
#define BIG     MODE32_BIG   /* flags of a large page */
#define AD      (PTE_ACCESSED | PTE_DIRTY)
#define UD2     0x0b0f
#define ENTRIES 512

static void bits(const void *arg)
{
	const struct mode32 *m = arg;

	mode32_begin(m, PAGE);
	script32_bits(mode32_entry(m), AD, 0);
	script32_read(mode32_gva(m), OLD);
	script32_bits(mode32_entry(m), AD, PTE_ACCESSED);
	script32_do(SCRIPT32_WRITE, mode32_gva(m), OLD);
	script32_bits(mode32_entry(m), AD, AD);
	script32_bits(paging32_entry(m->kind, true, 0), PTE_ACCESSED,
		      PTE_ACCESSED);
	mode32_end(m);
}

static void faults(const void *arg)
{
	const struct mode32 *m = arg;
	u32 gva = mode32_gva(m);
	u32 cr0 = (u32)cpu_cr0();

	mode32_begin(m, PTE_PRESENT);
	paging32_set(m->kind, false, MODE32_SLOT + 1, 0);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_P | PF_W);
	script32_bits(mode32_entry(m), AD, 0);
	script32_read(gva, OLD);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_P | PF_W);
	script32_do(SCRIPT32_CR0, cr0 & ~(u32)CR0_WP, 0);
	script32_do(SCRIPT32_WRITE, gva, NEW);
	script32_do(SCRIPT32_CR0, cr0, 0);
	script32_bits(mode32_entry(m), AD, AD);
	script32_read(gva, NEW);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_P | PF_W);
	gva += (u32)PAGE_SIZE;
	script32_fault(SCRIPT32_READ, gva, 0, TRAP_PF, 0);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_W);
	script32_fault(SCRIPT32_FETCH, gva, 0, TRAP_PF, 0);
	gva = paging32_address(m->kind, true, LARGE);
	script32_fault(SCRIPT32_READ, gva, 0, TRAP_PF, 0);
	mode32_end(m);
}

/* SDM 3A: bit 21 of a 4 MiB page, bits 20:13 of one of 2 MiB */
static void reserved_large(const void *arg)
{
	const struct mode32 *m = arg;
	u32 gva = paging32_address(m->kind, true, LARGE);
	u64 reserved = m->kind == PAGING32_PAE ? BIT(13) : BIT(21);

	mode32_begin(m, PAGE);
	paging32_set(m->kind, true, LARGE, mode32_large[0] | BIG | reserved);
	script32_fault(SCRIPT32_READ, gva, 0, TRAP_PF, PF_P | PF_RSVD);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_P | PF_RSVD | PF_W);
	mode32_end(m);
	paging32_set(m->kind, true, LARGE, 0);
}

static void reserved_bits(const void *arg)
{
	const struct mode32 *m = arg;

	mode32_begin(m, PAGE | BIT(51));
	script32_fault(SCRIPT32_READ, mode32_gva(m), 0, TRAP_PF,
		       PF_P | PF_RSVD);
	mode32_end(m);
	mode32_begin(m, PAGE | PTE_NX); /* EFER.NXE is 0 */
	script32_fault(SCRIPT32_READ, mode32_gva(m), 0, TRAP_PF,
		       PF_P | PF_RSVD);
	mode32_end(m);
}

static void no_execute(const void *arg)
{
	const struct mode32 *m = arg;
	u64 efer = cpu_rdmsr(MSR_IA32_EFER);

	cpu_wrmsr(MSR_IA32_EFER, efer | EFER_NXE);
	mode32_begin(m, PAGE | PTE_NX);
	*(volatile u32 *)(mode32_small[0] + 8) = UD2;
	script32_read(mode32_gva(m), OLD);
	script32_fault(SCRIPT32_FETCH, mode32_gva(m) + 8, 0, TRAP_PF,
		       PF_P | PF_I);
	mode32_end(m);
	mode32_begin(m, PAGE);
	script32_fault(SCRIPT32_FETCH, mode32_gva(m) + 8, 0, TRAP_UD, 0);
	mode32_end(m);
	cpu_wrmsr(MSR_IA32_EFER, efer);
}

/* ---- PDPTEs ---- */

static u64 pointers[4] __aligned(32);

/* A copy of the four PDPTEs. */
static u32 copy_pointers(const struct mode32 *m)
{
	memcpy(pointers, (const void *)(u64)mode32_cr3(m), sizeof(pointers));
	return (u32)(u64)pointers;
}

static void pdpte_changed(const void *arg)
{
	static u64 directory[ENTRIES] __aligned(4096);
	const struct mode32 *m = arg;
	u32 at = copy_pointers(m);
	u32 gva = paging32_address(m->kind, true, LARGE);

	mode32_begin(m, PAGE);
	paging32_set(m->kind, true, LARGE, mode32_large[0] | BIG);
	directory[LARGE] = mode32_large[1] | BIG;
	script32_do(SCRIPT32_CR3, at, 0);
	script32_read(gva, OLD);
	script32_do(SCRIPT32_WRITE, at + 3 * 8,
		    (u32)(page_gpa(directory) | PTE_PRESENT));
	script32_read(gva + (u32)PAGE_SIZE, OLD);
	script32_do(SCRIPT32_INVLPG, gva, 0);
	script32_read(gva, OLD);
	mode32_flush(0, SPACE, at, HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES, 0);
	script32_read(gva, OLD);
	script32_do(SCRIPT32_CR3, at, 0);
	script32_read(gva, NEW);
	script32_do(SCRIPT32_CR3, mode32_cr3(m), 0);
	script32_read(gva, OLD);
	mode32_end(m);
	paging32_set(m->kind, true, LARGE, 0);
}

/* A reserved bit of a present PDPTE: #GP, and CR3 is as before. */
static void pdpte_reserved(const void *arg)
{
	static const u64 reserved[] = {BIT(1), BIT(2),  BIT(5),
				       BIT(8), BIT(51), BIT(63)};
	const struct mode32 *m = arg;

	for (u32 i = 0; i < ARRAY_SIZE(reserved); i++) {
		u32 at = copy_pointers(m);
		u32 before = mode32_cr3(m);

		pointers[i & 3] |= reserved[i];
		mode32_begin(m, PAGE);
		script32_fault(SCRIPT32_CR3, at, 0, TRAP_GP, 0);
		script32_do(SCRIPT32_READ_CR3, 0, 0);
		script32_read(mode32_gva(m), OLD);
		script32_do(SCRIPT32_CR3, before, 0);
		mode32_end(m);
	}
}

/* If it is not present, all its other bits are ignored. */
static void pdpte_missing(const void *arg)
{
	const struct mode32 *m = arg;
	u32 at = copy_pointers(m);

	pointers[2] = ~PTE_PRESENT;
	mode32_begin(m, PAGE);
	script32_do(SCRIPT32_CR3, at, 0);
	script32_fault(SCRIPT32_READ, 0x80000000, 0, TRAP_PF, 0);
	script32_fault(SCRIPT32_WRITE, 0xbffffffc, 0, TRAP_PF, PF_W);
	script32_read(mode32_gva(m), OLD);
	script32_do(SCRIPT32_CR3, mode32_cr3(m), 0);
	mode32_end(m);
}

#define FAULTS "SDM 3A: Page-Fault Exceptions"
#define BITS   "SDM 3A: Accessed and Dirty Flags"
#define PDPTES "SDM 3A: PDPTE Registers"

/* clang-format off */
#define CHECK(_mode, _name, _heading)                                          \
	{#_mode "_" #_name, _heading, _name, &mode32_##_mode, 1, NEED_HV}
#define BOTH(_name, _heading)                                                  \
	CHECK(pae, _name, _heading), CHECK(classic, _name, _heading)

static const struct check checks[] = {
	BOTH(bits, BITS),
	BOTH(faults, FAULTS),
	BOTH(reserved_large, FAULTS),
	CHECK(pae, reserved_bits, FAULTS),
	CHECK(pae, no_execute, FAULTS),
	CHECK(pae, pdpte_changed, PDPTES),
	CHECK(pae, pdpte_reserved, PDPTES),
	CHECK(pae, pdpte_missing, PDPTES),
};
/* clang-format on */

SUITE("modes", 099, checks);
