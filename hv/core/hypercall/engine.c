/* SPDX-License-Identifier: MIT */
/*
 * The order of the checks, from a VMCALL's registers to the row and its handler
 * and back to the result word. input.c reads the input block, and the handler
 * decides what the call means. Most calls take the fast path of fast_path.c.
 */
#include "core/hypercall/engine.h"

#include "core/console/first_use.h"
#include "core/cpu/budget.h"
#include "core/flush/suspend.h"
#include "core/hypercall/continuation.h"
#include "core/hypercall/fast_path.h"
#include "core/hypercall/input.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

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
	if (is_64bit) {
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
	if (is_64bit) {
		gpr[GPR_RAX] = result;
	} else {
		gpr[GPR_RDX] = result >> 32;
		gpr[GPR_RAX] = (u32)result;
	}
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
	if (in->output != NULL &&
	    hc_input_write_output(vp, *call, in, result) != ERR_OK) {
		result.status = HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	return result;
}

/*
 * Runs the handler step by step until all is done or the time is used up; then
 * call->start is where the rest begins. Not inlined: a refusal needs no frame.
 */
static __attribute__((noinline)) struct hc_result
execute_steps(struct vp *vp, struct hc_call *call)
{
	struct hc_result result;
	struct hc_input in;
	u64 began;

	call->end =
		hc_continuation_cut(vp, call->desc, call->start, call->count);
	began = call->end == call->count ? 0 : port_tsc();
	for (;;) {
		result = execute(vp, call, &in);
		if (result.waits_for != NULL || result.again ||
		    result.status != HV_STATUS_SUCCESS ||
		    result.done == call->count) {
			return result;
		}
		HV_ASSERT(result.done == call->end && call->end > call->start);
		call->start = call->end;
		if (budget_spent(vp, began)) {
			result.again = true;
			return result;
		}
		call->end = hc_continuation_cut(vp, call->desc, call->start,
						call->count);
	}
}

static enum hv_status find_row(struct vp *vp, struct hc_call *call)
{
	u16 code = (u16)FIELD_GET(HV_CONTROL_CODE, call->control);

	call->desc = hc_table_find(code);
	if (call->desc == NULL ||
	    (call->desc->is_test && !vp->partition->config->test_calls)) {
		first_use_report(vp->partition, FIRST_USE_HYPERCALL, code);
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	}
	if (!hc_row_is_offered(vp->partition, call->desc)) {
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
	if (call->header_len == 0) {
		call->input = 0; /* no input: the register is not looked at */
	}
	return HV_STATUS_SUCCESS;
}

static bool is_vtl_switch(u64 control)
{
	u64 code = FIELD_GET(HV_CONTROL_CODE, control);

	return code == HC_CODE_VTL_CALL || code == HC_CODE_VTL_RETURN;
}

/*
 * Without a GUEST_OS_ID there is no hypercall interface; abi.md: VMCALL without
 * GUEST_OS_ID.
 */
static bool may_call(const struct vp *vp, const struct hc_caller *caller)
{
	return caller->cpl == 0 && caller->is_protected &&
	       __atomic_load_n(&vp->partition->guest_os_id, __ATOMIC_RELAXED) !=
		       0;
}

/*
 * The slow path, which takes any call. Not inlined: calls of the fast path need
 * no stack frame.
 */
static __attribute__((noinline)) enum hc_outcome call_any(struct vp *vp,
							  bool is_64bit)
{
	struct hc_result result = {.status = HV_STATUS_SUCCESS};
	struct hc_call call;
	enum hv_status status;

	read_registers(vp->own.gpr, is_64bit, &call);
	status = find_row(vp, &call);
	if (status == HV_STATUS_INVALID_HYPERCALL_CODE &&
	    is_vtl_switch(call.control)) {
		return HC_UD;
	}
	result.status = status;
	if (status == HV_STATUS_SUCCESS) {
		if ((call.control & HV_CONTROL_FAST) &&
		    !hc_input_is_offered(vp, &call)) {
			return HC_UD;
		}
		result = execute_steps(vp, &call);
		if (result.waits_for != NULL) {
			suspend_begin(vp, result.waits_for);
			return HC_REPEAT;
		}
		if (result.again) {
			hc_continuation_repeat(vp, is_64bit, call.start);
			return HC_REPEAT;
		}
	}
	write_result(vp->own.gpr, is_64bit, result.word);
	return HC_DONE;
}

enum hc_outcome hypercall(struct vp *vp, const struct hc_caller *caller)
{
	const struct hc_desc *row;
	struct hc_input in;
	struct hc_result result;

	if (UNLIKELY(!may_call(vp, caller))) {
		return HC_UD;
	}
	row = LIKELY(caller->is_64bit) ? hc_fast_path_read(vp, &in) : NULL;
	if (UNLIKELY(row == NULL)) {
		return call_any(vp, caller->is_64bit);
	}
	result = row->fn(vp, &in);
	if (UNLIKELY(result.waits_for != NULL)) {
		suspend_begin(vp, result.waits_for);
		return HC_REPEAT;
	}
	vp->own.gpr[GPR_RAX] = result.word;
	return HC_DONE;
}
