/* SPDX-License-Identifier: MIT */
/* The query is the only extended call, so its mask of other calls is 0. */

#include "core/hypercall/handlers.h"

#include "tlfs/hypercall.h"

enum hv_status hc_ext_query(struct vp *vp, struct hc_input *in)
{
	struct hv_ext_capabilities *output = in->output;

	(void)vp;
	output->capabilities = 0;
	return HV_STATUS_SUCCESS;
}
