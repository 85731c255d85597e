/* SPDX-License-Identifier: MIT */
/*
 * The descriptor of INVPCID is read like any other memory: accessed bits, page
 * faults in one and in two pages, and addresses that are none. After a fault
 * the instruction works when the page is there.
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/trap.h"
#include "suites/paging/access.h"
#include "suites/paging/spaces.h"

#include "x86/cpuid.h"
#include "x86/cr.h"

#define ONE_CONTEXT   1 /* a type */
#define NOT_CANONICAL BIT(47)
#define OPERAND       0xa10000 /* two pages of the region */

/* The PCID that has the root of PCID 0 */
static const u64 descriptor[] = {1, 0};

struct operand_row {
	u64 offset; /* of the descriptor in two pages */
	u64 flags[2];
	u64 cr4_set;
	bool has_ac;
	u32 feature; /* CPUID leaf 7 EBX must have it; 0: none */
	u32 vector;
	u64 error;
	u64 cr2; /* offset */
};

static u64 frames[2];

/* Two pages whose frames do not lie side by side; the descriptor is the same in
 * each row. */
static void map_operand(const struct operand_row *row, const u64 flags[2])
{
	for (u32 i = 0; i < 2; i++) {
		if (frames[i] == 0) {
			frames[i] = page_gpa(page_alloc(2 * PAGE_SIZE));
		}
		region_set(region_entry(region_gva(OPERAND + i), 1),
			   frames[i] | flags[i]);
	}
	for (u32 i = 0; i < sizeof(descriptor); i++) {
		u64 at = row->offset + i;

		((u8 *)frames[at / PAGE_SIZE])[at & ~PAGE_MASK] =
			(u8)(descriptor[i / 8] >> (8 * (i % 8)));
	}
}

static void do_operand(void *arg)
{
	const struct operand_row *row = arg;
	u64 at = region_gva(OPERAND) + row->offset;
	u64 type = ONE_CONTEXT;

	if (row->has_ac) {
		cpu_set_flags(cpu_flags() | RFLAGS_AC);
	}
	__asm__ volatile("invpcid (%0), %1" : : "r"(at), "r"(type) : "memory");
}

static struct trap_fault try_operand(struct operand_row *row)
{
	u64 cr4 = cpu_cr4();
	struct trap_fault fault;

	cpu_set_cr4(cr4 | row->cr4_set);
	fault = trap_try(do_operand, row);
	cpu_set_cr4(cr4);
	return fault;
}

static u64 read_flags(u32 i)
{
	return region_get(region_entry(region_gva(OPERAND + i), 1)) & ~PTE_ADDR;
}

static void expect_read(const struct operand_row *row)
{
	bool has_two = row->offset + sizeof(descriptor) > PAGE_SIZE;

	for (u32 i = 0; i < (has_two ? 2 : 1); i++) {
		tap_equal("A and D", read_flags(i),
			  row->flags[i] | PTE_ACCESSED);
	}
}

/* The row's fault; then, with pages as they should be, the instruction works.
 */
static void run_operand(const void *arg)
{
	static const u64 fine[] = {PTE_PRESENT, PTE_PRESENT};
	struct operand_row row = *(const struct operand_row *)arg;
	u32 leaf7 = cpu_cpuid(CPUID_LEAF_EXTENDED, 0).ebx;
	struct trap_fault fault;

	if ((leaf7 & row.feature) != row.feature) {
		tap_skip("not offered");
		return;
	}
	spaces_pcids_on();
	map_operand(&row, row.flags);
	region_forget();
	fault = try_operand(&row);
	tap_equal("vector", fault.vector, row.vector);
	if (row.vector == TRAP_NONE) {
		expect_read(&row);
	} else {
		tap_equal("error code", fault.error, row.error);
		tap_equal("CR2", fault.cr2, region_gva(OPERAND) + row.cr2);
	}
	map_operand(&row, fine);
	region_forget();
	row.cr4_set = 0;
	spaces_pcids_off();
	spaces_begin(false);
	tap_equal("then", try_operand(&row).vector, TRAP_NONE);
	spaces_expect(0, IN(SPACE_SAME, AT_OWN), false);
	spaces_end();
}

/*
 * The descriptor's page was used, and its entry is cleared. Whether INVPCID
 * still finds it or not: a page fault leaves no translation of its address.
 */
static void fault_forgets(const void *arg)
{
	struct operand_row row = {.flags = {PTE_PRESENT, PTE_PRESENT}};
	u64 gva = region_gva(OPERAND);
	u64 value;

	(void)arg;
	map_operand(&row, row.flags);
	region_forget();
	spaces_pcids_on();
	(void)cpu_read64(gva);
	region_set(region_entry(gva, 1), 0);
	if (try_operand(&row).vector == TRAP_PF) {
		tap_equal("a read then", trap_read64(gva, &value), TRAP_PF);
	}
	spaces_pcids_off();
	region_forget();
}

static void do_gp(void *arg)
{
	u64 at = *(const u64 *)arg;

	__asm__ volatile("invpcid (%0), %1"
			 :
			 : "r"(at), "r"((u64)ONE_CONTEXT)
			 : "memory");
}

static void do_rbp(void *arg)
{
	u64 at = *(const u64 *)arg;

	__asm__ volatile("xchg %0, %%rbp; invpcid (%%rbp), %1; xchg %0, %%rbp"
			 : "+a"(at)
			 : "d"((u64)ONE_CONTEXT)
			 : "memory");
}

static void not_canonical(const void *arg)
{
	/* the first byte, and the last one only */
	u64 at[] = {NOT_CANONICAL, NOT_CANONICAL - 8, ~NOT_CANONICAL};
	struct trap_fault fault;

	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(at); i++) {
		fault = trap_try(do_gp, &at[i]);
		tap_equal("vector", fault.vector, TRAP_GP);
		tap_equal("error code", fault.error, 0);
		tap_equal("by RBP", trap_try(do_rbp, &at[i]).vector, TRAP_SS);
	}
}

/* ---- rows ---- */

#define P      PTE_PRESENT
#define P_USER (PTE_PRESENT | PTE_USER)
#define FIRST  0x7f0 /* offsets: in the first page, and in both */
#define ACROSS (PAGE_SIZE - 8)
#define SMAP   .cr4_set = CR4_SMAP, .feature = CPUID_7_EBX_SMAP
#define MANUAL "SDM 2A: INVPCID"
#define FAULTS "SDM 3A: Page-Fault Exceptions"
#define REMOVED                                                                \
	"SDM 3A: Operations that Invalidate TLBs and Paging-Structure Caches"

#define CHECK(_name, _heading, _fn, _arg)                                      \
	{                                                                      \
		_name, _heading, _fn, _arg, 1,                                 \
			NEED_HV | NEED_PCID | NEED_INVPCID                     \
	}
#define READS(_name, ...)                                                      \
	CHECK("invpcid_reads_" _name, MANUAL, run_operand,                     \
	      (&(const struct operand_row){.vector = TRAP_NONE, __VA_ARGS__}))
#define FAULT(_name, _error, ...)                                              \
	CHECK("invpcid_fault_" _name, FAULTS, run_operand,                     \
	      (&(const struct operand_row){                                    \
		      .vector = TRAP_PF, .error = (_error), __VA_ARGS__}))

/* clang-format off */
static const struct check checks[] = {
	READS("page", .offset = FIRST, .flags = {P, 0}),
	READS("end_of_page", .offset = PAGE_SIZE - 16, .flags = {P, 0}),
	READS("two_pages", .offset = ACROSS, .flags = {P, P}),
	READS("unaligned", .offset = FIRST + 3, .flags = {P, 0}),
	READS("two_pages_unaligned", .offset = PAGE_SIZE - 15, .flags = {P, P}),
	READS("one_byte_first", .offset = PAGE_SIZE - 1, .flags = {P, P}),
	READS("user_page", .offset = FIRST, .flags = {P_USER, 0}),
	READS("with_ac", .offset = FIRST, SMAP, .has_ac = true,
	      .flags = {P_USER, 0}),
	FAULT("missing", 0, .offset = FIRST, .flags = {0, P}, .cr2 = FIRST),
	FAULT("missing_first", 0, .offset = ACROSS, .flags = {0, P},
	      .cr2 = ACROSS),
	FAULT("missing_second", 0, .offset = ACROSS, .flags = {P, 0},
	      .cr2 = PAGE_SIZE),
	FAULT("reserved", PF_P | PF_RSVD, .offset = FIRST,
	      .flags = {P | BIT(51), 0}, .cr2 = FIRST),
	FAULT("smap", PF_P, .offset = FIRST, SMAP, .flags = {P_USER, 0},
	      .cr2 = FIRST),
	FAULT("smap_second", PF_P, .offset = ACROSS, SMAP,
	      .flags = {P, P_USER}, .cr2 = PAGE_SIZE),
	CHECK("invpcid_fault_forgets", REMOVED, fault_forgets, NULL),
	CHECK("invpcid_operand_not_canonical", MANUAL, not_canonical, NULL),
};
/* clang-format on */

SUITE("pcid", 103, checks);
