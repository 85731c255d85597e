/* SPDX-License-Identifier: MIT */
/* VMCS: host state from this CPU, the rest from core/vp/vmcs_plan.c. */
#include "vmx/vp_setup.h"

#include "common/lib/mem.h"
#include "core/cpu/run_word.h"
#include "core/emulate/msr.h"
#include "core/port/vmcs.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/vp/vmcs_plan.h"
#include "vmx/loop.h"
#include "vmx/switch.h"
#include "vmx/vmcs.h"
#include "x86/gdt.h"
#include "x86/idt.h"
#include "x86/insn.h"
#include "x86/msr.h"
#include "x86/paging.h"
#include "x86/section.h"

/* SDM 3C, "MSR-Bitmap Address": read low, read high, write low, write high */
#define BITMAP_HIGH_FIRST 0xc0000000u
#define BITMAP_MSRS       0x2000u
#define BITMAP_READ_LOW   0u
#define BITMAP_READ_HIGH  1024u
#define BITMAP_WRITE_LOW  2048u
#define BITMAP_WRITE_HIGH 3072u

/* [1]: of VPs with a software TLB, whose EFER exits */
static u8 *bitmaps[2] __ro_after_launch;
static const struct caps_raw *cpu_caps __ro_after_launch;

static void bitmap_part(bool shadow, u32 offset, u32 first, bool write)
{
	for (u32 i = 0; i < BITMAP_MSRS; i++) {
		if (shadow && first + i == MSR_IA32_EFER) {
			continue;
		}
		if (msr_passes(first + i, write)) {
			bitmaps[shadow][offset + i / 8] &= (u8)~BIT(i % 8);
		}
	}
}

static void make_bitmap(bool shadow)
{
	bitmaps[shadow] = port_pool_pages(1);
	if (bitmaps[shadow] == NULL) {
		port_panic("pool is used up: MSR bitmap");
	}
	for (u32 i = 0; i < PAGE_SIZE; i++) {
		bitmaps[shadow][i] = 0xff;
	}
	bitmap_part(shadow, BITMAP_READ_LOW, 0, false);
	bitmap_part(shadow, BITMAP_READ_HIGH, BITMAP_HIGH_FIRST, false);
	bitmap_part(shadow, BITMAP_WRITE_LOW, 0, true);
	bitmap_part(shadow, BITMAP_WRITE_HIGH, BITMAP_HIGH_FIRST, true);
}

void vp_setup_prepare(const struct caps_raw *caps)
{
	cpu_caps = caps;
	make_bitmap(false);
	make_bitmap(true);
}

/*
 * SDM 3C, "Checks on Host Segment and Descriptor-Table Registers": RPL and TI
 * are 0 in every selector; FS and GS are null, their bases are used.
 */
static void write_host_state(const struct cpu *cpu)
{
	vmcs_write16(VMCS_HOST_CS_SELECTOR, KERNEL_CS);
	vmcs_write16(VMCS_HOST_SS_SELECTOR, KERNEL_DS);
	vmcs_write16(VMCS_HOST_DS_SELECTOR, KERNEL_DS);
	vmcs_write16(VMCS_HOST_ES_SELECTOR, KERNEL_DS);
	vmcs_write16(VMCS_HOST_FS_SELECTOR, 0);
	vmcs_write16(VMCS_HOST_GS_SELECTOR, 0);
	vmcs_write16(VMCS_HOST_TR_SELECTOR, KERNEL_TSS);
	vmcs_write_natural(VMCS_HOST_CR0, insn_read_cr0());
	vmcs_write_natural(VMCS_HOST_CR3, paging_root());
	vmcs_write_natural(VMCS_HOST_CR4, insn_read_cr4());
	vmcs_write_natural(VMCS_HOST_FS_BASE, 0);
	vmcs_write_natural(VMCS_HOST_GS_BASE, (u64)cpu);
	vmcs_write_natural(VMCS_HOST_TR_BASE, gdt_tss_base(cpu->number));
	vmcs_write_natural(VMCS_HOST_GDTR_BASE, gdt_base(cpu->number));
	vmcs_write_natural(VMCS_HOST_IDTR_BASE, idt_base());
	vmcs_write32(VMCS_HOST_SYSENTER_CS, 0);
	vmcs_write_natural(VMCS_HOST_SYSENTER_ESP, 0);
	vmcs_write_natural(VMCS_HOST_SYSENTER_EIP, 0);
	vmcs_write64(VMCS_HOST_EFER, insn_rdmsr(MSR_IA32_EFER));
	vmcs_write64(VMCS_HOST_PAT, insn_rdmsr(MSR_IA32_PAT));
	vmcs_write_natural(VMCS_HOST_RSP, cpu->host_stack_top);
}

/*
 * Where the CPU has no all-context type: invalidates this VPID and this EPTP.
 */
static void invalidate_own(struct vp *vp, const struct caps_raw *caps)
{
	if (!caps_has_invvpid(caps, INVVPID_ALL)) {
		port_invvpid(INVVPID_SINGLE, vp, (gva_t){0});
	}
	if (!caps_has_invept(caps, 2)) {
		port_invept(vp->partition);
	}
}

typedef void exit_label_fn(void);

static exit_label_fn *exit_label(const struct vp *vp)
{
	if (vp->shadow != NULL) {
		return entry_exit_shadow;
	}
	return vp->partition->publishes_regs ? entry_exit_publish : entry_exit;
}

void vp_setup(struct vp *vp)
{
	const struct caps_raw *caps = &cpu_caps[vp->cpu->number];
	u32 *vmcs = paging_direct(vp->vmcs);

	*vmcs = caps_revision(caps);
	if (insn_vmclear(vp->vmcs.v) != VMX_OK ||
	    insn_vmptrld(vp->vmcs.v) != VMX_OK) {
		port_panic("VMPTRLD of vp=%u failed", vp->number);
	}
	vp->msr_bitmap = port_hpa(bitmaps[vp->shadow != NULL]);
	write_host_state(vp->cpu);
	vmcs_write_natural(VMCS_HOST_RIP, (u64)exit_label(vp));
	vmcs_plan_apply_controls(vp, caps);
	vmcs_plan_apply_init(vp);
	if (vp->number == 0) {
		vmcs_plan_apply_image(vp, vp->partition->plan);
	}
	invalidate_own(vp, caps);
	due_note(vp);
	vp->cpu->vp = vp;
	run_assign(vp->cpu, vp);
}

/* While a VMCS is active its page belongs to the CPU. SDM 3C, "Software Use of
   Virtual-Machine Control Structures". */
void port_vp_renew(struct vp *vp)
{
	if (insn_vmclear(vp->vmcs.v) != VMX_OK) {
		port_panic("VMCLEAR of vp=%u failed", vp->number);
	}
	memset(paging_direct(vp->vmcs), 0, PAGE_SIZE);
	vp_setup(vp);
	switch_renew(vp);
}
