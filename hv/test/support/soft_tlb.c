/* SPDX-License-Identifier: MIT */
/* VPs with a software TLB (see soft_tlb.h). */
#include "support/soft_tlb.h"

#include "core/paging/shadow.h"
#include "core/paging/shadow_context.h"
#include "core/paging/walk.h"
#include "core/port/vmcs.h"
#include "core/vp/cr.h"
#include "core/vp/shadow_vmcs.h"
#include "support/check.h"
#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/pte.h"

#define ENTRIES 512

static u64 next_table[PARTITIONS_MAX];

static void add(struct vp *vp)
{
	u64 *tables = fake_take(SOFT_TLB_PAGES * PAGE_SIZE);
	struct shadow_table *info = fake_take(SOFT_TLB_PAGES * sizeof(*info));

	vp->shadow = fake_take(sizeof(*vp->shadow));
	vp->pdptes = fake_take(sizeof(vp->shadow->pdpte));
	vp->shared.queue.max = FLUSH_QUEUE_MAX_SHADOW;
	shadow_init(vp->shadow, tables, info, SOFT_TLB_PAGES,
		    (gpa_t){SOFT_TLB_AREA + vp->number * GIB}, true);
}

void soft_tlb_add(struct partition *p)
{
	fake_config(p)->paging = CONFIG_PAGING_SHADOW;
	next_table[p->number] = SOFT_TLB_RAM;
	for (u32 i = 0; i < p->vp_count; i++) {
		add(p->vps[i]);
	}
}

void soft_tlb_convert(struct vp *vp)
{
	u64 cr4_owned = port_vmcs_get(VMCS_CR4_MASK);
	u64 cr4 = port_vmcs_get(VMCS_GUEST_CR4);
	u64 cr0 = port_vmcs_get(VMCS_GUEST_CR0);
	u64 efer = port_vmcs_get(VMCS_GUEST_EFER);

	soft_tlb_add(vp->partition);
	vp->own.view.cr3 = port_vmcs_get(VMCS_GUEST_CR3);
	vp->own.view.efer = efer;
	port_vmcs_set(VMCS_CR4_SHADOW,
		      (cr4 & ~cr4_owned) |
			      (port_vmcs_get(VMCS_CR4_SHADOW) & cr4_owned));
	port_vmcs_set(VMCS_CR4_MASK, cr4_owned | CR_CR4_OWNED_SHADOW);
	port_vmcs_set(VMCS_GUEST_CR4, cr4 | CR4_PAE);
	port_vmcs_set(VMCS_CR0_MASK, CR_CR0_OWNED | CR_CR0_OWNED_SHADOW);
	port_vmcs_set(VMCS_GUEST_CR0, cr0 | CR0_WP);
	port_vmcs_set(VMCS_GUEST_EFER, efer | EFER_NXE);
	port_vmcs_set(VMCS_GUEST_CR3, 0);
}

/* ---- the guest ---- */

static u64 *entry_at(struct partition *p, u64 table, u64 gva, u32 level)
{
	return (u64 *)fake_ram(p, table) + PTE_INDEX(gva, level);
}

void soft_tlb_map(struct partition *p, u64 root, u64 gva, u64 flags)
{
	u64 table = root;

	for (u32 level = PTE_LEVELS; level > 1; level--) {
		u64 *entry = entry_at(p, table, gva, level);

		if (*entry == 0) {
			*entry = next_table[p->number] | PTE_PRESENT |
				 PTE_WRITE | PTE_USER;
			next_table[p->number] += PAGE_SIZE;
		}
		table = *entry & PTE_ADDR;
	}
	*entry_at(p, table, gva, 1) =
		SOFT_TLB_PAGE | PTE_PRESENT | PTE_WRITE | flags;
}

void soft_tlb_use(struct vp *vp, u64 cr3)
{
	u64 cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
	u64 efer = EFER_LME | EFER_LMA | EFER_NXE;

	port_vmcs_set(VMCS_CR0_MASK, CR_CR0_OWNED | CR_CR0_OWNED_SHADOW);
	port_vmcs_set(VMCS_CR0_SHADOW, cr0);
	port_vmcs_set(VMCS_GUEST_CR0, cr0);
	port_vmcs_set(VMCS_CR4_MASK, ~0ull);
	port_vmcs_set(VMCS_CR4_SHADOW, CR4_PAE | CR4_PGE | CR4_PCIDE);
	port_vmcs_set(VMCS_GUEST_CR4, CR4_PAE | CR4_PGE | CR4_VMXE);
	port_vmcs_set(VMCS_GUEST_EFER, efer);
	port_vmcs_set(VMCS_GUEST_PAT, PAT_RESET);
	vp->own.view.efer = efer;
	vp->own.view.cr3 = cr3;
	shadow_vmcs_load(vp, true);
}

void soft_tlb_read(struct vp *vp, u64 gva)
{
	struct shadow_answer answer;
	struct walk_state state;

	CHECK(shadow_vmcs_state(vp, &state));
	CHECK_EQ(shadow_fault(vp->partition, vp->shadow, &state, (gva_t){gva},
			      0, &answer),
		 SHADOW_FILLED);
	shadow_vmcs_sync(vp);
}

/* ---- what is cached ---- */

static u32 root_of(const struct shadow *shadow, u32 pcid)
{
	for (u32 i = 0; i < SHADOW_CONTEXTS; i++) {
		const struct shadow_context *context = &shadow->context[i];

		if (shadow_context_is_used(shadow, context) &&
		    context->pcid == pcid) {
			return context->tree.root;
		}
	}
	return SHADOW_NONE;
}

static bool tree_has(const struct shadow *shadow, u32 root, u64 gva)
{
	u64 table = root;

	if (root == SHADOW_NONE) {
		return false;
	}
	for (u32 level = PTE_LEVELS;; level--) {
		u64 entry =
			shadow->tables[table * ENTRIES + PTE_INDEX(gva, level)];

		if (!(entry & PTE_PRESENT)) {
			return false;
		}
		if (level == 1) {
			CHECK_EQ(entry & PTE_ADDR, SOFT_TLB_PAGE);
			return true;
		}
		table = ((entry & PTE_ADDR) - shadow->area.v) >> PAGE_SHIFT;
		CHECK(table < shadow->count);
	}
}

bool soft_tlb_has(const struct vp *vp, u32 pcid, u64 gva)
{
	return tree_has(vp->shadow, root_of(vp->shadow, pcid), gva) ||
	       tree_has(vp->shadow, vp->shadow->global.root, gva);
}
