/* SPDX-License-Identifier: MIT */
/* Posting events to a VP. */
#ifndef HV_CORE_EVENTS_POST_H
#define HV_CORE_EVENTS_POST_H

#include "core/state/vp.h"

/*
 * Posts `event` (VP_EVENT_*) to `vp` and kicks its CPU if needed. Any CPU may
 * call it.
 */
void vp_post(struct vp *vp, u64 event);
void vp_post_irq(struct vp *vp, u8 vector);
void vp_post_sipi(struct vp *vp, u8 vector);

#endif
