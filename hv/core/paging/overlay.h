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

/*
 * Is it shown at the page of `at`? Then overlay_bytes() are there instead of
 * RAM. Any CPU; VPs that run may change it at any time.
 */
bool overlay_covers(const struct partition *p, gpa_t at);
const u8 *overlay_bytes(void);

/*
 * True if the hypercall page is shown where [from, from + len) lies, inside one
 * page; then its bytes are copied, as the guest sees them. For reports: a hint.
 */
bool overlay_read(struct partition *p, gpa_t from, u8 *to, size_t len);

/* Allocates and fills the page (VMCALL; RET). Boot CPU before launch. */
bool overlay_init(void) __attribute__((warn_unused_result));

#endif
