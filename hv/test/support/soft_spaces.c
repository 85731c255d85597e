/* SPDX-License-Identifier: MIT */
/* Two address spaces in software TLBs (see soft_spaces.h). */
#include "support/soft_spaces.h"

#include "core/flush/target.h"
#include "support/call.h"
#include "support/fake_vmcs.h"
#include "x86/cr.h"
#include "x86/pte.h"

const u64 soft_cr3[SOFT_SPACES] = {0, 0x6001};

static u64 page(u32 i)
{
	return SOFT_GVA + i * PAGE_SIZE;
}

static void fill(struct vp *vp, u32 space)
{
	soft_tlb_use(vp, soft_cr3[space]);
	for (u32 i = 0; i < SOFT_PAGES; i++) {
		if (!soft_tlb_has(vp, space, page(i))) {
			soft_tlb_read(vp, page(i));
		}
	}
}

void soft_spaces_fill(struct partition *p)
{
	for (u32 n = 0; n < p->vp_count; n++) {
		for (u32 space = 0; space < SOFT_SPACES; space++) {
			fill(p->vps[n], space);
		}
	}
	fake.invvpid_count = 0;
}

struct partition *soft_spaces_setup(u32 vp_count, u32 stride)
{
	struct partition *p;

	fake_reset();
	fake_vmcs_reset();
	p = call_partition(vp_count, stride);
	soft_tlb_add(p);
	for (u32 space = 0; space < SOFT_SPACES; space++) {
		for (u32 i = 0; i < SOFT_PAGES; i++) {
			soft_tlb_map(p, soft_cr3[space] & CR3_BASE, page(i),
				     SOFT_GLOBALS & BIT(i) ? PTE_GLOBAL : 0);
		}
	}
	soft_spaces_fill(p);
	return p;
}

u64 soft_spaces_has(const struct vp *vp, u32 space)
{
	u64 found = 0;

	for (u32 i = 0; i < SOFT_PAGES; i++) {
		found |= soft_tlb_has(vp, space, page(i)) ? BIT(i) : 0;
	}
	return found;
}

void soft_spaces_drain(struct partition *p)
{
	for (u32 n = 0; n < p->vp_count; n++) {
		if (call_has_work(p->vps[n])) {
			flush_drain(p->vps[n]);
		}
	}
}
