/* SPDX-License-Identifier: MIT */
/*
 * Single accesses, a row for each case: which page fault comes, with which
 * error code and CR2, or which accessed and dirty bits an access sets. All
 * entries have these bits clear before, and no translation is cached.
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "suites/paging/access.h"

#include "x86/cpuid.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define FAULTS region_gva(0x800000) /* pages that only this suite uses */
#define AD     (PTE_ACCESSED | PTE_DIRTY)
#define FINE   (~0ull) /* no fault */
#define NEXT   PAGE_SIZE
#define RSVD   BIT(51) /* above MAXPHYADDR */

#define ALL_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_USER)

struct fault_row {
	enum access_kind kind;
	bool is_user;
	bool has_ac;
	bool is_large;
	u64 leaf;  /* flags of the leaf */
	u32 level; /* of one other entry, above the leaf; 0: none */
	u64 upper; /* its flags, instead of ALL_FLAGS */
	u64 error; /* or FINE */
	/* of the registers, changed for the access */
	u64 cr0_clear;
	u64 cr4_set;
	u64 efer_set;
	u32 feature; /* CPUID leaf 7 EBX must have it; 0: none */
	u64 offset;  /* of the access in its page */
	u64 cr2;     /* offset; 0: that of the access */
};

static u64 small_frame;
static u64 large_frame;
static u64 *entries[PTE_LEVELS + 1]; /* by level, from the leaf's */

static u32 leaf_level(const struct fault_row *row)
{
	return row->is_large ? 2 : 1;
}

static u64 gva_of(const struct fault_row *row)
{
	return row->is_large ? FAULTS + PAGE_LARGE : FAULTS;
}

/* The flags that the row has for this level. */
static u64 flags_of(const struct fault_row *row, u32 level)
{
	if (level == leaf_level(row)) {
		return row->leaf | (row->is_large ? PTE_LARGE : 0);
	}
	return level == row->level ? row->upper : ALL_FLAGS;
}

static u64 fill_frame(bool is_large)
{
	u64 frame;

	if (small_frame == 0) {
		small_frame = page_gpa(page_alloc(PAGE_SIZE));
		large_frame = page_gpa(page_alloc_large());
	}
	frame = is_large ? large_frame : small_frame;
	for (u64 at = 0; at < PAGE_SIZE; at += 8) {
		cpu_write64(frame + at, ACCESS_UD2);
	}
	return frame;
}

static void prepare(const struct fault_row *row)
{
	u32 leaf = leaf_level(row);

	for (u32 level = leaf; level <= PTE_LEVELS; level++) {
		entries[level] = region_entry(gva_of(row), level);
	}
	region_set(entries[leaf],
		   fill_frame(row->is_large) | flags_of(row, leaf));
	for (u32 level = leaf + 1; level <= PTE_LEVELS; level++) {
		region_set(entries[level],
			   (region_get(entries[level]) & PTE_ADDR) |
				   flags_of(row, level));
	}
}

static void restore(const struct fault_row *row)
{
	u32 leaf = leaf_level(row);

	for (u32 level = leaf + 1; level <= PTE_LEVELS; level++) {
		region_set(entries[level],
			   (region_get(entries[level]) & PTE_ADDR & ~RSVD) |
				   ALL_FLAGS);
	}
	region_set(entries[leaf], 0);
	region_forget();
}

static bool do_access(const struct fault_row *row, struct access *a)
{
	u64 cr0 = cpu_cr0();
	u64 cr4 = cpu_cr4();
	u64 efer = cpu_rdmsr(MSR_IA32_EFER);
	bool is_fine;

	cpu_set_cr0(cr0 & ~row->cr0_clear);
	cpu_set_cr4(cr4 | row->cr4_set);
	cpu_wrmsr(MSR_IA32_EFER, efer | row->efer_set);
	region_forget();
	is_fine = access_on(0, a);
	cpu_wrmsr(MSR_IA32_EFER, efer);
	cpu_set_cr4(cr4);
	cpu_set_cr0(cr0);
	return is_fine;
}

/* A in all entries, D in the leaf if it was a write, nothing else. */
static void expect_bits(const struct fault_row *row)
{
	for (u32 level = leaf_level(row); level <= PTE_LEVELS; level++) {
		u64 value = region_get(entries[level]);
		u64 bits = PTE_ACCESSED;

		if (level == leaf_level(row) && row->kind == ACCESS_WRITE) {
			bits |= PTE_DIRTY;
		}
		tap_equal("A and D", value & AD, bits);
		tap_equal("other flags", value & ~(PTE_ADDR | AD),
			  flags_of(row, level));
	}
}

static void expect_fault(const struct fault_row *row, const struct access *a,
			 u64 leaf)
{
	u64 offset = row->cr2 != 0 ? row->cr2 : row->offset;

	tap_equal("vector", a->fault.vector, TRAP_PF);
	tap_equal("error code", a->fault.error, row->error);
	tap_equal("CR2", a->fault.cr2, gva_of(row) + offset);
	if (row->kind == ACCESS_FETCH) {
		tap_equal("RIP", a->fault.rip, a->gva);
	}
	/* a page that crosses into a missing one has been found itself */
	if (row->cr2 == 0) {
		tap_equal("A and D", leaf & AD, 0);
	}
}

static void run_row(const void *arg)
{
	const struct fault_row *row = arg;
	struct access a = {.gva = gva_of(row) + row->offset,
			   .kind = row->kind,
			   .is_user = row->is_user,
			   .has_ac = row->has_ac};

	if ((cpu_cpuid(7, 0).ebx & row->feature) != row->feature) {
		tap_skip("not offered");
		return;
	}
	prepare(row);
	if (do_access(row, &a)) {
		tap_equal("fault", FINE, row->error);
		expect_bits(row);
	} else {
		expect_fault(row, &a, region_get(entries[leaf_level(row)]));
	}
	restore(row);
}

#define P       PTE_PRESENT
#define W       PTE_WRITE
#define US      PTE_USER
#define NX      PTE_NX
#define READ    ACCESS_READ
#define WRITE   ACCESS_WRITE
#define FETCH   ACCESS_FETCH
#define USER    .is_user = true
#define NXE     .efer_set = EFER_NXE
#define NO_WP   .cr0_clear = CR0_WP
#define SMEP    .cr4_set = CR4_SMEP, .feature = CPUID_7_EBX_SMEP
#define SMAP    .cr4_set = CR4_SMAP, .feature = CPUID_7_EBX_SMAP
#define LARGE   .is_large = true
#define PDE     .leaf = P | W | US, .level = 2, .upper
#define PDPTE   .leaf = P | W | US, .level = 3, .upper
#define PML4E   .leaf = P | W | US, .level = 4, .upper
#define ACROSS  .offset = PAGE_SIZE - 4, .cr2 = NEXT
#define HEADING "SDM 3A: Page-Fault Exceptions"
#define BITS    "SDM 3A: Accessed and Dirty Flags"
#define RIGHTS  "SDM 3A: Access Rights"
#define ROW(_name, _heading, _kind, _error, ...)                               \
	{                                                                      \
		_name, _heading, run_row,                                      \
			&(const struct fault_row){.kind = (_kind),             \
						  .error = (_error),           \
						  __VA_ARGS__},                \
			1, NEED_HV                                             \
	}
/* clang-format off */
static const struct check checks[] = {
	/* what succeeds, and the bits that it sets */
	ROW("read", BITS, READ, FINE, .leaf = P | W),
	ROW("write", BITS, WRITE, FINE, .leaf = P | W),
	ROW("fetch", BITS, FETCH, FINE, .leaf = P | W),
	ROW("read_large", BITS, READ, FINE, LARGE, .leaf = P | W),
	ROW("write_large", BITS, WRITE, FINE, LARGE, .leaf = P | W),
	ROW("read_global", BITS, READ, FINE, .leaf = P | W | PTE_GLOBAL),
	ROW("read_read_only", BITS, READ, FINE, .leaf = P),
	ROW("user_read", BITS, READ, FINE, USER, .leaf = P | US),
	ROW("user_write", BITS, WRITE, FINE, USER, .leaf = P | W | US),
	ROW("user_fetch", BITS, FETCH, FINE, USER, .leaf = P | US),
	ROW("nx_read", BITS, READ, FINE, NXE, .leaf = P | W | NX),
	ROW("wp0_write", BITS, WRITE, FINE, NO_WP, .leaf = P),
	ROW("wp0_write_large", BITS, WRITE, FINE, NO_WP, LARGE, .leaf = P),
	ROW("wp0_write_pde", RIGHTS, WRITE, FINE, NO_WP, PDE = P | US),
	ROW("wp0_write_user_page", BITS, WRITE, FINE, NO_WP, .leaf = P | US),
	ROW("smap_ac_read", RIGHTS, READ, FINE, SMAP, .has_ac = true,
	    .leaf = P | US),
	ROW("smap_ac_write", RIGHTS, WRITE, FINE, SMAP, .has_ac = true,
	    .leaf = P | W | US),
	ROW("smap_supervisor_page", RIGHTS, READ, FINE, SMAP, .leaf = P),
	ROW("smep_user_fetch", RIGHTS, FETCH, FINE, SMEP, USER, .leaf = P | US),
	ROW("smep_supervisor_page", RIGHTS, FETCH, FINE, SMEP, .leaf = P),

	/* not present, on each level */
	ROW("missing_read", HEADING, READ, 0, .leaf = W),
	ROW("missing_write", HEADING, WRITE, PF_W, .leaf = W),
	ROW("missing_fetch", HEADING, FETCH, 0, .leaf = W),
	ROW("missing_fetch_nxe", HEADING, FETCH, PF_I, NXE, .leaf = W),
	ROW("missing_fetch_smep", HEADING, FETCH, PF_I, SMEP, .leaf = W),
	ROW("missing_user_read", HEADING, READ, PF_U, USER, .leaf = W),
	ROW("missing_user_write", HEADING, WRITE, PF_U | PF_W, USER, .leaf = 0),
	ROW("missing_user_fetch", HEADING, FETCH, PF_U | PF_I, USER, NXE,
	    .leaf = US),
	ROW("missing_large", HEADING, READ, 0, LARGE, .leaf = W),
	ROW("missing_pde", HEADING, READ, 0, PDE = W | US),
	ROW("missing_pdpte", HEADING, WRITE, PF_W, PDPTE = W | US),
	ROW("missing_pml4e", HEADING, READ, 0, PML4E = W | US),
	ROW("missing_pml4e_user", HEADING, WRITE, PF_U | PF_W, USER,
	    PML4E = W | US),
	ROW("missing_and_reserved", HEADING, READ, 0, .leaf = RSVD),

	/* read-only */
	ROW("read_only", HEADING, WRITE, PF_P | PF_W, .leaf = P),
	ROW("read_only_user", HEADING, WRITE, PF_P | PF_W | PF_U, USER,
	    .leaf = P | US),
	ROW("read_only_large", HEADING, WRITE, PF_P | PF_W, LARGE, .leaf = P),
	ROW("read_only_pde", HEADING, WRITE, PF_P | PF_W, PDE = P | US),
	ROW("read_only_pdpte", HEADING, WRITE, PF_P | PF_W, PDPTE = P | US),
	ROW("read_only_pml4e", HEADING, WRITE, PF_P | PF_W, PML4E = P | US),
	ROW("wp0_user_write", HEADING, WRITE, PF_P | PF_W | PF_U, USER, NO_WP,
	    .leaf = P | US),

	/* of the supervisor */
	ROW("supervisor_read", HEADING, READ, PF_P | PF_U, USER, .leaf = P | W),
	ROW("supervisor_write", HEADING, WRITE, PF_P | PF_W | PF_U, USER,
	    .leaf = P | W),
	ROW("supervisor_fetch", HEADING, FETCH, PF_P | PF_U, USER,
	    .leaf = P | W),
	ROW("supervisor_fetch_nxe", HEADING, FETCH, PF_P | PF_U | PF_I, USER,
	    NXE, .leaf = P | W),
	ROW("supervisor_large", HEADING, READ, PF_P | PF_U, USER, LARGE,
	    .leaf = P),
	ROW("supervisor_pde", HEADING, READ, PF_P | PF_U, USER, PDE = P | W),
	ROW("supervisor_pdpte", HEADING, READ, PF_P | PF_U, USER,
	    PDPTE = P | W),
	ROW("supervisor_pml4e", HEADING, READ, PF_P | PF_U, USER,
	    PML4E = P | W),

	/* no execution */
	ROW("nx", HEADING, FETCH, PF_P | PF_I, NXE, .leaf = P | NX),
	ROW("nx_user", HEADING, FETCH, PF_P | PF_I | PF_U, NXE, USER,
	    .leaf = P | US | NX),
	ROW("nx_large", HEADING, FETCH, PF_P | PF_I, NXE, LARGE,
	    .leaf = P | NX),
	ROW("nx_pde", HEADING, FETCH, PF_P | PF_I, NXE, PDE = P | W | US | NX),
	ROW("nx_pdpte", HEADING, FETCH, PF_P | PF_I, NXE,
	    PDPTE = P | W | US | NX),
	ROW("nx_pml4e", HEADING, FETCH, PF_P | PF_I, NXE,
	    PML4E = P | W | US | NX),
	ROW("smep", HEADING, FETCH, PF_P | PF_I, SMEP, .leaf = P | US),
	ROW("smep_large", HEADING, FETCH, PF_P | PF_I, SMEP, LARGE,
	    .leaf = P | US),
	ROW("smap_read", HEADING, READ, PF_P, SMAP, .leaf = P | W | US),
	ROW("smap_write", HEADING, WRITE, PF_P | PF_W, SMAP, .leaf = P | W | US),
	ROW("smap_ac_read_only", HEADING, WRITE, PF_P | PF_W, SMAP,
	    .has_ac = true, .leaf = P | US),

	/* reserved bits */
	ROW("reserved", HEADING, READ, PF_P | PF_RSVD, .leaf = P | W | RSVD),
	ROW("reserved_write", HEADING, WRITE, PF_P | PF_RSVD | PF_W,
	    .leaf = P | W | RSVD),
	ROW("reserved_user", HEADING, READ, PF_P | PF_RSVD | PF_U, USER,
	    .leaf = P | W | US | RSVD),
	ROW("reserved_pde", HEADING, READ, PF_P | PF_RSVD,
	    PDE = P | W | US | RSVD),
	ROW("reserved_pdpte", HEADING, READ, PF_P | PF_RSVD,
	    PDPTE = P | W | US | RSVD),
	ROW("reserved_pml4e", HEADING, READ, PF_P | PF_RSVD,
	    PML4E = P | W | US | RSVD),
	ROW("reserved_pml4e_large", HEADING, READ, PF_P | PF_RSVD,
	    PML4E = P | W | US | PTE_LARGE),
	ROW("reserved_large", HEADING, READ, PF_P | PF_RSVD, LARGE,
	    .leaf = P | W | BIT(13)),
	ROW("reserved_large_end", HEADING, WRITE, PF_P | PF_RSVD | PF_W, LARGE,
	    .leaf = P | W | BIT(20)),
	ROW("nx_without_nxe", HEADING, READ, PF_P | PF_RSVD,
	    .leaf = P | W | NX),
	ROW("nx_without_nxe_fetch", HEADING, FETCH, PF_P | PF_RSVD,
	    .leaf = P | W | NX),
	ROW("nx_without_nxe_pde", HEADING, READ, PF_P | PF_RSVD,
	    PDE = P | W | US | NX),
	ROW("nx_without_nxe_pml4e", HEADING, WRITE, PF_P | PF_RSVD | PF_W,
	    PML4E = P | W | US | NX),

	/* an access that crosses into a page that is missing */
	ROW("across_read", HEADING, READ, 0, ACROSS, .leaf = P | W),
	ROW("across_write", HEADING, WRITE, PF_W, ACROSS, .leaf = P | W),
	ROW("across_user_read", HEADING, READ, PF_U, ACROSS, USER,
	    .leaf = P | W | US),
	ROW("across_fetch", HEADING, FETCH, 0, .offset = PAGE_SIZE - 1,
	    .cr2 = NEXT, .leaf = P),
};
/* clang-format on */

SUITE("faults", 094, checks);
