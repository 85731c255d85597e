/* SPDX-License-Identifier: MIT */
/* The tables of VMCS content and their application. */
#include "core/vp/vmcs_plan.h"

#include "common/image/image_plan.h"
#include "common/platform/caps.h"
#include "core/emulate/cpuid.h"
#include "core/paging/guest_view.h"
#include "core/port/vmcs.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/vp/cr.h"
#include "core/vp/shadow_vmcs.h"
#include "x86/cpuid.h"
#include "x86/cr.h"
#include "x86/msr.h"

/* Access rights: SDM 3C, "Guest Register State" */
#define ACCESS_REAL_CODE 0x9b   /* accessed, readable code, 16-bit */
#define ACCESS_REAL_DATA 0x93   /* accessed, writable data, 16-bit */
#define ACCESS_FLAT_CODE 0xc09b /* 4 GiB, 32-bit */
#define ACCESS_FLAT_DATA 0xc093
#define ACCESS_LONG_CODE 0xa09b /* 64-bit */
#define ACCESS_LDT       0x82
#define ACCESS_TSS_BUSY  0x8b

#define CR0_CACHE        (CR0_CD | CR0_NW)
#define CR0_RESET        (CR0_CACHE | CR0_ET)
#define LINUX_GDT_LIMIT  0x1f /* four entries */
#define CPUID_VERSION    1u
#define CPUID_STRUCTURED 7u

#define SEGMENT(_name, _selector, _base, _limit, _access)                      \
	{VMCS_GUEST_##_name##_SELECTOR, (_selector)},                          \
		{VMCS_GUEST_##_name##_BASE, (_base)},                          \
		{VMCS_GUEST_##_name##_LIMIT, (_limit)},                        \
	{                                                                      \
		VMCS_GUEST_##_name##_ACCESS, (_access)                         \
	}

/* clang-format off */
/* SDM 3A, "Processor State After Reset", column INIT */
static const struct vmcs_write init_state[] = {
	SEGMENT(CS,   0xf000, 0xffff0000, 0xffff, ACCESS_REAL_CODE),
	SEGMENT(SS,   0, 0, 0xffff, ACCESS_REAL_DATA),
	SEGMENT(DS,   0, 0, 0xffff, ACCESS_REAL_DATA),
	SEGMENT(ES,   0, 0, 0xffff, ACCESS_REAL_DATA),
	SEGMENT(FS,   0, 0, 0xffff, ACCESS_REAL_DATA),
	SEGMENT(GS,   0, 0, 0xffff, ACCESS_REAL_DATA),
	SEGMENT(LDTR, 0, 0, 0xffff, ACCESS_LDT),
	SEGMENT(TR,   0, 0, 0xffff, ACCESS_TSS_BUSY),
	{ VMCS_GUEST_GDTR_BASE, 0 }, { VMCS_GUEST_GDTR_LIMIT, 0xffff },
	{ VMCS_GUEST_IDTR_BASE, 0 }, { VMCS_GUEST_IDTR_LIMIT, 0xffff },
	{ VMCS_GUEST_CR0, CR0_ET | CR0_NE }, /* its shadow: init_cr0() */
	{ VMCS_GUEST_CR3, 0 },
	{ VMCS_GUEST_CR4, CR4_VMXE | CR4_MCE }, { VMCS_CR4_SHADOW, 0 },
	{ VMCS_GUEST_EFER, 0 },
	{ VMCS_GUEST_DR7, DR7_RESET },
	{ VMCS_GUEST_RFLAGS, RFLAGS_FIXED },
	{ VMCS_GUEST_RIP, 0xfff0 },
	{ VMCS_GUEST_RSP, 0 },
	{ VMCS_GUEST_INTERRUPTIBILITY, 0 },
	{ VMCS_GUEST_ACTIVITY, 0 },
	{ VMCS_GUEST_PENDING_DEBUG, 0 },
};

/* Fields that INIT does not touch, as they are after power-on */
static const struct vmcs_write power_on_state[] = {
	{ VMCS_CR0_SHADOW, CR0_RESET },
	{ VMCS_GUEST_PAT, PAT_RESET },
	{ VMCS_GUEST_DEBUGCTL, 0 },
	{ VMCS_GUEST_SYSENTER_CS, 0 },
	{ VMCS_GUEST_SYSENTER_ESP, 0 },
	{ VMCS_GUEST_SYSENTER_EIP, 0 },
	{ VMCS_LINK_POINTER, ~0ull },
	{ VMCS_GUEST_PDPTE0, 0 }, { VMCS_GUEST_PDPTE1, 0 },
	{ VMCS_GUEST_PDPTE2, 0 }, { VMCS_GUEST_PDPTE3, 0 },
	{ VMCS_ENTRY_INTERRUPTION_INFO, 0 },
	{ VMCS_EXIT_MSR_STORE_COUNT, 0 },
	{ VMCS_EXIT_MSR_LOAD_COUNT, 0 },
	{ VMCS_ENTRY_MSR_LOAD_COUNT, 0 },
	{ VMCS_CR3_TARGET_COUNT, 0 },
	{ VMCS_TSC_OFFSET, 0 },
	{ VMCS_PREEMPTION_TIMER, 0 }, /* vp->own.timer_field says: to be written */
	{ VMCS_PAGE_FAULT_MASK, 0 },
	{ VMCS_PAGE_FAULT_MATCH, 0 },
};

/*
 * SDM 3C, "PAUSE-Loop Exiting", in TSC ticks: PAUSEs at CPL 0 with at most the
 * gap between two of them are one loop, which exits once it has lasted for
 * longer than the window. decisions/0038 has the figures.
 */
static const struct vmcs_write pause_loop[] = {
	{ VMCS_PLE_GAP, 512 },
	{ VMCS_PLE_WINDOW, 4096 },
};

/* What PVH changes in the INIT state */
static const struct vmcs_write pvh_state[] = {
	SEGMENT(CS, 0x08, 0, 0xffffffff, ACCESS_FLAT_CODE),
	SEGMENT(SS, 0x10, 0, 0xffffffff, ACCESS_FLAT_DATA),
	SEGMENT(DS, 0x10, 0, 0xffffffff, ACCESS_FLAT_DATA),
	SEGMENT(ES, 0x10, 0, 0xffffffff, ACCESS_FLAT_DATA),
	SEGMENT(TR, 0x18, 0, 0x67, ACCESS_TSS_BUSY),
	{ VMCS_GUEST_CR0, CR0_PE | CR0_ET | CR0_NE },
	{ VMCS_CR0_SHADOW, CR0_PE | CR0_ET },
};

/* What Linux's 64-bit boot protocol changes in the INIT state; there is no IDT
   */
static const struct vmcs_write linux_state[] = {
	SEGMENT(CS, 0x10, 0, 0xffffffff, ACCESS_LONG_CODE),
	SEGMENT(SS, 0x18, 0, 0xffffffff, ACCESS_FLAT_DATA),
	SEGMENT(DS, 0x18, 0, 0xffffffff, ACCESS_FLAT_DATA),
	SEGMENT(ES, 0x18, 0, 0xffffffff, ACCESS_FLAT_DATA),
	{ VMCS_GUEST_GDTR_LIMIT, LINUX_GDT_LIMIT },
	{ VMCS_GUEST_IDTR_LIMIT, 0 },
	{ VMCS_GUEST_CR0, CR0_PG | CR0_PE | CR0_ET | CR0_NE },
	{ VMCS_CR0_SHADOW, CR0_PG | CR0_PE | CR0_ET },
	{ VMCS_CR4_SHADOW, CR4_PAE },
};
/* clang-format on */

/*
 * #DB and #AC exit and are injected again: without that a guest can make the
 * CPU deliver them for ever without an interruptible point (CVE-2015-5307,
 * CVE-2015-8104). #MC exits because it concerns the machine, whichever VP runs:
 * CR4.MCE = 0 in guest mode would make it a shutdown.
 */
#define EXCEPTIONS (BIT(1) | BIT(17) | BIT(18))

/* A software TLB is asked at each page fault, a debugger at each INT3. */
#define EXCEPTIONS_SHADOW BIT(14)
#define EXCEPTIONS_GDB    BIT(3)

#define PIN                                                                    \
	(VMX_PIN_EXTERNAL_INTERRUPT | VMX_PIN_NMI | VMX_PIN_VIRTUAL_NMIS |     \
	 VMX_PIN_PREEMPTION_TIMER)
#define PROC                                                                   \
	(VMX_PROC_HLT | VMX_PROC_MWAIT | VMX_PROC_RDPMC | VMX_PROC_CR8_LOAD |  \
	 VMX_PROC_CR8_STORE | VMX_PROC_UNCONDITIONAL_IO |                      \
	 VMX_PROC_MSR_BITMAPS | VMX_PROC_MONITOR | VMX_PROC_SECONDARY)
/* ... and told about each CR3 and INVLPG; the CPU has another CR3. */
#define PROC_SHADOW                                                            \
	(PROC | VMX_PROC_INVLPG | VMX_PROC_CR3_LOAD | VMX_PROC_CR3_STORE)
#define PROC2                                                                  \
	(VMX_PROC2_EPT | VMX_PROC2_RDTSCP | VMX_PROC2_VPID |                   \
	 VMX_PROC2_UNRESTRICTED_GUEST)
#define EXIT                                                                   \
	(VMX_EXIT_SAVE_DEBUG | VMX_EXIT_HOST_64 | VMX_EXIT_ACK_INTERRUPT |     \
	 VMX_EXIT_SAVE_PAT | VMX_EXIT_LOAD_PAT | VMX_EXIT_SAVE_EFER |          \
	 VMX_EXIT_LOAD_EFER)
#define ENTRY (VMX_ENTRY_LOAD_DEBUG | VMX_ENTRY_LOAD_PAT | VMX_ENTRY_LOAD_EFER)

static void apply(const struct vmcs_write *writes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		port_vmcs_set(writes[i].field, writes[i].value);
	}
}

/* Only where there is somebody to pass the CPU on to. */
static bool has_pause_exits(const struct vp *vp, const struct caps_raw *caps)
{
	return vp->cpu->has_several && vp->partition->config->pause_exits &&
	       caps_can_set(caps, CAPS_PROC2, VMX_PROC2_PAUSE_LOOP);
}

/* INVPCID is #UD without its control; it exits with INVLPG. */
static u64 proc2_of(const struct vp *vp, const struct caps_raw *caps)
{
	u32 out[4];

	cpuid_emulate(vp, CPUID_STRUCTURED, 0, out);
	return PROC2 |
	       (out[CPUID_EBX] & CPUID_7_EBX_INVPCID ? VMX_PROC2_INVPCID : 0) |
	       (has_pause_exits(vp, caps) ? VMX_PROC2_PAUSE_LOOP : 0);
}

/* The fields are not there on a CPU without the control. */
static void apply_pause_loop(const struct vp *vp, const struct caps_raw *caps)
{
	if (has_pause_exits(vp, caps)) {
		apply(pause_loop, ARRAY_SIZE(pause_loop));
	}
}

static u64 exceptions_of(const struct vp *vp)
{
	bool gdb = vp->partition->config->gdb != CONFIG_GDB_OFF;

	return EXCEPTIONS | (vp->shadow != NULL ? EXCEPTIONS_SHADOW : 0) |
	       (gdb ? EXCEPTIONS_GDB : 0);
}

void vmcs_plan_apply_controls(struct vp *vp, const struct caps_raw *caps)
{
	const struct {
		enum vmcs_field field;
		enum caps_word word;
		u64 wanted;
	} controls[] = {
		{VMCS_PIN_CONTROLS, CAPS_PIN, PIN},
		{VMCS_PROC2_CONTROLS, CAPS_PROC2, proc2_of(vp, caps)},
		{VMCS_EXIT_CONTROLS, CAPS_EXIT, EXIT},
		{VMCS_ENTRY_CONTROLS, CAPS_ENTRY, ENTRY},
	};
	bool shadow = vp->shadow != NULL;
	u64 cr4_hidden = ~cpuid_cr4_allowed(vp);
	const struct vmcs_write writes[] = {
		{VMCS_VPID, vp->vpid},
		{VMCS_EPT_POINTER, vp->partition->ept.eptp},
		{VMCS_MSR_BITMAP, vp->msr_bitmap.v},
		{VMCS_EXCEPTION_BITMAP, exceptions_of(vp)},
		{VMCS_CR0_MASK,
		 CR_CR0_OWNED | (shadow ? CR_CR0_OWNED_SHADOW : 0)},
		{VMCS_CR4_MASK,
		 cr4_hidden | (shadow ? CR_CR4_OWNED_SHADOW : 0)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(controls); i++) {
		port_vmcs_set(controls[i].field,
			      caps_controls(caps, controls[i].word,
					    (u32)controls[i].wanted));
	}
	vp->own.proc_controls = caps_controls(
		caps, CAPS_PROC, (u32)(shadow ? PROC_SHADOW : PROC));
	port_vmcs_set(VMCS_PROC_CONTROLS, vp->own.proc_controls);
	apply(writes, ARRAY_SIZE(writes));
	apply_pause_loop(vp, caps);
	apply(power_on_state, ARRAY_SIZE(power_on_state));
}

static void set_ia32e(bool on)
{
	u64 entry = port_vmcs_get(VMCS_ENTRY_CONTROLS) & ~VMX_ENTRY_IA32E;

	port_vmcs_set(VMCS_ENTRY_CONTROLS,
		      on ? entry | VMX_ENTRY_IA32E : entry);
}

/* What the CPU needs for the tables of a software TLB, which it always uses */
static void fix_for_shadow(struct vp *vp)
{
	if (vp->shadow == NULL) {
		return;
	}
	port_vmcs_set(VMCS_GUEST_CR0, port_vmcs_get(VMCS_GUEST_CR0) | CR0_WP);
	vp->own.view = (struct guest_view){0};
	view_set_cr4(vp, 0);
	view_set_efer(vp, 0);
}

/* INIT leaves CD and NW as they are. */
static void init_cr0(void)
{
	port_vmcs_set(VMCS_CR0_SHADOW, (view_cr0() & CR0_CACHE) | CR0_ET);
}

void vmcs_plan_apply_init(struct vp *vp)
{
	u32 version[4];

	init_cr0();
	apply(init_state, ARRAY_SIZE(init_state));
	fix_for_shadow(vp);
	set_ia32e(false);
	for (u32 i = 0; i < GPR_COUNT; i++) {
		vp->own.gpr[i] = 0;
	}
	port_cpuid(CPUID_VERSION, 0, version);
	vp->own.gpr[GPR_RDX] = version[0];
}

void vmcs_plan_apply_sipi(struct vp *vp, u8 vector)
{
	(void)vp;
	port_vmcs_set(VMCS_GUEST_CS_SELECTOR, (u64)vector << 8);
	port_vmcs_set(VMCS_GUEST_CS_BASE, (u64)vector << 12);
	port_vmcs_set(VMCS_GUEST_RIP, 0);
}

void vmcs_plan_apply_pvh(struct vp *vp, u32 entry, u32 start_info)
{
	vmcs_plan_apply_init(vp);
	apply(pvh_state, ARRAY_SIZE(pvh_state));
	fix_for_shadow(vp);
	port_vmcs_set(VMCS_GUEST_RIP, entry);
	vp->own.gpr[GPR_RDX] = 0;
	vp->own.gpr[GPR_RBX] = start_info;
}

/*
 * Long mode is on: what the guest would have set up, in the registers as it
 * sees them.
 */
static void apply_linux(struct vp *vp, const struct image_plan *plan)
{
	vmcs_plan_apply_init(vp);
	apply(linux_state, ARRAY_SIZE(linux_state));
	fix_for_shadow(vp);
	view_set_cr4(vp, CR4_PAE);
	view_set_cr3(vp, plan->cr3);
	view_set_efer(vp, EFER_LME | EFER_LMA);
	set_ia32e(true);
	port_vmcs_set(VMCS_GUEST_GDTR_BASE, plan->gdt);
	port_vmcs_set(VMCS_GUEST_RIP, plan->entry);
	vp->own.gpr[GPR_RDX] = 0;
	vp->own.gpr[GPR_RSI] = plan->info;
	if (vp->shadow != NULL) {
		shadow_vmcs_load(vp, false);
	}
}

void vmcs_plan_apply_image(struct vp *vp, const struct image_plan *plan)
{
	if (plan->start == IMAGE_START_LINUX) {
		apply_linux(vp, plan);
	} else {
		vmcs_plan_apply_pvh(vp, (u32)plan->entry, (u32)plan->info);
	}
}
