/* SPDX-License-Identifier: MIT */
/*
 * The registers that exist, as a table. An error in element k ends the call
 * with k elements completed; those keep their effect.
 */
#include "core/hc_registers.h"

#include "core/hc_access.h"
#include "core/inhibit.h"
#include "core/partition.h"
#include "core/vp.h"
#include "tlfs/register.h"

struct reg {
	u32 name;
	u64 (*get)(const struct vp *vp);
	enum hv_status (*set)(struct vp *vp, u64 value);
};

static bool is_suspended(const struct vp *vp)
{
	return (__atomic_load_n(&vp->partition->suspended[vp->bank],
				__ATOMIC_RELAXED) &
		vp->bank_bit) != 0;
}

static u64 get_intercept_suspend(const struct vp *vp)
{
	return (is_suspended(vp) ? HV_INTERCEPT_SUSPENDED : 0) |
	       (inhibit_is_set(vp) ? HV_INTERCEPT_TLB_INHIBIT : 0);
}

/* Only the hypervisor sets these bits; each may be cleared by itself. */
static enum hv_status set_intercept_suspend(struct vp *vp, u64 value)
{
	u64 now = get_intercept_suspend(vp);

	if (value & ~now) {
		return HV_STATUS_INVALID_REGISTER_VALUE;
	}
	if ((now & ~value) & HV_INTERCEPT_TLB_INHIBIT) {
		inhibit_clear(vp);
	}
	if ((now & ~value) & HV_INTERCEPT_SUSPENDED) {
		/* it makes its call again, and may be suspended again */
		vp_post(vp, VP_EVENT_WAKE);
	}
	return HV_STATUS_SUCCESS;
}

static const struct reg regs[] = {
	{HV_REGISTER_INTERCEPT_SUSPEND, get_intercept_suspend,
	 set_intercept_suspend},
};

static const struct reg *find(u32 name)
{
	for (u32 i = 0; i < ARRAY_SIZE(regs); i++) {
		if (regs[i].name == name) {
			return &regs[i];
		}
	}
	return NULL;
}

/* There are no VTLs: InputVtl has to say nothing. */
static enum hv_status decode(struct vp *vp, const struct hc_input *in,
			     struct vp **target)
{
	const struct hv_vp_registers *header = in->header;
	enum hv_status status = hc_access_vp(vp, header->partition_id,
					     header->vp_index, target);

	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	if (header->input_vtl | header->reserved[0] | header->reserved[1] |
	    header->reserved[2]) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	return HV_STATUS_SUCCESS;
}

struct hc_result hc_get_registers(struct vp *vp, const struct hc_input *in)
{
	const u32 *names = in->elements;
	struct hv_register_value *values = in->output;
	struct hc_result result = {.done = in->start};
	struct vp *target;

	result.status = decode(vp, in, &target);
	while (result.status == HV_STATUS_SUCCESS && result.done < in->count) {
		u32 i = (u32)result.done - in->start;
		const struct reg *reg = find(names[i]);

		if (reg == NULL) {
			result.status = HV_STATUS_INVALID_PARAMETER;
			break;
		}
		values[i] = (struct hv_register_value){reg->get(target), 0};
		result.done++;
	}
	return result;
}

static enum hv_status set_one(struct vp *target,
			      const struct hv_register_assoc *assoc)
{
	const struct reg *reg = find(assoc->name);

	if (reg == NULL ||
	    assoc->reserved[0] | assoc->reserved[1] | assoc->reserved[2]) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	if (assoc->value.high != 0) {
		return HV_STATUS_INVALID_REGISTER_VALUE;
	}
	return reg->set(target, assoc->value.low);
}

struct hc_result hc_set_registers(struct vp *vp, const struct hc_input *in)
{
	const struct hv_register_assoc *assocs = in->elements;
	struct hc_result result = {.done = in->start};
	struct vp *target;

	result.status = decode(vp, in, &target);
	while (result.status == HV_STATUS_SUCCESS && result.done < in->count) {
		result.status =
			set_one(target, &assocs[result.done - in->start]);
		if (result.status == HV_STATUS_SUCCESS) {
			result.done++;
		}
	}
	return result;
}
