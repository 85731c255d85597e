/* SPDX-License-Identifier: MIT */
/*
 * The hypercall page as an overlay: an EPT change is a remote operation of its
 * own (edit, EPT event to all VPs, kick, wait); see docs/concurrency.md.
 */
#ifndef HV_CORE_PAGING_OVERLAY_H
#define HV_CORE_PAGING_OVERLAY_H

#include "base/types.h"

struct partition;
struct vp;

/*
 * Shows the hypercall page at guest page `at` of the caller's partition, or
 * takes it away; on return no VP uses the old mapping. Pre: `at` is inside
 * RAM; caller holds p->msr_lock; root mode.
 */
void overlay_show(struct vp *self, gpa_t at);
void overlay_hide(struct vp *self);

/* Allocates and fills the page (VMCALL; RET). Boot CPU before launch. */
bool overlay_init(void) __attribute__((warn_unused_result));

#endif
