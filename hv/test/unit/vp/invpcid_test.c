/* SPDX-License-Identifier: MIT */
/*
 * INVPCID of a VP with a software TLB: its descriptor is read as the CPU would
 * read it, what is wrong with it, and what its types remove.
 */
#include "core/vp/invpcid.h"

#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"
#include "x86/cr.h"
#include "x86/exception.h"
#include "x86/pte.h"

#define ROOT       0x2000 /* of PCIDs 0 and 1 */
#define OTHER_ROOT 0x6000
#define PCID       1
#define OTHER      2
#define FIRST      0x5000
#define SECOND     0x7000
#define GLOBAL     0x9000
#define DESC       0x2000000 /* gva of two pages */
#define DESC_END   (DESC + PAGE_SIZE)
#define DESC_GPA   SOFT_TLB_PAGE /* of the first one */
#define END_GPA    0x180000      /* of the second one */
#define OUTSIDE    0x12345000    /* no RAM there */

#define NOT_CANONICAL BIT(47)
#define CODE_64       0xa09b
#define LEN           16

/* INVPCID at DS:[displacement], RCX has the type */
#define INFO                                                                   \
	(((u64)GPR_RCX << 28) | BIT(27) | BIT(22) | (3ull << 15) | (2ull << 7))

#define IS(got, want, name) check_eq(got, want, name, __FILE__, __LINE__)

static struct partition *p;
static struct vp *vp;
static struct invpcid_answer answer;

/* The guest's entry for a page. */
static u64 *entry_of(u64 gva)
{
	u64 *table = fake_ram(p, ROOT);

	for (u32 level = PTE_LEVELS; level > 1; level--) {
		table = fake_ram(p, table[PTE_INDEX(gva, level)] & PTE_ADDR);
	}
	return &table[PTE_INDEX(gva, 1)];
}

static void use_all(u64 cr3)
{
	soft_tlb_use(vp, cr3);
	soft_tlb_read(vp, FIRST);
	soft_tlb_read(vp, SECOND);
	soft_tlb_read(vp, GLOBAL);
}

/* Three PCIDs have all pages cached; PCID 0 is current. */
static void setup(void)
{
	fake_reset();
	fake_vmcs_reset();
	p = call_partition(1, 1);
	soft_tlb_add(p);
	vp = p->vps[0];
	for (u64 root = ROOT; root <= OTHER_ROOT; root += OTHER_ROOT - ROOT) {
		soft_tlb_map(p, root, FIRST, 0);
		soft_tlb_map(p, root, SECOND, 0);
		soft_tlb_map(p, root, GLOBAL, PTE_GLOBAL);
	}
	soft_tlb_map(p, ROOT, DESC, 0);
	soft_tlb_map(p, ROOT, DESC_END, 0);
	*entry_of(DESC_END) = END_GPA | PTE_PRESENT;
	use_all(ROOT | PCID);
	use_all(OTHER_ROOT | OTHER);
	use_all(ROOT);
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, CODE_64);
	answer = (struct invpcid_answer){0};
	fake.invvpid_count = 0;
}

static void put_descriptor(u64 offset, u64 low, u64 high)
{
	for (u32 i = 0; i < LEN; i++) {
		u64 at = offset + i;
		u64 gpa = at < PAGE_SIZE ? DESC_GPA + at
					 : END_GPA + at - PAGE_SIZE;

		*(u8 *)fake_ram(p, gpa) =
			(u8)((i < 8 ? low : high) >> (8 * (i % 8)));
	}
}

static enum invpcid_end execute_at(u64 offset, u64 type)
{
	struct operand operand = {INFO, DESC + offset, LEN};

	vp->own.gpr[GPR_RCX] = type;
	return invpcid_execute(vp, &operand, &answer);
}

static enum invpcid_end execute(u64 type, u64 low, u64 high)
{
	put_descriptor(0, low, high);
	return execute_at(0, type);
}

/* What is cached: a bit for each page and PCID, as in KEPT(). */
#define KEPT(pcid, first, second)                                              \
	(((first) ? BIT(2 * (pcid)) : 0) | ((second) ? BIT(2 * (pcid) + 1) : 0))
#define ALL_KEPT                                                               \
	(KEPT(0, true, true) | KEPT(PCID, true, true) | KEPT(OTHER, true, true))

static u64 kept(void)
{
	u64 bits = 0;

	for (u32 pcid = 0; pcid <= OTHER; pcid++) {
		bits |= KEPT(pcid, soft_tlb_has(vp, pcid, FIRST),
			     soft_tlb_has(vp, pcid, SECOND));
	}
	return bits;
}

static const struct {
	const char *name;
	u64 type;
	u64 low;
	u64 high;
	u64 kept;
	bool loses_globals;
} types[] = {
	/* clang-format off */
	{"address of the current PCID", 0, 0, FIRST, ALL_KEPT & ~KEPT(0, true, false), false},
	{"address of another PCID", 0, PCID, SECOND + 0xfff, ALL_KEPT & ~KEPT(PCID, false, true), false},
	{"address of another root", 0, OTHER, FIRST, ALL_KEPT & ~KEPT(OTHER, true, false), false},
	{"global address", 0, 0, GLOBAL, ALL_KEPT, false},
	{"address of no PCID", 0, 0xfff, FIRST, ALL_KEPT, false},
	{"current context", 1, 0, FIRST, ALL_KEPT & ~KEPT(0, true, true), false},
	{"another context", 1, PCID, 0, ALL_KEPT & ~KEPT(PCID, true, true), false},
	{"no context", 1, 0x800, 0, ALL_KEPT, false},
	{"all and globals", 2, PCID, FIRST, 0, true},
	{"all", 3, PCID, FIRST, 0, false},
	{"not canonical, type 1", 1, OTHER, NOT_CANONICAL, ALL_KEPT & ~KEPT(OTHER, true, true), false},
	{"not canonical, type 2", 2, 0, NOT_CANONICAL, 0, true},
	{"not canonical, type 3", 3, 0, NOT_CANONICAL, 0, false},
	/* clang-format on */
};

static void t_types_remove_what_they_name(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(types); i++) {
		setup();
		IS(execute(types[i].type, types[i].low, types[i].high),
		   INVPCID_DONE, types[i].name);
		IS(kept(), types[i].kept, types[i].name);
		IS(soft_tlb_has(vp, 0, GLOBAL), !types[i].loses_globals,
		   types[i].name);
		CHECK(!vp->shadow->invvpid_due);
	}
}

/* The CPU's own cache goes with what is removed, and only then. */
static void t_removal_executes_invvpid(void)
{
	setup();
	CHECK_EQ(execute(0, 0, FIRST), INVPCID_DONE);
	CHECK_EQ(fake.invvpid_count, 1);
	CHECK_EQ(execute(0, 0xfff, FIRST), INVPCID_DONE);
	CHECK_EQ(fake.invvpid_count, 1);
}

static const struct {
	const char *name;
	u64 type;
	u64 low;
	u64 high;
	bool has_no_pcids;
	bool ok;
} legal[] = {
	/* clang-format off */
	{"type 4", 4, 0, 0, false, false},
	{"type beyond 32 bits", BIT(32), 0, 0, false, false},
	{"type -1", ~0ull, 0, 0, false, false},
	{"bit 12, type 0", 0, BIT(12), 0, false, false},
	{"bit 12, type 3", 3, BIT(12), 0, false, false},
	{"bit 32, type 2", 2, BIT(32), 0, false, false},
	{"bit 63, type 1", 1, BIT(63) | PCID, 0, false, false},
	{"not canonical", 0, PCID, NOT_CANONICAL, false, false},
	{"not canonical either", 0, PCID, ~NOT_CANONICAL, false, false},
	{"last PCID", 1, 0xfff, 0, false, true},
	{"last address", 0, 0xfff, ~0ull, false, true},
	{"without PCIDs: address of PCID 1", 0, PCID, FIRST, true, false},
	{"without PCIDs: PCID 1", 1, PCID, 0, true, false},
	{"without PCIDs: PCID 0x800", 1, 0x800, 0, true, false},
	{"without PCIDs: PCID 0", 1, 0, 0, true, true},
	{"without PCIDs: address", 0, 0, FIRST, true, true},
	{"without PCIDs: type 2", 2, PCID, 0, true, true},
	{"without PCIDs: type 3", 3, PCID, 0, true, true},
	{"without PCIDs: bit 12", 3, BIT(12), 0, true, false},
	/* clang-format on */
};

static void t_what_is_gp(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(legal); i++) {
		enum invpcid_end end;

		setup();
		if (legal[i].has_no_pcids) {
			port_vmcs_set(VMCS_CR4_SHADOW, CR4_PAE | CR4_PGE);
		}
		end = execute(legal[i].type, legal[i].low, legal[i].high);
		IS(end, legal[i].ok ? INVPCID_DONE : INVPCID_EXCEPTION,
		   legal[i].name);
		if (!legal[i].ok) {
			CHECK_EQ(answer.vector, X86_VECTOR_GP);
			CHECK_EQ(kept(), ALL_KEPT);
		}
	}
}

/* Outside 64-bit mode the register operand has 32 bits. */
static void t_type_has_32_bits_outside_64bit_mode(void)
{
	struct operand operand = {INFO - (1ull << 7), DESC, LEN};

	setup();
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, 0xc09b);
	port_vmcs_set(VMCS_GUEST_DS_ACCESS, 0xc093);
	port_vmcs_set(VMCS_GUEST_DS_LIMIT, 0xffffffff);
	put_descriptor(0, PCID, 0);
	vp->own.gpr[GPR_RCX] = BIT(32) | 1;
	CHECK_EQ(invpcid_execute(vp, &operand, &answer), INVPCID_DONE);
	CHECK_EQ(kept(), ALL_KEPT & ~KEPT(PCID, true, true));
}

/* ---- the descriptor ---- */

static void t_descriptor_in_two_pages(void)
{
	for (u32 i = 1; i < LEN; i++) {
		setup();
		put_descriptor(PAGE_SIZE - i, PCID, FIRST);
		CHECK_EQ(execute_at(PAGE_SIZE - i, 0), INVPCID_DONE);
		CHECK_EQ(kept(), ALL_KEPT & ~KEPT(PCID, true, false));
		CHECK(*entry_of(DESC) & PTE_ACCESSED);
		CHECK(*entry_of(DESC_END) & PTE_ACCESSED);
		CHECK(!(*entry_of(DESC_END) & PTE_DIRTY));
	}
	/* the last place in one page */
	setup();
	put_descriptor(PAGE_SIZE - LEN, PCID, FIRST);
	*entry_of(DESC_END) = 0;
	CHECK_EQ(execute_at(PAGE_SIZE - LEN, 0), INVPCID_DONE);
}

static const struct {
	const char *name;
	u64 offset;
	u64 first; /* entries of the two pages */
	u64 second;
	u64 cr4;
	u64 rflags;
	u64 gva; /* of the fault; 0: none */
	u32 error_code;
} reads[] = {
/* clang-format off */
#define P     (DESC_GPA | PTE_PRESENT)
#define P_END (END_GPA | PTE_PRESENT)
	{"missing", 0, 0, P_END, 0, 0, DESC, 0},
	{"missing, in the page", 0x123, 0, P_END, 0, 0, DESC + 0x123, 0},
	{"missing first", 0xff8, 0, P_END, 0, 0, DESC + 0xff8, 0},
	{"missing second", 0xff8, P, 0, 0, 0, DESC_END, 0},
	{"reserved", 0, P | BIT(51), P_END, 0, 0, DESC, X86_PF_PRESENT | X86_PF_RESERVED},
	{"SMAP", 0, P | PTE_USER, P_END, CR4_SMAP, 0, DESC, X86_PF_PRESENT},
	{"SMAP second", 0xff8, P, P_END | PTE_USER, CR4_SMAP, 0, DESC_END, X86_PF_PRESENT},
	{"SMAP with AC", 0, P | PTE_USER, P_END, CR4_SMAP, RFLAGS_AC, 0, 0},
	{"user page", 0, P | PTE_USER, P_END, 0, 0, 0, 0},
	{"read-only, no execution", 0, P | PTE_NX, P_END, 0, 0, 0, 0},
	/* clang-format on */
};

static void t_reading_it_may_fault(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(reads); i++) {
		enum invpcid_end end;

		setup();
		put_descriptor(reads[i].offset, PCID, FIRST);
		*entry_of(DESC) = reads[i].first;
		*entry_of(DESC_END) = reads[i].second;
		port_vmcs_set(VMCS_CR4_SHADOW,
			      CR4_PAE | CR4_PGE | CR4_PCIDE | reads[i].cr4);
		port_vmcs_set(VMCS_GUEST_RFLAGS,
			      RFLAGS_FIXED | reads[i].rflags);
		end = execute_at(reads[i].offset, 0);
		if (reads[i].gva == 0) {
			IS(end, INVPCID_DONE, reads[i].name);
			continue;
		}
		IS(end, INVPCID_PAGE_FAULT, reads[i].name);
		IS(answer.gva.v, reads[i].gva, reads[i].name);
		IS(answer.error_code, reads[i].error_code, reads[i].name);
		CHECK_EQ(kept(), ALL_KEPT);
	}
}

/* SDM 3A, "Operations that Invalidate TLBs": a page fault does, too. */
static void t_fault_removes_its_translation(void)
{
	setup();
	soft_tlb_read(vp, DESC);
	soft_tlb_read(vp, DESC_END);
	*entry_of(DESC_END) = 0;
	CHECK_EQ(execute_at(PAGE_SIZE - 8, 0), INVPCID_PAGE_FAULT);
	CHECK(!soft_tlb_has(vp, 0, DESC_END));
	CHECK(soft_tlb_has(vp, 0, DESC));
	CHECK_EQ(fake.invvpid_count, 1);
	CHECK(!vp->shadow->invvpid_due);
	CHECK_EQ(vp->shadow->reflected, 1);
}

static void t_descriptor_outside_ram(void)
{
	setup();
	*entry_of(DESC) = OUTSIDE | PTE_PRESENT;
	CHECK_EQ(execute_at(0x340, 0), INVPCID_OUTSIDE);
	CHECK_EQ(answer.outside.v, OUTSIDE + 0x340);
	setup();
	*entry_of(DESC_END) = OUTSIDE | PTE_PRESENT;
	CHECK_EQ(execute_at(PAGE_SIZE - 8, 0), INVPCID_OUTSIDE);
	CHECK_EQ(answer.outside.v, OUTSIDE);
	/* a table */
	setup();
	((u64 *)fake_ram(p, ROOT))[0] = OUTSIDE | PTE_PRESENT;
	CHECK_EQ(execute_at(0, 0), INVPCID_OUTSIDE);
	CHECK_EQ(answer.outside.v, OUTSIDE);
	CHECK_EQ(kept(), ALL_KEPT);
}

static void flip_cache(u64 gpa)
{
	(void)gpa;
	*entry_of(DESC) ^= PTE_PWT;
}

static void t_guest_keeps_changing_its_tables(void)
{
	setup();
	*entry_of(DESC) = DESC_GPA | PTE_PRESENT;
	fake.on_load = flip_cache;
	CHECK_EQ(execute_at(0, 1), INVPCID_AGAIN);
	fake.on_load = NULL;
	CHECK_EQ(kept(), ALL_KEPT);
}

static void t_address_may_be_refused(void)
{
	setup();
	CHECK_EQ(execute_at(NOT_CANONICAL - DESC, 2), INVPCID_EXCEPTION);
	CHECK_EQ(answer.vector, X86_VECTOR_GP);
}

/* CR0.PG = 0: the address is physical, and nothing is cached. */
static void t_without_paging(void)
{
	struct operand operand = {INFO, DESC_GPA, LEN};

	setup();
	put_descriptor(0, 0, 0);
	port_vmcs_set(VMCS_CR0_SHADOW, CR0_PE);
	vp->own.gpr[GPR_RCX] = 2;
	CHECK_EQ(invpcid_execute(vp, &operand, &answer), INVPCID_DONE);
	CHECK_EQ(kept(), ALL_KEPT);
	operand.displacement = OUTSIDE;
	CHECK_EQ(invpcid_execute(vp, &operand, &answer), INVPCID_OUTSIDE);
	CHECK_EQ(answer.outside.v, OUTSIDE);
}

static const struct test tests[] = {
	{"types-remove-what-they-name", t_types_remove_what_they_name},
	{"removal-executes-invvpid", t_removal_executes_invvpid},
	{"what-is-gp", t_what_is_gp},
	{"type-has-32-bits-outside-64bit-mode",
	 t_type_has_32_bits_outside_64bit_mode},
	{"descriptor-in-two-pages", t_descriptor_in_two_pages},
	{"reading-it-may-fault", t_reading_it_may_fault},
	{"fault-removes-its-translation", t_fault_removes_its_translation},
	{"descriptor-outside-ram", t_descriptor_outside_ram},
	{"guest-keeps-changing-its-tables", t_guest_keeps_changing_its_tables},
	{"address-may-be-refused", t_address_may_be_refused},
	{"without-paging", t_without_paging},
};
const struct suite suite_invpcid = SUITE("invpcid", tests);
