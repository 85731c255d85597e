/* SPDX-License-Identifier: MIT */
/* Checks the plan of a VMCS with the SDM's rules for VM entry. */
#include "core/vp/vmcs_plan.h"

#include <string.h>

#include "common/image/image_plan.h"
#include "common/platform/caps.h"
#include "core/paging/ept.h"
#include "core/paging/guest_view.h"
#include "core/vp/cr.h"
#include "support/call.h"
#include "support/check.h"
#include "support/entry_rules.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"
#include "x86/cr.h"
#include "x86/msr.h"

/* The bits that must be 1 on CPUs with the TRUE MSRs; all others may be 1 */
#define MAY(must)  (0xffffffff00000000ull | (must))
#define PIN_MUST   0x16u
#define PROC_MUST  0x4006172u
#define EXIT_MUST  0x36dfbu
#define ENTRY_MUST 0x11fbu

static struct vp *plan(u32 number, bool with_shadow)
{
	static const struct caps_raw caps = {
		.word[CAPS_PIN] = MAY(PIN_MUST),
		.word[CAPS_PROC] = MAY(PROC_MUST),
		.word[CAPS_PROC2] = MAY(0),
		.word[CAPS_EXIT] = MAY(EXIT_MUST),
		.word[CAPS_ENTRY] = MAY(ENTRY_MUST),
	};
	struct partition *p = fake_partition(2, 1);
	struct vp *vp = p->vps[number];

	fake_vmcs_reset();
	p->ept.eptp = 0x123456701e;
	vp->msr_bitmap = (hpa_t){0x7654321000};
	if (with_shadow) {
		soft_tlb_add(p);
	}
	vmcs_plan_apply_controls(vp, &caps);
	return vp;
}

static struct vp *planned_vp(u32 number)
{
	return plan(number, false);
}

static void t_controls(void)
{
	struct vp *vp = planned_vp(1);

	entry_rules_check_controls();
	CHECK_EQ(port_vmcs_get(VMCS_PIN_CONTROLS), PIN_MUST | 0x69);
	CHECK_EQ(port_vmcs_get(VMCS_PROC_CONTROLS) & PROC_MUST, PROC_MUST);
	CHECK_EQ(vp->own.proc_controls, port_vmcs_get(VMCS_PROC_CONTROLS));
	CHECK_EQ(port_vmcs_get(VMCS_PROC2_CONTROLS),
		 VMX_PROC2_EPT | VMX_PROC2_RDTSCP | VMX_PROC2_VPID |
			 VMX_PROC2_UNRESTRICTED_GUEST);
	CHECK_EQ(port_vmcs_get(VMCS_EXIT_CONTROLS) & EXIT_MUST, EXIT_MUST);
	CHECK_EQ(port_vmcs_get(VMCS_ENTRY_CONTROLS) & ENTRY_MUST, ENTRY_MUST);
	CHECK_EQ(port_vmcs_get(VMCS_VPID), 2);
	CHECK_EQ(port_vmcs_get(VMCS_EPT_POINTER), 0x123456701e);
	CHECK_EQ(port_vmcs_get(VMCS_MSR_BITMAP), 0x7654321000);
	CHECK_EQ(port_vmcs_get(VMCS_TSC_OFFSET), 0);
}

/* The guest must not own bits of CR0 and CR4 that root mode needs. */
static void t_control_register_masks(void)
{
	(void)planned_vp(0);
	CHECK_EQ(port_vmcs_get(VMCS_CR0_MASK) & CR0_NE, CR0_NE);
	CHECK_EQ(port_vmcs_get(VMCS_CR4_MASK) & CR4_VMXE, CR4_VMXE);
	CHECK_EQ(port_vmcs_get(VMCS_CR4_MASK) & CR4_PCIDE, CR4_PCIDE);
	/*
	 * a change of a reserved bit exits as well, and the hypervisor raises
	 * the fault
	 */
	CHECK_EQ(port_vmcs_get(VMCS_CR4_MASK) >> 32, 0xffffffff);
	/* #DB and #AC: CVE-2015-5307, CVE-2015-8104 */
	CHECK_EQ(port_vmcs_get(VMCS_EXCEPTION_BITMAP) & (BIT(1) | BIT(17)),
		 BIT(1) | BIT(17));
	CHECK_EQ(port_vmcs_get(VMCS_EXCEPTION_BITMAP) & BIT(14), 0);
}

/* The two tables write every guest-state field. */
static void t_no_guest_field_is_forgotten(void)
{
	struct vp *vp = planned_vp(0);

	vmcs_plan_apply_init(vp);
	for (u32 at = 0; at < FAKE_VMCS_FIELDS; at++) {
		const char *name = fake_vmcs_name(at);

		if (name == NULL || strncmp(name, "GUEST_", 6) != 0 ||
		    strcmp(name, "GUEST_PHYSICAL_ADDRESS") == 0 ||
		    strcmp(name, "GUEST_LINEAR_ADDRESS") == 0) {
			continue;
		}
		if (!fake_vmcs.written[at]) {
			check_fail(__FILE__, __LINE__, "not written: %s", name);
		}
	}
}

/* SDM 3A, "Processor State After Reset" */
static void t_init_state(void)
{
	struct vp *vp = planned_vp(0);

	fake_cpuid_set(1, 0, 0x806ea, 0, 0, 0);
	memset(vp->own.gpr, 0xee, sizeof(vp->own.gpr));
	vmcs_plan_apply_init(vp);
	entry_rules_check_guest();
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_SELECTOR), 0xf000);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_BASE), 0xffff0000);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0xfff0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RFLAGS), 2);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR0) & (CR0_PE | CR0_PG), 0);
	CHECK_EQ(port_vmcs_get(VMCS_CR0_SHADOW), 0x60000010);
	CHECK_EQ(port_vmcs_get(VMCS_CR4_SHADOW), 0);
	/* root mode needs MCE and VMXE; the shadow hides both */
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR4) & ~CR4_MCE, CR4_VMXE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_EFER), 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_DR7), 0x400);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PAT), 0x0007040600070406);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_IDTR_LIMIT), 0xffff);
	for (u32 i = 0; i < GPR_COUNT; i++) {
		CHECK_EQ(vp->own.gpr[i], i == GPR_RDX ? 0x806ea : 0);
	}
}

/* INIT in 64-bit mode, with an event and blocking, leaves nothing of them. */
static void t_init_from_long_mode(void)
{
	struct vp *vp = planned_vp(0);

	vmcs_plan_apply_init(vp);
	port_vmcs_set(VMCS_ENTRY_CONTROLS,
		      port_vmcs_get(VMCS_ENTRY_CONTROLS) | VMX_ENTRY_IA32E);
	port_vmcs_set(VMCS_GUEST_EFER, EFER_LME | EFER_LMA);
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_PG | CR0_NE);
	port_vmcs_set(VMCS_GUEST_CR4, CR4_PAE | CR4_VMXE);
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, 0xa09b);
	port_vmcs_set(VMCS_GUEST_RIP, 0xffffffff80001234);
	port_vmcs_set(VMCS_GUEST_SS_ACCESS, VMX_ACCESS_UNUSABLE);
	port_vmcs_set(VMCS_GUEST_FS_BASE, 0xffff888000000000);
	port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY, VMX_BLOCKING_NMI);
	port_vmcs_set(VMCS_GUEST_PENDING_DEBUG, VMX_PENDING_DEBUG_BS);
	entry_rules_check_guest();
	vmcs_plan_apply_init(vp);
	entry_rules_check_guest();
	CHECK_EQ(port_vmcs_get(VMCS_ENTRY_CONTROLS) & VMX_ENTRY_IA32E, 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY), 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PENDING_DEBUG), 0);
}

/* SDM 3A, "Processor State After Reset": "CD and NW are unchanged". */
static void t_init_keeps_cache_bits(void)
{
	static const u64 bits[] = {0, CR0_CD, CR0_CD | CR0_NW};

	for (u32 i = 0; i < ARRAY_SIZE(bits); i++) {
		struct vp *vp;

		fake_reset();
		vp = planned_vp(0);
		vmcs_plan_apply_init(vp);
		CHECK_EQ(view_cr0(), CR0_CD | CR0_NW | CR0_ET);
		CHECK(cr_write_cr0(vp, CR0_PE | CR0_TS | CR0_ET | bits[i]));
		vmcs_plan_apply_init(vp);
		CHECK_EQ(view_cr0(), bits[i] | CR0_ET);
	}
}

static void t_sipi_state(void)
{
	for (u32 vector = 0; vector < 256; vector++) {
		struct vp *vp;

		fake_reset();
		vp = planned_vp(1);
		vmcs_plan_apply_init(vp);
		vmcs_plan_apply_sipi(vp, (u8)vector);
		entry_rules_check_guest();
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_SELECTOR), vector << 8);
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_BASE), vector << 12);
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0);
	}
}

/*
 * PVH entry: flat 32-bit mode without paging, IF = 0, and EBX is the address of
 * the start info.
 */
static void t_pvh_state(void)
{
	static const u32 data[] = {VMCS_GUEST_DS_ACCESS, VMCS_GUEST_ES_ACCESS,
				   VMCS_GUEST_SS_ACCESS};
	struct vp *vp = planned_vp(0);

	vmcs_plan_apply_pvh(vp, 0x100010, 0x9f000);
	entry_rules_check_guest();
	entry_rules_check_controls();
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0x100010);
	CHECK_EQ(vp->own.gpr[GPR_RBX], 0x9f000);
	CHECK_EQ(vp->own.gpr[GPR_RDX], 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR0) & (CR0_PE | CR0_PG), CR0_PE);
	CHECK_EQ(port_vmcs_get(VMCS_CR0_SHADOW) & (CR0_PE | CR0_PG), CR0_PE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RFLAGS) & (RFLAGS_IF | RFLAGS_TF), 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_BASE), 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_LIMIT), 0xffffffff);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_ACCESS), 0xc09b);
	for (u32 i = 0; i < ARRAY_SIZE(data); i++) {
		CHECK_EQ(fake_vmcs.value[data[i]], 0xc093);
	}
}

static const struct image_plan linux_plan = {
	.start = IMAGE_START_LINUX,
	.entry = 0x1000200,
	.info = 0x9f000,
	.cr3 = 0xa1000,
	.gdt = 0xa0800,
};

/* The state of "64-bit Boot Protocol": RSI is the zero page, IF = 0. */
static void t_linux_state(void)
{
	static const u32 data[] = {VMCS_GUEST_DS_SELECTOR,
				   VMCS_GUEST_ES_SELECTOR,
				   VMCS_GUEST_SS_SELECTOR};
	struct vp *vp = planned_vp(0);

	vmcs_plan_apply_image(vp, &linux_plan);
	entry_rules_check_guest();
	entry_rules_check_controls();
	CHECK(port_vmcs_get(VMCS_ENTRY_CONTROLS) & VMX_ENTRY_IA32E);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0x1000200);
	CHECK_EQ(vp->own.gpr[GPR_RSI], 0x9f000);
	CHECK_EQ(vp->own.gpr[GPR_RBX] | vp->own.gpr[GPR_RDX], 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR0), 0x80000031);
	CHECK_EQ(port_vmcs_get(VMCS_CR0_SHADOW), 0x80000011);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3), 0xa1000);
	CHECK_EQ(view_cr4(), CR4_PAE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_EFER), EFER_LME | EFER_LMA);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RFLAGS), 2);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_SELECTOR), 0x10);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CS_ACCESS), 0xa09b);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_GDTR_BASE), 0xa0800);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_GDTR_LIMIT), 0x1f);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_IDTR_LIMIT), 0);
	for (u32 i = 0; i < ARRAY_SIZE(data); i++) {
		CHECK_EQ(fake_vmcs.value[data[i]], 0x18);
	}
}

/* An image of the other kind starts as before. */
static void t_image_chooses_its_state(void)
{
	static const struct image_plan pvh = {
		.start = IMAGE_START_PVH, .entry = 0x100010, .info = 0x9f000};
	struct vp *vp = planned_vp(0);

	vmcs_plan_apply_image(vp, &pvh);
	entry_rules_check_guest();
	CHECK_EQ(port_vmcs_get(VMCS_ENTRY_CONTROLS) & VMX_ENTRY_IA32E, 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0x100010);
	CHECK_EQ(vp->own.gpr[GPR_RBX], 0x9f000);
}

/* ---- with a software TLB ---- */

#define PROC_SHADOW (VMX_PROC_INVLPG | VMX_PROC_CR3_LOAD | VMX_PROC_CR3_STORE)

/* The CPU exits for what the software TLB is asked and told. */
static void t_shadow_controls(void)
{
	u64 masks[2][2];

	for (u32 shadow = 0; shadow < 2; shadow++) {
		struct vp *vp;

		fake_reset();
		vp = plan(0, shadow != 0);
		entry_rules_check_controls();
		CHECK_EQ(port_vmcs_get(VMCS_PROC_CONTROLS),
			 vp->own.proc_controls);
		CHECK_EQ(vp->own.proc_controls & VMX_PROC_INVLPG,
			 shadow ? VMX_PROC_INVLPG : 0);
		CHECK_EQ((vp->own.proc_controls & PROC_SHADOW & ~PROC_MUST),
			 shadow ? PROC_SHADOW & ~PROC_MUST : 0);
		CHECK_EQ(port_vmcs_get(VMCS_EXCEPTION_BITMAP) & BIT(14),
			 shadow ? BIT(14) : 0);
		/* every #PF exits: no error code is spared, no CR3 a target */
		CHECK_EQ(port_vmcs_get(VMCS_PAGE_FAULT_MASK), 0);
		CHECK_EQ(port_vmcs_get(VMCS_PAGE_FAULT_MATCH), 0);
		CHECK_EQ(port_vmcs_get(VMCS_CR3_TARGET_COUNT), 0);
		masks[shadow][0] = port_vmcs_get(VMCS_CR0_MASK);
		masks[shadow][1] = port_vmcs_get(VMCS_CR4_MASK);
	}
	CHECK_EQ(masks[1][0], masks[0][0] | CR0_PG | CR0_WP);
	CHECK_EQ(masks[1][1], masks[0][1] | CR4_PSE | CR4_PAE | CR4_PGE |
				      CR4_PCIDE | CR4_SMEP | CR4_SMAP);
}

/* What the CPU always runs with, whatever the guest's registers say */
static void check_shadow_real(void)
{
	CHECK(port_vmcs_get(VMCS_GUEST_CR0) & CR0_WP);
	CHECK(port_vmcs_get(VMCS_GUEST_CR4) & CR4_PAE);
	CHECK(port_vmcs_get(VMCS_GUEST_CR4) & CR4_VMXE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_EFER), EFER_NXE);
}

/* Each of them leaves the guest with the view after INIT. */
static void t_shadow_init_and_pvh(void)
{
	static const struct guest_view none;

	for (u32 pvh = 0; pvh < 2; pvh++) {
		struct vp *vp;

		fake_reset();
		vp = plan(0, true);
		vmcs_plan_apply_init(vp);
		memset(&vp->own.view, 0xee, sizeof(vp->own.view));
		port_vmcs_set(VMCS_CR4_SHADOW, CR4_PAE | CR4_PCIDE);
		if (pvh != 0) {
			vmcs_plan_apply_pvh(vp, 0x100010, 0x9f000);
		} else {
			vmcs_plan_apply_init(vp);
		}
		entry_rules_check_guest();
		entry_rules_check_controls();
		check_shadow_real();
		CHECK_EQ(memcmp(&vp->own.view, &none, sizeof(none)), 0);
		CHECK_EQ(port_vmcs_get(VMCS_CR4_SHADOW), 0);
		CHECK_EQ(port_vmcs_get(VMCS_CR0_SHADOW) & (CR0_PG | CR0_WP), 0);
	}
}

/* The CPU runs on the software TLB's tables from the first entry on. */
static void t_shadow_linux(void)
{
	struct vp *vp = plan(0, true);

	vmcs_plan_apply_image(vp, &linux_plan);
	entry_rules_check_guest();
	entry_rules_check_controls();
	CHECK_EQ(view_cr0(), CR0_PG | CR0_PE | CR0_ET);
	CHECK_EQ(view_cr3(vp), 0xa1000);
	CHECK_EQ(view_cr4(), CR4_PAE);
	CHECK_EQ(view_efer(vp), EFER_LME | EFER_LMA);
	CHECK(port_vmcs_get(VMCS_GUEST_CR0) & CR0_WP);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_EFER),
		 EFER_LME | EFER_LMA | EFER_NXE);
	CHECK(vp->shadow->is_long);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3), vp->shadow->root);
	CHECK(vp->shadow->root >= EPT_TABLES_BASE);
}

static const struct test tests[] = {
	{"controls", t_controls},
	{"control-register-masks", t_control_register_masks},
	{"no-guest-field-is-forgotten", t_no_guest_field_is_forgotten},
	{"init-state", t_init_state},
	{"init-from-long-mode", t_init_from_long_mode},
	{"init-keeps-cache-bits", t_init_keeps_cache_bits},
	{"sipi-state", t_sipi_state},
	{"pvh-state", t_pvh_state},
	{"linux-state", t_linux_state},
	{"image-chooses-its-state", t_image_chooses_its_state},
	{"shadow-controls", t_shadow_controls},
	{"shadow-init-and-pvh", t_shadow_init_and_pvh},
	{"shadow-linux", t_shadow_linux},
};

const struct suite suite_vmcs_plan = SUITE("vmcs_plan", tests);
