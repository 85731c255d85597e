/* SPDX-License-Identifier: MIT */
/*
 * Decides whose registers a call accesses, and on which CPU. registers/table.c
 * computes each element's result. An error in element k ends the call with k
 * elements completed; those keep their effect.
 */

#include "core/hypercall/handlers.h"

#include "core/paging/published.h"
#include "core/partition/access.h"
#include "core/port/vmcs.h"
#include "core/registers/request.h"
#include "core/registers/table.h"
#include "core/state/vp.h"
#include "tlfs/register.h"

/* There are no VTLs: InputVtl must be 0. */
static enum hv_status decode(struct vp *vp, struct vp **target)
{
	const struct hv_vp_registers *header = hc_header(vp);
	enum hv_status status =
		access_vp(vp, header->partition_id, header->vp_index, target);

	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	if (header->input_vtl | header->reserved[0] | header->reserved[1] |
	    header->reserved[2]) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	return HV_STATUS_SUCCESS;
}

/*
 * Runs on this CPU where that is allowed, else on the target's own CPU. The
 * caller's own RIP is the one after its VMCALL.
 */
static enum hv_status run(struct vp *vp, struct vp *target, struct hc_input *in,
			  struct reg_job *job)
{
	u64 ahead = port_vmcs_get(VMCS_EXIT_INSTRUCTION_LENGTH);

	if (target == vp) {
		reg_job_run(job, vp, ahead);
		if (job->is_set) {
			published_update(vp);
		}
	} else if (reg_job_is_anywhere(job)) {
		reg_job_run(job, target, 0);
	} else if (!reg_request_call(vp, target, job)) {
		return HC_AGAIN;
	}
	in->done = job->done;
	return job->status;
}

enum hv_status hc_get_registers(struct vp *vp, struct hc_input *in)
{
	struct vp *target;
	struct reg_job job = {.count = (u16)in->count,
			      .names = in->elements,
			      .values = in->output};
	enum hv_status status = decode(vp, &target);

	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	return run(vp, target, in, &job);
}

enum hv_status hc_set_registers(struct vp *vp, struct hc_input *in)
{
	struct vp *target;
	struct reg_job job = {.is_set = true,
			      .count = (u16)in->count,
			      .assocs = in->elements};
	enum hv_status status = decode(vp, &target);

	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	return run(vp, target, in, &job);
}
