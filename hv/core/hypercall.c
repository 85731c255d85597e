/* SPDX-License-Identifier: MIT */
/*
 * Order of the checks: from a VMCALL's registers to the row and its handler,
 * and back to the result word. The input block is hc_input.c's, what a call
 * means its handler's.
 */
#include "core/hypercall.h"

#include "core/hc_input.h"
#include "core/once.h"
#include "core/partition.h"
#include "core/suspend.h"
#include "core/vp.h"

/* TLFS: VTL call and return are #UD where the target VTL is not enabled. */
#define HC_CODE_VTL_CALL   0x0011
#define HC_CODE_VTL_RETURN 0x0012

static u64 pair(const u64 *gpr, enum vp_gpr high, enum vp_gpr low)
{
	return (gpr[high] << 32) | (u32)gpr[low];
}

/* The upper halves of a 32-bit caller's registers are ignored (XSA-454). */
static void read_registers(const u64 *gpr, bool is_64bit, struct hc_call *call)
{
	call->is_64bit = is_64bit;
	if (LIKELY(is_64bit)) {
		call->control = gpr[GPR_RCX];
		call->input = gpr[GPR_RDX];
		call->output = gpr[GPR_R8];
	} else {
		call->control = pair(gpr, GPR_RDX, GPR_RAX);
		call->input = pair(gpr, GPR_RBX, GPR_RCX);
		call->output = pair(gpr, GPR_RDI, GPR_RSI);
	}
}

static void write_result(u64 *gpr, bool is_64bit, u64 result)
{
	if (LIKELY(is_64bit)) {
		gpr[GPR_RAX] = result;
	} else {
		gpr[GPR_RDX] = result >> 32;
		gpr[GPR_RAX] = (u32)result;
	}
}

static bool row_offered(const struct vp *vp, const struct hc_desc *desc)
{
	const struct config_partition *config = vp->partition->config;

	return (config->privileges.hints & desc->needs_hint) ==
	       desc->needs_hint;
}

/*
 * TLFS hypercall-interface, "Hypercall Inputs". Which bits must be 0 depends on
 * the call's class only, so the row has them as one mask.
 */
static bool control_is_valid(const struct hc_call *call)
{
	return !(call->control & call->desc->control_zero) &&
	       (!call->desc->is_rep || call->start < call->count);
}

static struct hc_result execute(struct vp *vp, const struct hc_call *call,
				struct hc_input *in)
{
	struct hc_result result = {.done = call->start};

	result.status = hc_input_read(vp, call, in);
	if (result.status != HV_STATUS_SUCCESS) {
		return result;
	}
	result = call->desc->fn(vp, in);
	if (UNLIKELY(in->output != NULL) &&
	    hc_input_write_output(vp, *call, in, result) != ERR_OK) {
		result.status = HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	return result;
}

static u64 result_word(struct hc_result result)
{
	return FIELD_PREP(HV_RESULT_REPS, result.done) | result.status;
}

static enum hv_status find_row(struct vp *vp, struct hc_call *call)
{
	u16 code = (u16)FIELD_GET(HV_CONTROL_CODE, call->control);

	call->desc = hc_table_find(code);
	if (call->desc == NULL ||
	    (call->desc->is_test && !vp->partition->config->test_calls)) {
		once_first(vp->partition, ONCE_HYPERCALL, code);
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	}
	if (!row_offered(vp, call->desc)) {
		return HV_STATUS_ACCESS_DENIED;
	}
	call->count = (u16)FIELD_GET(HV_CONTROL_REP_COUNT, call->control);
	call->start = (u16)FIELD_GET(HV_CONTROL_REP_START, call->control);
	if (!control_is_valid(call)) {
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	call->header_len =
		call->desc->header_size +
		8 * (u32)FIELD_GET(HV_CONTROL_VARHEAD, call->control);
	return HV_STATUS_SUCCESS;
}

static bool is_vtl_switch(u64 control)
{
	u64 code = FIELD_GET(HV_CONTROL_CODE, control);

	return code == HC_CODE_VTL_CALL || code == HC_CODE_VTL_RETURN;
}

/* Decision 9.26: no GUEST_OS_ID, no interface. */
static bool may_call(const struct vp *vp, const struct hc_caller *caller)
{
	return caller->cpl == 0 && caller->is_protected &&
	       __atomic_load_n(&vp->partition->guest_os_id, __ATOMIC_RELAXED) !=
		       0;
}

enum hc_outcome hypercall(struct vp *vp, const struct hc_caller *caller)
{
	struct hc_call call;
	struct hc_input in;
	struct hc_result result;

	if (!may_call(vp, caller)) {
		return HC_UD;
	}
	read_registers(vp->gpr, caller->is_64bit, &call);
	result = (struct hc_result){.status = find_row(vp, &call)};
	if (UNLIKELY(result.status == HV_STATUS_INVALID_HYPERCALL_CODE) &&
	    is_vtl_switch(call.control)) {
		return HC_UD;
	}
	if (LIKELY(result.status == HV_STATUS_SUCCESS)) {
		if (UNLIKELY(call.control & HV_CONTROL_FAST) &&
		    !hc_input_is_offered(vp, &call)) {
			return HC_UD;
		}
		result = execute(vp, &call, &in);
		if (UNLIKELY(result.waits_for != NULL)) {
			suspend_begin(vp, result.waits_for);
			return HC_SUSPENDED;
		}
		if (UNLIKELY(result.again)) {
			return HC_SUSPENDED;
		}
		HV_ASSERT(result.status != HV_STATUS_SUCCESS ||
			  result.done == call.count);
	}
	write_result(vp->gpr, caller->is_64bit, result_word(result));
	return HC_DONE;
}
