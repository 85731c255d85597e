/* SPDX-License-Identifier: MIT */
/*
 * The hypercall page. INVVPID does not cover EPT changes, so a change has these
 * steps: edit, post an EPT event to all VPs, kick, wait. Every CPU executes
 * INVEPT before its next entry with that EPTP. rule: ept-change-needs-invept
 */
#include "core/paging/overlay.h"

#include "common/lib/mem.h"
#include "core/cpu/kick.h"
#include "core/paging/ept.h"
#include "tlfs/msr.h"

/* One page for all partitions: its content is constant. */
static u8 *page;

bool overlay_init(void)
{
	/* VMCALL; RET. TLFS hypercall-interface: CALLed at offset 0 */
	static const u8 code[] = {0x0f, 0x01, 0xc1, 0xc3};

	page = port_pool_pages(1);
	if (page == NULL) {
		return false;
	}
	for (u32 i = 0; i < PAGE_SIZE; i++) {
		page[i] = i < sizeof(code) ? code[i] : 0xcc;
	}
	return true;
}

const u8 *overlay_bytes(void)
{
	return page;
}

bool overlay_covers(const struct partition *p, gpa_t at)
{
	u64 msr = __atomic_load_n(&p->hypercall_msr, __ATOMIC_RELAXED);

	return (msr & HV_HYPERCALL_MSR_ENABLE) &&
	       (msr & HV_HYPERCALL_MSR_PFN) == (at.v & PAGE_MASK);
}

/* Returns when no VP of the partition can use the old mapping. */
static void tell_all(struct vp *self)
{
	const struct partition *p = self->partition;
	u64 index;

	VP_SET_FOR_EACH(index, &p->all) {
		__atomic_fetch_or(&p->by_index[index]->shared.events,
				  VP_EVENT_EPT, __ATOMIC_SEQ_CST);
	}
	/* pairs with run_enter(), as in put_ranges() */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	kick_and_wait(self->cpu, p, &p->all, NULL, self, NULL);
}

void overlay_hide(struct vp *self)
{
	struct partition *p = self->partition;

	if (!ept_is_split(&p->ept)) {
		return;
	}
	lock_acquire(&p->ept_lock);
	ept_overlay_off(&p->ept);
	lock_release(&p->ept_lock);
	tell_all(self);
}

/*
 * Takes the page away first and waits, because the split table is reused for
 * the new region.
 */
void overlay_show(struct vp *self, gpa_t at)
{
	struct partition *p = self->partition;

	overlay_hide(self);
	lock_acquire(&p->ept_lock);
	ept_overlay_on(&p->ept, at, port_hpa(page));
	lock_release(&p->ept_lock);
	tell_all(self);
}

bool overlay_read(struct partition *p, gpa_t from, u8 *to, size_t len)
{
	u32 level;
	u64 entry = ept_entry(&p->ept, from, &level);

	if (level != 1 || page == NULL ||
	    (entry & EPT_ADDRESS) != port_hpa(page).v) {
		return false;
	}
	memcpy(to, page + (from.v & ~PAGE_MASK), len);
	return true;
}
