/* SPDX-License-Identifier: MIT */
/*
 * What the architecture removes from the TLB of the VP that executes it: SDM
 * 3A, "Operations that Invalidate TLBs and Paging-Structure Caches". With
 * paging = shadow also what must not remove anything: other values of the same
 * registers, VM exits, interrupts.
 */
#include "call/forms.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/irq.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/trap.h"
#include "suites/paging/slots.h"

#include "tlfs/msr.h"
#include "x86/cpuid.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define EVENT_VECTOR 0x4a
#define MISSING_PAGE 0x606

struct event_row {
	void (*fn)(u64 value);
	u64 value;
	u64 gone;    /* on the VP that executes fn(value) */
	u32 feature; /* CPUID leaf 7 EBX must have it; 0: none */
	enum slots_others others;
};

static void run_job(void *arg)
{
	const struct event_row *row = arg;

	row->fn(row->value);
}

static void run_row(const void *arg)
{
	struct event_row row = *(const struct event_row *)arg;

	if ((cpu_cpuid(7, 0).ebx & row.feature) != row.feature) {
		tap_skip("not offered");
		return;
	}
	for (u32 target = 0; target < 2 && target < smp_count(); target++) {
		slots_begin(row.others);
		region_run_on(target, run_job, &row);
		for (u32 n = 0; n < slots_vps(); n++) {
			slots_expect(n, n == target ? row.gone : 0, row.others);
		}
		slots_end();
	}
}

static void invlpg(u64 page)
{
	cpu_invlpg(region_gva(page));
}

static void same_cr3(u64 unused)
{
	(void)unused;
	cpu_set_cr3(cpu_cr3());
}

/* To the same tables under another CR3, and back. */
static void other_cr3(u64 unused)
{
	static u64 root;
	u64 cr3 = cpu_cr3();

	(void)unused;
	if (root == 0) {
		root = page_gpa(page_alloc(PAGE_SIZE));
	}
	memcpy((void *)root, (const void *)cr3, PAGE_SIZE);
	cpu_set_cr3(root);
	cpu_set_cr3(cr3);
}

static void toggle_cr0(u64 bit)
{
	u64 cr0 = cpu_cr0();

	cpu_set_cr0(cr0 ^ bit);
	cpu_set_cr0(cr0);
}

/* The bit changes twice, or with 0 never. */
static void toggle_cr4(u64 bit)
{
	u64 cr4 = cpu_cr4();

	cpu_set_cr4(cr4 ^ bit);
	cpu_set_cr4(cr4);
}

static void toggle_efer(u64 bit)
{
	u64 efer = cpu_rdmsr(MSR_IA32_EFER);

	cpu_wrmsr(MSR_IA32_EFER, efer ^ bit);
	cpu_wrmsr(MSR_IA32_EFER, efer);
}

/* A call with CR0.PG = 0. */
static void paging_off(u64 unused)
{
	struct hypercall_result r;

	(void)unused;
	r = forms_call32(FORMS_UNPAGED, HV_CALL_NOTIFY_LONG_SPIN_WAIT | BIT(16),
			 0, 0);
	tap_equal("status", r.status, OK);
}

static void exits(u64 unused)
{
	(void)unused;
	for (u32 i = 0; i < 8; i++) {
		(void)cpu_cpuid(0, 0);
		(void)cpu_rdmsr(HV_X64_MSR_VP_INDEX);
		tap_equal("yield", host_yield(), OK);
	}
}

static void interrupts(u64 unused)
{
	struct guest_cpu *vp = vp_self();

	(void)unused;
	irq_count(EVENT_VECTOR);
	for (u32 i = 0; i < 8; i++) {
		u32 before = irq_got(vp->id, EVENT_VECTOR);

		cpu_cli();
		apic_send(vp->id, APIC_ICR_ASSERT | EVENT_VECTOR);
		while (irq_got(vp->id, EVENT_VECTOR) == before) {
			cpu_sti_hlt();
			cpu_cli();
		}
		cpu_sti();
	}
}

/* #PF, which removes the translations of its own address only. */
static void fault(u64 page)
{
	tap_equal("vector", trap_write64(region_gva(page), 0), TRAP_PF);
	tap_equal("CR2", vp_self()->fault.cr2, region_gva(page));
}

/* While CR4.PGE is 0, no translation is global. */
static void without_globals(const void *arg)
{
	const struct event_row *row = arg;
	u64 cr4 = cpu_cr4();

	cpu_set_cr4(cr4 & ~CR4_PGE);
	slots_begin(row->others);
	cpu_set_cr3(cpu_cr3());
	slots_expect(0, SLOT_ALL, row->others);
	slots_end();
	cpu_set_cr4(cr4);
}

/* INIT and SIPI: the VP comes back through real mode. */
static void init(const void *arg)
{
	const struct event_row *row = arg;

	slots_begin(row->others);
	tap_equal("VMCALL in real mode", forms_real_mode(1), 0xd);
	slots_expect(0, 0, row->others);
	slots_expect(1, SLOT_ALL, row->others);
	slots_end();
}

#define HEADING                                                                \
	"SDM 3A: Operations that Invalidate TLBs and Paging-Structure Caches"
#define ONE(_name, _run, _vps, _needs, ...)                                    \
	{                                                                      \
		_name, HEADING, _run, &(const struct event_row){__VA_ARGS__},  \
			_vps, NEED_HV | (_needs)                               \
	}
/* NAME: what is named is gone. NAME_only: and nothing else. */
#define BOTH(_name, _run, _vps, ...)                                           \
	ONE(_name, _run, _vps, 0, __VA_ARGS__),                                \
		ONE(_name "_only", _run, _vps, NEED_SHADOW, __VA_ARGS__,       \
		    .others = SLOTS_OLD)
#define ROW(_name, _gone, _fn, _value)                                         \
	BOTH(_name, run_row, 1, .fn = _fn, .value = _value, .gone = _gone)
/* The SDM leaves open whether it removes anything; the software TLB does. */
#define OWN(_name, _fn, _value, ...)                                           \
	ONE(_name, run_row, 1, NEED_SHADOW, .fn = _fn, .value = _value,        \
	    .gone = SLOT_ALL, .others = SLOTS_OLD, __VA_ARGS__)
#define LOCAL (SLOT_ALL & ~SLOT_GLOBALS)

/* clang-format off */
static const struct check checks[] = {
	ROW("invlpg", SLOT_FIRST, invlpg, 0x600),
	ROW("invlpg_last_of_table", SLOT_LAST, invlpg, 0x7ff),
	ROW("invlpg_large", SLOT_LARGE, invlpg, 0x800),
	ROW("invlpg_middle_of_large", SLOT_LARGE, invlpg, 0x900),
	ROW("invlpg_end_of_large", SLOT_LARGE, invlpg, 0x9ff),
	ROW("invlpg_beside_large", SLOT_BESIDE, invlpg, 0xa00),
	ROW("invlpg_global", SLOT_GLOBAL, invlpg, 0xa01),
	ROW("invlpg_global_large", SLOT_LARGE_GLOBAL, invlpg, 0xdff),
	ROW("invlpg_not_mapped", 0, invlpg, MISSING_PAGE),
	ROW("mov_cr3", LOCAL, same_cr3, 0),
	ROW("mov_cr3_other", LOCAL, other_cr3, 0),
	OWN("cr0_wp", toggle_cr0, CR0_WP, .feature = 0),
	ROW("cr0_pg", SLOT_ALL, paging_off, 0),
	ROW("cr0_mp", 0, toggle_cr0, CR0_MP),
	ROW("cr0_same", 0, toggle_cr0, 0),
	ROW("cr4_pge", SLOT_ALL, toggle_cr4, CR4_PGE),
	OWN("cr4_pse", toggle_cr4, CR4_PSE, .feature = 0),
	BOTH("cr4_smep", run_row, 1, .fn = toggle_cr4, .value = CR4_SMEP,
	     .gone = SLOT_ALL, .feature = CPUID_7_EBX_SMEP),
	OWN("cr4_smap", toggle_cr4, CR4_SMAP, .feature = CPUID_7_EBX_SMAP),
	ROW("cr4_osfxsr", 0, toggle_cr4, CR4_OSFXSR),
	ROW("cr4_same", 0, toggle_cr4, 0),
	OWN("efer_nxe", toggle_efer, EFER_NXE, .feature = 0),
	ROW("efer_same", 0, toggle_efer, 0),
	ROW("exits", 0, exits, 0),
	ROW("interrupts", 0, interrupts, 0),
	ROW("fault_elsewhere", 0, fault, MISSING_PAGE),
	ROW("fault_read_only", SLOT_READ_ONLY, fault, 0x604),
	BOTH("without_globals", without_globals, 1, 0),
	BOTH("init", init, 2, 0),
};
/* clang-format on */

SUITE("exact", 092, checks);
