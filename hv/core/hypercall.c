/* SPDX-License-Identifier: MIT */
/*
 * Order of the checks: from a VMCALL's registers to the row and its handler,
 * and back to the result word. The input block is hc_input.c's, what a call
 * means its handler's.
 */
#include "core/hypercall.h"

#include "core/hc_budget.h"
#include "core/hc_input.h"
#include "core/flush_queue.h"
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
	const struct config_privileges *granted =
		&vp->partition->config->privileges;

	return (granted->hints & desc->needs_hint) == desc->needs_hint &&
	       (LIKELY(desc->needs_privilege == 0) ||
		(granted->mask & desc->needs_privilege) != 0);
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

/* Input in one piece, no output, one step: what a guest calls all the time. */
static bool is_plain(const struct vp *vp, const struct hc_call *call)
{
	return !(call->control & HV_CONTROL_REP_START) &&
	       !hc_input_has_output(call->desc) &&
	       (call->count <= FLUSH_QUEUE_MAX || call->desc->widens) &&
	       vp->partition->config->budget_elements == 0;
}

/*
 * One copy, looked at only afterwards. A list of ranges longer than the queue
 * is not copied: every 64-bit value is a valid one, and it is widened anyway.
 */
static enum hv_status read_plain(struct vp *vp, const struct hc_call *call,
				 struct hc_input *in)
{
	u64 len = hc_input_len(call);
	u64 copied = len;

	in->elements = vp->cpu->hc_input + call->header_len;
	if (UNLIKELY(call->control & HV_CONTROL_FAST)) {
		if (len > HV_FAST_INPUT_LEN) {
			return HV_STATUS_INVALID_HYPERCALL_INPUT;
		}
		hc_input_take_registers(vp, call, len);
		return HV_STATUS_SUCCESS;
	}
	if (UNLIKELY(hc_input_check_block(vp->partition, call->input, len))) {
		return HV_STATUS_INVALID_ALIGNMENT;
	}
	if (call->count > FLUSH_QUEUE_MAX) {
		copied = call->header_len;
		in->elements = NULL;
	}
	/* decision 9.4: unreadable input */
	return port_read_guest(vp->partition, (gpa_t){call->input},
			       vp->cpu->hc_input, copied) == ERR_OK
		       ? HV_STATUS_SUCCESS
		       : HV_STATUS_INVALID_HYPERCALL_INPUT;
}

/* execute_steps() without what such a call does not need. */
static struct hc_result execute_plain(struct vp *vp, struct hc_call *call,
				      struct hc_input *in)
{
	enum hv_status status = read_plain(vp, call, in);

	if (UNLIKELY(status != HV_STATUS_SUCCESS)) {
		return (struct hc_result){.status = status};
	}
	call->end = call->count;
	hc_input_point(vp, call, in);
	in->output = NULL;
	return call->desc->fn(vp, in);
}

/*
 * Step by step, until all is done or the time is used up; then call->start is
 * where the rest begins. Not inlined: plain calls should not pay for it.
 */
static __attribute__((noinline)) struct hc_result
execute_steps(struct vp *vp, struct hc_call *call)
{
	struct hc_result result;
	struct hc_input in;
	u64 began;

	call->end = hc_budget_cut(vp, call->desc, call->start, call->count);
	began = call->end == call->count ? 0 : port_tsc();
	for (;;) {
		result = execute(vp, call, &in);
		if (result.waits_for != NULL || result.again ||
		    result.status != HV_STATUS_SUCCESS ||
		    LIKELY(result.done == call->count)) {
			return result;
		}
		HV_ASSERT(result.done == call->end && call->end > call->start);
		call->start = call->end;
		if (hc_budget_spent(vp, began)) {
			result.again = true;
			return result;
		}
		call->end =
			hc_budget_cut(vp, call->desc, call->start, call->count);
	}
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
	if (UNLIKELY(call->header_len == 0)) {
		call->input = 0; /* no input: the register is not looked at */
	}
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
		result = LIKELY(is_plain(vp, &call))
				 ? execute_plain(vp, &call, &in)
				 : execute_steps(vp, &call);
		if (UNLIKELY(result.waits_for != NULL)) {
			suspend_begin(vp, result.waits_for);
			return HC_SUSPENDED;
		}
		if (UNLIKELY(result.again)) {
			hc_budget_again(vp, caller->is_64bit, call.start);
			return HC_SUSPENDED;
		}
	}
	write_result(vp->gpr, caller->is_64bit, result_word(result));
	return HC_DONE;
}
