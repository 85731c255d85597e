/* SPDX-License-Identifier: MIT */
/* HvCallNotifyLongSpinWait: the caller spins on a lock. Advisory. */
#ifndef HV_CORE_HYPERCALL_LONG_SPIN_H
#define HV_CORE_HYPERCALL_LONG_SPIN_H

#include "core/hypercall/hypercall.h"

struct hc_result hc_notify_spin(struct vp *vp, const struct hc_input *in);

#endif
