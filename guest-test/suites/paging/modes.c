/* SPDX-License-Identifier: MIT */
/*
 * Translations of 32-bit code: 32-bit paging, PAE paging, none. What is cached,
 * what removes it, accessed and dirty bits, page faults, and PAE's PDPTEs,
 * which only a MOV to a control register reads (SDM 3A, "PDPTE Registers").
 */
#include "call/flush.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/paging32.h"
#include "suites/paging/access.h"
#include "suites/paging/script32.h"

#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/pte.h"

#define OLD      0x0b0f01d0 /* the low half is UD2 */
#define NEW      0x0b0f02e3
#define UD2      0x0b0f
#define SLOT     300 /* of the page table; the next one too */
#define LARGE    7   /* of the directory */
#define PAGE     (PTE_PRESENT | PTE_WRITE)
#define LARGE_PS (PTE_PRESENT | PTE_WRITE | PTE_LARGE)
#define AD       (PTE_ACCESSED | PTE_DIRTY)
#define MIB4     (2 * PAGE_LARGE)
#define ENTRIES  512

struct mode {
	enum paging32 kind;
	enum script32_mode mode;
};

/* Frames with OLD and NEW: of 4 KiB; of 4 MiB, aligned to 4 MiB. */
static u64 small_frame[2];
static u64 large_frame[2];

static u64 alloc_4m(void)
{
	u64 at = page_gpa(page_alloc_large());

	while ((at & (MIB4 - 1)) != 0) {
		at = page_gpa(page_alloc_large());
	}
	(void)page_alloc_large();
	return at;
}

static void write32(u64 at, u32 value)
{
	*(volatile u32 *)at = value;
}

static void make_frames(void)
{
	static const u32 values[] = {OLD, NEW};

	for (u32 i = 0; i < 2 && large_frame[i] == 0; i++) {
		small_frame[i] = page_gpa(page_alloc(PAGE_SIZE));
		large_frame[i] = alloc_4m();
	}
	for (u32 i = 0; i < 2; i++) {
		write32(small_frame[i], values[i]);
		for (u64 at = 0; at < MIB4; at += PAGE_SIZE) {
			write32(large_frame[i] + at, values[i]);
		}
	}
}

static u32 size_of_large(enum paging32 kind)
{
	return (u32)(kind == PAGING32_PAE ? PAGE_LARGE : MIB4);
}

static u32 small_gva(const struct mode *m)
{
	return paging32_address(m->kind, false, SLOT);
}

static u32 small_entry(const struct mode *m)
{
	return paging32_entry(m->kind, false, SLOT);
}

static u32 cr3_of(const struct mode *m)
{
	paging32_select(m->kind);
	return paging32_cr3;
}

/* Maps a page to the old frame, and another page beside it. */
static void begin(const struct mode *m, u64 flags)
{
	make_frames();
	paging32_set(m->kind, false, SLOT, small_frame[0] | flags);
	paging32_set(m->kind, false, SLOT + 1, small_frame[0] | flags);
}

static void end(const struct mode *m)
{
	script32_run(m->mode);
	paging32_set(m->kind, false, SLOT, 0);
	paging32_set(m->kind, false, SLOT + 1, 0);
	region_expect_no_eviction();
}

/* Lets the code read the page, change its entry, and read the page again. */
static void change(const struct mode *m, u64 flags)
{
	begin(m, flags);
	script32_read(small_gva(m), OLD);
	script32_do(SCRIPT32_WRITE, small_entry(m),
		    (u32)(small_frame[1] | flags));
	script32_read_kept(small_gva(m), OLD);
}

static void invlpg(const void *arg)
{
	const struct mode *m = arg;

	change(m, PAGE);
	script32_do(SCRIPT32_INVLPG, small_gva(m) + PAGE_SIZE, 0);
	script32_read_kept(small_gva(m), OLD);
	script32_do(SCRIPT32_INVLPG, small_gva(m), 0);
	script32_read(small_gva(m), NEW);
	end(m);
}

static void mov_cr3(const void *arg)
{
	const struct mode *m = arg;

	change(m, PAGE);
	script32_do(SCRIPT32_CR3, cr3_of(m), 0);
	script32_read(small_gva(m), NEW);
	end(m);
}

static void global(const void *arg)
{
	const struct mode *m = arg;

	change(m, PAGE | PTE_GLOBAL);
	script32_do(SCRIPT32_CR3, cr3_of(m), 0);
	script32_read_kept(small_gva(m), OLD);
	script32_do(SCRIPT32_INVLPG, small_gva(m), 0);
	script32_read(small_gva(m), NEW);
	end(m);
}

/* Adds a flush of the caller, from 32-bit code. */
static void add_flush(u32 i, u16 code, u64 space, u64 flags, u64 gva)
{
	static u8 blocks[4][PAGE_SIZE] __aligned(4096);
	struct flush_call call = {
		.code = code,
		.space = space,
		.flags = flags,
		.vps = vpset_one(0),
		.ranges = &gva,
		.count = 1,
	};

	script32_call(flush_call_build(&call, blocks[i]), blocks[i]);
}

static void flush_list(const void *arg)
{
	const struct mode *m = arg;
	u32 cr3 = cr3_of(m);

	change(m, PAGE);
	add_flush(0, LIST, cr3, 0, small_gva(m) + PAGE_SIZE);
	script32_read_kept(small_gva(m), OLD);
	add_flush(1, LIST, cr3 ^ BIT(13), 0, small_gva(m));
	script32_read_kept(small_gva(m), OLD);
	add_flush(2, LIST, cr3, 0, small_gva(m));
	script32_read(small_gva(m), NEW);
	end(m);
}

static void flush_space(const void *arg)
{
	const struct mode *m = arg;
	u32 cr3 = cr3_of(m);

	change(m, PAGE);
	add_flush(0, SPACE, cr3 ^ BIT(13), NON_G, 0);
	script32_read_kept(small_gva(m), OLD);
	add_flush(1, SPACE, cr3, NON_G, 0);
	script32_read(small_gva(m), NEW);
	end(m);
	change(m, PAGE | PTE_GLOBAL);
	add_flush(0, SPACE, cr3, NON_G, 0);
	script32_read_kept(small_gva(m), OLD);
	add_flush(1, SPACE, cr3, 0, 0);
	script32_read(small_gva(m), NEW);
	end(m);
}

/* All parts of a large page go with one of them. */
static void large(const void *arg)
{
	const struct mode *m = arg;
	u32 gva = paging32_address(m->kind, true, LARGE);
	u32 entry = paging32_entry(m->kind, true, LARGE);
	u32 last = gva + size_of_large(m->kind) - (u32)PAGE_SIZE;

	begin(m, PAGE);
	paging32_set(m->kind, true, LARGE, large_frame[0] | LARGE_PS);
	script32_read(gva, OLD);
	script32_read(last, OLD);
	script32_do(SCRIPT32_WRITE, entry, (u32)(large_frame[1] | LARGE_PS));
	script32_read_kept(gva, OLD);
	script32_read_kept(last, OLD);
	script32_do(SCRIPT32_INVLPG, last, 0);
	script32_read(gva, NEW);
	script32_read(last, NEW);
	script32_do(SCRIPT32_WRITE, entry, (u32)(large_frame[0] | LARGE_PS));
	script32_read_kept(last, NEW);
	add_flush(0, LIST, cr3_of(m), 0, gva);
	script32_read(gva, OLD);
	script32_read(last, OLD);
	script32_bits(entry, AD, PTE_ACCESSED);
	script32_do(SCRIPT32_WRITE, gva, OLD);
	script32_bits(entry, AD, AD);
	end(m);
	paging32_set(m->kind, true, LARGE, 0);
}

static void bits(const void *arg)
{
	const struct mode *m = arg;

	begin(m, PAGE);
	script32_bits(small_entry(m), AD, 0);
	script32_read(small_gva(m), OLD);
	script32_bits(small_entry(m), AD, PTE_ACCESSED);
	script32_do(SCRIPT32_WRITE, small_gva(m), OLD);
	script32_bits(small_entry(m), AD, AD);
	script32_bits(paging32_entry(m->kind, true, 0), PTE_ACCESSED,
		      PTE_ACCESSED);
	end(m);
}

static void faults(const void *arg)
{
	const struct mode *m = arg;
	u32 gva = small_gva(m);
	u32 cr0 = (u32)cpu_cr0();

	begin(m, PTE_PRESENT);
	paging32_set(m->kind, false, SLOT + 1, 0);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_P | PF_W);
	script32_bits(small_entry(m), AD, 0);
	script32_read(gva, OLD);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_P | PF_W);
	script32_do(SCRIPT32_CR0, cr0 & ~(u32)CR0_WP, 0);
	script32_do(SCRIPT32_WRITE, gva, NEW);
	script32_do(SCRIPT32_CR0, cr0, 0);
	script32_bits(small_entry(m), AD, AD);
	script32_read(gva, NEW);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_P | PF_W);
	gva += (u32)PAGE_SIZE;
	script32_fault(SCRIPT32_READ, gva, 0, TRAP_PF, 0);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_W);
	script32_fault(SCRIPT32_FETCH, gva, 0, TRAP_PF, 0);
	gva = paging32_address(m->kind, true, LARGE);
	script32_fault(SCRIPT32_READ, gva, 0, TRAP_PF, 0);
	end(m);
}

/* SDM 3A: bit 21 of a 4 MiB page, bits 20:13 of one of 2 MiB */
static void reserved_large(const void *arg)
{
	const struct mode *m = arg;
	u32 gva = paging32_address(m->kind, true, LARGE);
	u64 reserved = m->kind == PAGING32_PAE ? BIT(13) : BIT(21);

	begin(m, PAGE);
	paging32_set(m->kind, true, LARGE,
		     large_frame[0] | LARGE_PS | reserved);
	script32_fault(SCRIPT32_READ, gva, 0, TRAP_PF, PF_P | PF_RSVD);
	script32_fault(SCRIPT32_WRITE, gva, 0, TRAP_PF, PF_P | PF_RSVD | PF_W);
	end(m);
	paging32_set(m->kind, true, LARGE, 0);
}

static void reserved_bits(const void *arg)
{
	const struct mode *m = arg;

	begin(m, PAGE | BIT(51));
	script32_fault(SCRIPT32_READ, small_gva(m), 0, TRAP_PF, PF_P | PF_RSVD);
	end(m);
	begin(m, PAGE | PTE_NX); /* EFER.NXE is 0 */
	script32_fault(SCRIPT32_READ, small_gva(m), 0, TRAP_PF, PF_P | PF_RSVD);
	end(m);
}

static void no_execute(const void *arg)
{
	const struct mode *m = arg;
	u64 efer = cpu_rdmsr(MSR_IA32_EFER);

	cpu_wrmsr(MSR_IA32_EFER, efer | EFER_NXE);
	begin(m, PAGE | PTE_NX);
	write32(small_frame[0] + 8, UD2);
	script32_read(small_gva(m), OLD);
	script32_fault(SCRIPT32_FETCH, small_gva(m) + 8, 0, TRAP_PF,
		       PF_P | PF_I);
	end(m);
	begin(m, PAGE);
	script32_fault(SCRIPT32_FETCH, small_gva(m) + 8, 0, TRAP_UD, 0);
	end(m);
	cpu_wrmsr(MSR_IA32_EFER, efer);
}

/*
 * The directory's entry leads to another table, all pages of which are the new
 * frame. A page that was not read yet is found by the former way.
 */
static void way(const void *arg)
{
	static u8 table[PAGE_SIZE] __aligned(4096);
	const struct mode *m = arg;
	u32 entry = paging32_entry(m->kind, true, 0);
	u64 before = paging32_get(m->kind, true, 0);

	begin(m, PAGE);
	memset(table, 0, sizeof(table));
	for (u32 i = 0; i < ENTRIES; i++) {
		((u64 *)table)[i] = small_frame[1] | PAGE;
	}
	if (m->kind == PAGING32_CLASSIC) {
		for (u32 i = 0; i < 2 * ENTRIES; i++) {
			((u32 *)table)[i] = (u32)(small_frame[1] | PAGE);
		}
	}
	script32_read(small_gva(m), OLD);
	script32_do(SCRIPT32_WRITE, entry, (u32)(page_gpa(table) | PAGE));
	script32_read_kept(small_gva(m) + (u32)PAGE_SIZE, OLD);
	script32_do(SCRIPT32_INVLPG, PAGING32_BASE, 0);
	script32_read_kept(small_gva(m), OLD);
	script32_read(small_gva(m) - (u32)PAGE_SIZE, NEW);
	end(m);
	paging32_set(m->kind, true, 0, before);
}

/* ---- PDPTEs ---- */

static u64 pointers[4] __aligned(32);

/* A copy of the four PDPTEs. */
static u32 copy_pointers(const struct mode *m)
{
	memcpy(pointers, (const void *)(u64)cr3_of(m), sizeof(pointers));
	return (u32)(u64)pointers;
}

static void pdpte_changed(const void *arg)
{
	static u64 directory[ENTRIES] __aligned(4096);
	const struct mode *m = arg;
	u32 at = copy_pointers(m);
	u32 gva = paging32_address(m->kind, true, LARGE);

	begin(m, PAGE);
	paging32_set(m->kind, true, LARGE, large_frame[0] | LARGE_PS);
	directory[LARGE] = large_frame[1] | LARGE_PS;
	script32_do(SCRIPT32_CR3, at, 0);
	script32_read(gva, OLD);
	script32_do(SCRIPT32_WRITE, at + 3 * 8,
		    (u32)(page_gpa(directory) | PTE_PRESENT));
	script32_read(gva + (u32)PAGE_SIZE, OLD);
	script32_do(SCRIPT32_INVLPG, gva, 0);
	script32_read(gva, OLD);
	add_flush(0, SPACE, at, HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES, 0);
	script32_read(gva, OLD);
	script32_do(SCRIPT32_CR3, at, 0);
	script32_read(gva, NEW);
	script32_do(SCRIPT32_CR3, cr3_of(m), 0);
	script32_read(gva, OLD);
	end(m);
	paging32_set(m->kind, true, LARGE, 0);
}

/* A reserved bit of a present PDPTE: #GP, and CR3 is as before. */
static void pdpte_reserved(const void *arg)
{
	static const u64 reserved[] = {BIT(1), BIT(2),  BIT(5),
				       BIT(8), BIT(51), BIT(63)};
	const struct mode *m = arg;

	for (u32 i = 0; i < ARRAY_SIZE(reserved); i++) {
		u32 at = copy_pointers(m);
		u32 before = cr3_of(m);

		pointers[i & 3] |= reserved[i];
		begin(m, PAGE);
		script32_fault(SCRIPT32_CR3, at, 0, TRAP_GP, 0);
		script32_do(SCRIPT32_READ_CR3, 0, 0);
		script32_read(small_gva(m), OLD);
		script32_do(SCRIPT32_CR3, before, 0);
		end(m);
	}
}

/* If it is not present, all its other bits are ignored. */
static void pdpte_missing(const void *arg)
{
	const struct mode *m = arg;
	u32 at = copy_pointers(m);

	pointers[2] = ~PTE_PRESENT;
	begin(m, PAGE);
	script32_do(SCRIPT32_CR3, at, 0);
	script32_fault(SCRIPT32_READ, 0x80000000, 0, TRAP_PF, 0);
	script32_fault(SCRIPT32_WRITE, 0xbffffffc, 0, TRAP_PF, PF_W);
	script32_read(small_gva(m), OLD);
	script32_do(SCRIPT32_CR3, cr3_of(m), 0);
	end(m);
}

/* ---- no paging ---- */

static void unpaged(const void *arg)
{
	const struct mode *m = arg;
	u32 at;

	begin(m, PAGE);
	at = (u32)small_frame[0];
	script32_read(at, OLD);
	script32_do(SCRIPT32_WRITE, at, NEW);
	script32_read(at, NEW);
	script32_do(SCRIPT32_INVLPG, at, 0);
	script32_do(SCRIPT32_CR3, (u32)cpu_cr3(), 0);
	add_flush(0, LIST, cpu_cr3(), 0, at);
	add_flush(1, SPACE, cpu_cr3(), 0, 0);
	script32_read(at, NEW);
	end(m);
	/* 64-bit code goes on with its own translations */
	tap_equal("written", *(volatile u32 *)small_frame[0], NEW);
}

static const struct mode pae = {PAGING32_PAE, SCRIPT32_PAE};
static const struct mode classic = {PAGING32_CLASSIC, SCRIPT32_CLASSIC};
static const struct mode none = {PAGING32_CLASSIC, SCRIPT32_UNPAGED};

#define REMOVED                                                                \
	"SDM 3A: Operations that Invalidate TLBs and Paging-Structure Caches"
#define FAULTS "SDM 3A: Page-Fault Exceptions"
#define BITS   "SDM 3A: Accessed and Dirty Flags"
#define PDPTES "SDM 3A: PDPTE Registers"

/* clang-format off */
#define CHECK(_mode, _name, _heading)                                          \
	{#_mode "_" #_name, _heading, _name, &(_mode), 1, NEED_HV}
#define BOTH(_name, _heading)                                                  \
	CHECK(pae, _name, _heading), CHECK(classic, _name, _heading)

static const struct check checks[] = {
	BOTH(invlpg, REMOVED),
	BOTH(mov_cr3, REMOVED),
	BOTH(global, REMOVED),
	BOTH(flush_list, "TLFS: HvCallFlushVirtualAddressList"),
	BOTH(flush_space, "TLFS: HvCallFlushVirtualAddressSpace"),
	BOTH(large, REMOVED),
	BOTH(way, "SDM 3A: Caches for Paging Structures"),
	BOTH(bits, BITS),
	BOTH(faults, FAULTS),
	BOTH(reserved_large, FAULTS),
	CHECK(pae, reserved_bits, FAULTS),
	CHECK(pae, no_execute, FAULTS),
	CHECK(pae, pdpte_changed, PDPTES),
	CHECK(pae, pdpte_reserved, PDPTES),
	CHECK(pae, pdpte_missing, PDPTES),
	{"unpaged", "SDM 3A: Paging Modes and Control Bits", unpaged, &none, 1,
	 NEED_HV},
};
/* clang-format on */

SUITE("modes", 097, checks);
