/* SPDX-License-Identifier: MIT */
/* Events for a VP. */
#ifndef HV_CORE_EVENTS_POST_H
#define HV_CORE_EVENTS_POST_H

#include "core/state/vp.h"

/* Post an event for `vp` and kick its CPU if that is needed. Any CPU. */
void vp_post(struct vp *vp, u64 event);
void vp_post_irq(struct vp *vp, u8 vector);
void vp_post_sipi(struct vp *vp, u8 vector);

#endif
