/* SPDX-License-Identifier: MIT */
/*
 * The VP that holds the lock may wait for this CPU, so the turn is passed on.
 */
#include "core/cpu/yield.h"
#include "core/hypercall/handlers.h"

/* TLFS HvCallNotifyLongSpinWait: a hint, so nothing in it can be wrong. */
enum hv_status hc_notify_spin(struct vp *vp, struct hc_input *in)
{
	(void)in;
	yield_once(vp);
	return HV_STATUS_SUCCESS;
}
