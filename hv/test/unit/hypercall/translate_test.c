/* SPDX-License-Identifier: MIT */
/* 0x0052: parameters, output, when the inhibit begins, and when it stays. */

#include <string.h>

#include "core/flush/inhibit.h"
#include "core/hypercall/handlers.h"
#include "core/paging/published.h"
#include "core/partition/access.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"
#include "tlfs/cpuid.h"
#include "tlfs/msr.h"
#include "tlfs/register.h"
#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/pte.h"

#define OUT     0x9000
#define FILL    0xa5a5a5a5a5a5a5a5ull
#define SELF    HV_PARTITION_ID_SELF
#define READ    HV_TRANSLATE_READ
#define WRITE   HV_TRANSLATE_WRITE
#define INHIBIT HV_TRANSLATE_FLUSH_INHIBIT

#define PD   0x10000 /* page directory of the guest, 32-bit paging */
#define PT   0x11000
#define PAGE 0x25000
#define GVA  0x5000 /* the only page that is mapped */

static struct partition *p;
static struct partition *q;
static struct vp *x; /* the target */

static void map(struct partition *of)
{
	u32 pde = PT | PTE_PRESENT | PTE_WRITE;
	u32 pte = PAGE | PTE_PRESENT | PTE_PWT;

	memcpy(fake_ram(of, PD), &pde, 4);
	memcpy(fake_ram(of, PT + 4 * (GVA >> 12)), &pte, 4);
}

static void paging_on(struct vp *vp)
{
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_PG | CR0_WP);
	port_vmcs_set(VMCS_GUEST_CR3, PD);
	port_vmcs_set(VMCS_GUEST_PAT, PAT_RESET);
	published_update(vp);
}

static void setup(void)
{
	fake_cpus(4);
	fake_vmcs_reset();
	p = call_partition(3, 1);
	q = call_partition(1, 1);
	fake_config(p)->controls = (u32)BIT(q->number);
	fake_config(q)->privileges.mask &= ~HV_PRIV_ACCESS_VP_REGISTERS;
	access_plan_publishing();
	x = p->vps[1];
	map(p);
	map(q);
	paging_on(x);
	paging_on(q->vps[0]);
	/* that of the caller, current on this CPU: no paging */
	fake_vmcs_reset();
}

struct answer {
	u16 status;
	u64 result;
	u64 page;
};

static struct answer ask(u64 id, u64 index, u64 flags, u64 gva_page)
{
	u64 words[] = {id, index, flags, gva_page};
	struct call call = {.control = HV_CALL_TRANSLATE_VIRTUAL_ADDRESS,
			    .input = CALL_GPA,
			    .output = OUT};
	u64 *out = fake_ram(p, OUT);

	out[0] = out[1] = out[2] = FILL;
	call_put(p, CALL_GPA, words, 4);
	call_make(p->vps[0], &call);
	CHECK_EQ(out[2], FILL);
	return (struct answer){call.status, out[0], out[1]};
}

static const struct {
	const char *name;
	u64 id;
	u64 index;
	u64 flags;
	u64 gva_page;
	u16 status;
} rows[] = {
	/* clang-format off */
	{"good",           SELF, 1,       READ,            5, HV_STATUS_SUCCESS},
	{"padding",        SELF, 1 | 7ull << 32, READ,     5, HV_STATUS_SUCCESS},
	{"all flags",      SELF, 1,       0x1f,            5, HV_STATUS_SUCCESS},
	{"other",          2,    0,       READ,            5, HV_STATUS_SUCCESS},
	{"no access",      SELF, 1,       0,               5, HV_STATUS_INVALID_PARAMETER},
	{"only modifiers", SELF, 1,       0x38,            5, HV_STATUS_INVALID_PARAMETER},
	{"flag 6",         SELF, 1,       READ | BIT(6),   5, HV_STATUS_INVALID_PARAMETER},
	{"flag 55",        SELF, 1,       READ | BIT(55),  5, HV_STATUS_INVALID_PARAMETER},
	{"VTL",            SELF, 1,       READ | BIT(56),  5, HV_STATUS_INVALID_PARAMETER},
	{"UseTargetVtl",   SELF, 1,       READ | BIT(60),  5, HV_STATUS_INVALID_PARAMETER},
	{"page 2^52",      SELF, 1,       READ,      BIT(52), HV_STATUS_INVALID_PARAMETER},
	{"VP",             SELF, 3,       READ,            5, HV_STATUS_INVALID_VP_INDEX},
	{"partition",      3,    0,       READ,            5, HV_STATUS_INVALID_PARTITION_ID},
	{"VP before flags", SELF, 3,      0,               5, HV_STATUS_INVALID_VP_INDEX},
	/* clang-format on */
};

static void t_parameters(void)
{
	setup();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct answer a = ask(rows[i].id, rows[i].index, rows[i].flags,
				      rows[i].gva_page);

		check_eq(a.status, rows[i].status, rows[i].name, __FILE__,
			 __LINE__);
		if (rows[i].status != HV_STATUS_SUCCESS) {
			CHECK_EQ(a.result, FILL);
		}
		/* the same, refused, with the inhibit flag */
		if (rows[i].status != HV_STATUS_SUCCESS) {
			(void)ask(rows[i].id, rows[i].index,
				  rows[i].flags | INHIBIT, rows[i].gva_page);
			CHECK_EQ(p->inhibit_count + q->inhibit_count, 0);
		}
	}
	fake_config(p)->privileges.mask = 0;
	CHECK_EQ(ask(SELF, 1, READ, 5).status, HV_STATUS_ACCESS_DENIED);
	CHECK_EQ(ask(2, 0, READ, 5).status, HV_STATUS_SUCCESS);
}

static void check_answer(struct answer a, u64 result, u64 page)
{
	CHECK_EQ(a.status, HV_STATUS_SUCCESS);
	CHECK_EQ(a.result, result);
	CHECK_EQ(a.page, page);
}

static void t_results(void)
{
	const u64 wt = (u64)PAT_WT << 32;

	setup();
	check_answer(ask(SELF, 1, READ, 5), wt, PAGE >> 12);
	check_answer(ask(2, 0, READ, 5), wt, PAGE >> 12);
	check_answer(ask(SELF, 1, READ, 6), HV_TRANSLATE_PAGE_NOT_PRESENT, 0);
	check_answer(ask(SELF, 1, WRITE, 5), HV_TRANSLATE_PRIVILEGE_VIOLATION,
		     0);
	u32 pde = (u32)FAKE_RAM | PTE_PRESENT;

	memcpy(fake_ram(p, PD), &pde, 4);
	check_answer(ask(SELF, 1, READ, 5), HV_TRANSLATE_GPA_UNMAPPED, 0);
	/* the caller has no paging: everything succeeds */
	check_answer(ask(SELF, HV_VP_INDEX_SELF, 7, 0xfffff), (u64)PAT_WB << 32,
		     0xfffff);
	x->own.published.cr4 = CR4_PSE;
	pde = (u32)(PTE_PRESENT | PTE_LARGE | BIT(21));
	memcpy(fake_ram(p, PD), &pde, 4);
	check_answer(ask(SELF, 1, READ, 5),
		     HV_TRANSLATE_INVALID_PAGE_TABLE_FLAGS, 0);
}

static void t_bits_are_set_on_request(void)
{
	u32 *pde;

	setup();
	pde = fake_ram(p, PD);
	(void)ask(SELF, 1, READ, 5);
	CHECK_EQ(*pde & PTE_ACCESSED, 0);
	(void)ask(SELF, 1, READ | HV_TRANSLATE_SET_PTE_BITS, 5);
	CHECK_EQ(*pde & PTE_ACCESSED, PTE_ACCESSED);
	pde = fake_ram(q, PD);
	CHECK_EQ(*pde & PTE_ACCESSED, 0);
}

static void t_hypercall_page_is_an_overlay(void)
{
	const u64 overlay = HV_TRANSLATE_RESULT_OVERLAY;
	u32 pte = PAGE | PTE_PRESENT | PTE_WRITE;

	setup();
	memcpy(fake_ram(p, PT + 4 * (GVA >> 12)), &pte, 4);
	p->hypercall_msr = PAGE | HV_HYPERCALL_MSR_ENABLE;
	check_answer(ask(SELF, 1, READ | HV_TRANSLATE_EXECUTE, 5),
		     overlay | (u64)PAT_WB << 32, PAGE >> 12);
	check_answer(ask(SELF, 1, WRITE | INHIBIT, 5),
		     overlay | HV_TRANSLATE_GPA_ILLEGAL_OVERLAY_ACCESS, 0);
	CHECK_EQ(x->shared.inhibit, 0);
	p->hypercall_msr = PAGE;
	check_answer(ask(SELF, 1, WRITE, 5), (u64)PAT_WB << 32, PAGE >> 12);
	p->hypercall_msr = (PAGE + PAGE_SIZE) | HV_HYPERCALL_MSR_ENABLE;
	check_answer(ask(SELF, 1, WRITE, 5), (u64)PAT_WB << 32, PAGE >> 12);
}

static void t_success_inhibits(void)
{
	setup();
	(void)ask(SELF, 1, READ, 5);
	CHECK_EQ(x->shared.inhibit, 0);
	(void)ask(SELF, 1, READ | INHIBIT, 5);
	CHECK(inhibit_is_set(x));
	CHECK_EQ(x->shared.inhibit & INHIBIT_COUNT, 0);
	CHECK_EQ(p->inhibit_count, 1);
	/* a failure leaves the inhibit as it was: set */
	(void)ask(SELF, 1, READ | INHIBIT, 6);
	CHECK(inhibit_is_set(x));
	CHECK_EQ(p->inhibit_count, 1);
	inhibit_clear(x);
	/* or not set; callers that met it meanwhile are woken */
	p->suspended.words[0] = BIT(2);
	(void)ask(SELF, 1, READ | INHIBIT, 6);
	CHECK_EQ(x->shared.inhibit, 0);
	CHECK_EQ(p->inhibit_count, 0);
	CHECK_EQ(p->vps[2]->shared.events, VP_EVENT_WAKE);
	/* in another partition: the caller's is the owner */
	(void)ask(2, 0, READ | INHIBIT, 5);
	CHECK(inhibit_is_set(q->vps[0]));
	CHECK_EQ(q->inhibit_count, 1);
	inhibit_end_of(p);
	CHECK_EQ(q->vps[0]->shared.inhibit, 0);
}

/* The inhibit is there, and the flush over, before the first entry is read.
   rule: inhibit-before-walk */
static u32 loads;

static void look_at_inhibit(u64 gpa)
{
	(void)gpa;
	loads++;
	CHECK_EQ(x->shared.inhibit, INHIBIT_ONE);
	CHECK_EQ(p->inhibit_count, 1);
	CHECK_EQ(machine.cpus[3]->flush_seq, 10);
}

static void end_flush(u64 pauses)
{
	if (pauses == 9) {
		machine.cpus[3]->flush_seq++;
	}
}

static void t_inhibit_wait_walk(void)
{
	setup();
	machine.cpus[3]->flush_seq = 9;
	fake.on_pause = end_flush;
	fake.on_load = look_at_inhibit;
	loads = 0;
	check_answer(ask(SELF, 1, READ | INHIBIT, 5), (u64)PAT_WT << 32,
		     PAGE >> 12);
	CHECK_EQ(loads, 2);
}

/* An output that cannot be written leaves no inhibit. */
static void t_output_comes_first(void)
{
	static const u64 outputs[] = {OUT + 4, OUT + 0xff8, FAKE_RAM, BIT(63)};
	u64 words[] = {SELF, 1, READ | INHIBIT, 5};

	setup();
	call_put(p, CALL_GPA, words, 4);
	for (u32 i = 0; i < ARRAY_SIZE(outputs); i++) {
		struct call call = {.control =
					    HV_CALL_TRANSLATE_VIRTUAL_ADDRESS,
				    .input = CALL_GPA,
				    .output = outputs[i]};

		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, HV_STATUS_INVALID_ALIGNMENT);
		CHECK_EQ(x->shared.inhibit, 0);
		CHECK_EQ(p->inhibit_count, 0);
	}
}

/* The guest changes the entry at each reading: the call is made again. */
static void change_entry(u64 gpa)
{
	u32 *pte = fake_ram(p, gpa);

	*pte ^= gpa >= PT ? PTE_GLOBAL : 0;
}

static void t_entries_that_never_rest(void)
{
	u64 words[] = {SELF, 1, READ | HV_TRANSLATE_SET_PTE_BITS | INHIBIT, 5};
	struct hc_caller caller = {.is_64bit = true, .is_protected = true};
	struct vp *vp;
	u64 *out;

	setup();
	vp = p->vps[0];
	out = fake_ram(p, OUT);
	out[0] = FILL;
	call_put(p, CALL_GPA, words, 4);
	fake.on_load = change_entry;
	vp->own.gpr[GPR_RCX] = HV_CALL_TRANSLATE_VIRTUAL_ADDRESS;
	vp->own.gpr[GPR_RDX] = CALL_GPA;
	vp->own.gpr[GPR_R8] = OUT;
	vp->own.gpr[GPR_RAX] = FILL;
	CHECK_EQ(hypercall(vp, &caller), HC_REPEAT);
	CHECK_EQ(vp->own.state, VP_RUNNABLE);
	CHECK_EQ(vp->own.gpr[GPR_RAX], FILL);
	CHECK_EQ(vp->own.gpr[GPR_RCX], HV_CALL_TRANSLATE_VIRTUAL_ADDRESS);
	CHECK_EQ(out[0], FILL);
	CHECK_EQ(x->shared.inhibit, 0);
	fake.on_load = NULL;
	CHECK_EQ(hypercall(vp, &caller), HC_DONE);
	CHECK_EQ(vp->own.gpr[GPR_RAX], 0);
	CHECK(inhibit_is_set(x));
}

/*
 * The software TLB has no page of 1 GiB, even if the CPU has: an access of the
 * guest would find a reserved bit, and so does the call.
 */
static void t_pages_of_1g(void)
{
	static const u64 pml4e = PT | PTE_PRESENT | PTE_WRITE;
	static const u64 pdpte = PTE_LARGE | PTE_PRESENT | PTE_WRITE;

	for (u32 shadow = 0; shadow < 2; shadow++) {
		fake_reset();
		setup();
		fake_cpuid_set(0x80000001, 0, 0, 0, 0, BIT(26));
		memcpy(fake_ram(p, PD), &pml4e, 8);
		memcpy(fake_ram(p, PT), &pdpte, 8);
		if (shadow != 0) {
			soft_tlb_add(p);
			soft_tlb_use(x, PD);
		} else {
			port_vmcs_set(VMCS_GUEST_CR4, CR4_PAE);
			port_vmcs_set(VMCS_GUEST_EFER, EFER_LME | EFER_LMA);
			paging_on(x);
		}
		published_update(x);
		CHECK_EQ(ask(SELF, 1, READ, 5).result & 0xffffffff,
			 shadow ? HV_TRANSLATE_INVALID_PAGE_TABLE_FLAGS
				: HV_TRANSLATE_SUCCESS);
	}
}

static const struct test tests[] = {
	{"parameters", t_parameters},
	{"results", t_results},
	{"bits-are-set-on-request", t_bits_are_set_on_request},
	{"hypercall-page-is-an-overlay", t_hypercall_page_is_an_overlay},
	{"success-inhibits", t_success_inhibits},
	{"inhibit-wait-walk", t_inhibit_wait_walk},
	{"output-comes-first", t_output_comes_first},
	{"entries-that-never-rest", t_entries_that_never_rest},
	{"pages-of-1g", t_pages_of_1g},
};

const struct suite suite_hc_translate = SUITE("hc_translate", tests);
