/* SPDX-License-Identifier: MIT */
/*
 * The VP that holds the lock may wait for this CPU, so the turn is passed on.
 */

#include "core/cpu/due.h"
#include "core/hypercall/handlers.h"

#include "core/state/cpu.h"
#include "core/state/vp.h"

/* TLFS HvCallNotifyLongSpinWait: a hint, so nothing in it can be wrong. */
enum hv_status hc_notify_spin(struct vp *vp, struct hc_input *in)
{
	(void)in;
	vp->cpu->yield = true;
	due_note(vp);
	return HV_STATUS_SUCCESS;
}
