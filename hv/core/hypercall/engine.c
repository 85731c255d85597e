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
#include "core/hypercall/handlers.h"
#include "core/hypercall/input.h"
#include "core/hypercall/table.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/trace/record.h"
#include "core/trace/stats.h"

/* TLFS: VTL call and return are #UD where the target VTL is not enabled. */
#define HC_CODE_VTL_CALL   0x0011
#define HC_CODE_VTL_RETURN 0x0012

static u64 pair(const u64 *gpr, enum vp_gpr high, enum vp_gpr low)
{
	return (gpr[high] << 32) | (u32)gpr[low];
}

/* The upper halves of a 32-bit caller's registers are ignored (XSA-454). */
static u64 read_control(const u64 *gpr, bool is_64bit)
{
	return is_64bit ? gpr[GPR_RCX] : pair(gpr, GPR_RDX, GPR_RAX);
}

static void read_registers(const u64 *gpr, struct hc_call *call)
{
	call->control = read_control(gpr, call->is_64bit);
	if (call->is_64bit) {
		call->input = gpr[GPR_RDX];
		call->output = gpr[GPR_R8];
	} else {
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

/* ---- find: which row ---- */

static const struct hc_desc *find(struct vp *vp, u64 control)
{
	u16 code = (u16)FIELD_GET(HV_CONTROL_CODE, control);
	const struct hc_desc *row = hc_table_find(code);

	if (row == NULL ||
	    (row->is_test && !vp->partition->config->test_calls)) {
		first_use_report(vp->partition, FIRST_USE_HYPERCALL, code);
		return NULL;
	}
	return row;
}

/* How a call ends whose code has no row. */
static enum hv_status unknown(u64 control)
{
	u64 code = FIELD_GET(HV_CONTROL_CODE, control);

	return code == HC_CODE_VTL_CALL || code == HC_CODE_VTL_RETURN
		       ? HC_NO_CALL
		       : HV_STATUS_INVALID_HYPERCALL_CODE;
}

/* ---- frame: what the control word says, and where the input is ---- */

/*
 * TLFS hypercall-interface, "Hypercall Inputs". Which bits must be 0 depends on
 * the call's class only, so the row has them as one mask.
 */
static enum hv_status frame(const struct vp *vp, struct hc_call *call)
{
	call->shape = hc_shape_of(call->row, call->control);
	if ((call->control & call->row->control_zero) ||
	    !hc_shape_has_start(call->row, &call->shape)) {
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	if ((call->control & HV_CONTROL_FAST) &&
	    !hc_input_is_offered(vp, call)) {
		return HC_NO_CALL;
	}
	if (call->shape.header_len == 0) {
		call->input = 0; /* no input: the register is not examined */
	}
	return HV_STATUS_SUCCESS;
}

/* ---- run: step by step ---- */

/* Calls of VPs with a software TLB are never on the fast path. */
static enum hv_status call_handler(struct vp *vp, const struct hc_desc *row,
				   struct hc_input *in)
{
	if (UNLIKELY(vp->shadow != NULL) && row->fn == hc_flush) {
		return hc_flush_exact(vp, in);
	}
	return row->fn(vp, in);
}

/* Runs the elements call->done to call->end; call->done moves on. */
static enum hv_status run_step(struct vp *vp, struct hc_call *call)
{
	struct hc_input in;
	enum hv_status status = hc_input_read(vp, call, &in);

	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	status = call_handler(vp, call->row, &in);
	if (status == HV_STATUS_SUCCESS) {
		in.done = in.count;
	}
	if (in.output != NULL &&
	    hc_input_write_output(vp, *call, &in, status) != ERR_OK) {
		status = HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	call->done += in.done;
	return status;
}

/*
 * Runs the handler step by step until all is done or the time is used up. Not
 * inlined: a refusal needs no frame.
 */
static __attribute__((noinline)) enum hv_status run(struct vp *vp,
						    struct hc_call *call)
{
	u32 count = call->shape.count;
	enum hv_status status;
	u64 began;

	call->done = call->shape.start;
	call->end = hc_continuation_cut(vp, call->row, call->done, count);
	began = call->end == count ? 0 : port_tsc();
	for (;;) {
		status = run_step(vp, call);
		if (status != HV_STATUS_SUCCESS || call->done == count) {
			return status;
		}
		if (budget_spent(vp, began)) {
			return HC_AGAIN;
		}
		call->end =
			hc_continuation_cut(vp, call->row, call->done, count);
		HV_ASSERT(call->end > call->done);
	}
}

/* ---- the paths ---- */

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

/* Not inlined: nearly all calls end with a result. */
static __attribute__((noinline)) enum hc_outcome
end_without_result(struct vp *vp, bool is_64bit, u32 done, enum hv_status end)
{
	if (end == HC_NO_CALL) {
		return HC_UD;
	}
	if (end == HC_SUSPEND) {
		suspend_begin(vp);
	} else {
		hc_continuation_repeat(vp, is_64bit, done);
	}
	return HC_REPEAT;
}

/* The one end of all calls. TLFS "Hypercall Result Value". */
static inline enum hc_outcome finish(struct vp *vp, bool is_64bit, u32 done,
				     enum hv_status status)
{
	if (UNLIKELY(status >= HC_SUSPEND)) {
		return end_without_result(vp, is_64bit, done, status);
	}
	record_status(vp, status);
	write_result(vp->own.gpr, is_64bit,
		     (u64)done << FIELD_SHIFT(HV_RESULT_REPS) | status);
	return HC_DONE;
}

/* For trace and counts: a call that did not do all that it was asked for. */
static void note_failure(struct vp *vp, const struct hc_call *call,
			 enum hv_status status)
{
	u64 rest = call->control & ~HV_CONTROL_REP_START;

	stats_end(vp, call->row->code, status);
	if (call->done != 0) {
		record_control(vp, rest | FIELD_PREP(HV_CONTROL_REP_START,
						     call->done));
	}
}

/* The second half of the slow path: frame, run. Not inlined: its frame. */
static __attribute__((noinline)) enum hc_outcome
call_row(struct vp *vp, const struct hc_desc *row, bool is_64bit)
{
	struct hc_call call;
	enum hv_status status;

	call.row = row;
	call.is_64bit = is_64bit;
	call.done = 0;
	read_registers(vp->own.gpr, &call);
	status = frame(vp, &call);
	if (status == HV_STATUS_SUCCESS) {
		status = run(vp, &call);
	}
	stats_is_call(vp, stats_slot_of_call(row->code));
	if (status != HV_STATUS_SUCCESS) {
		note_failure(vp, &call, status);
	}
	return finish(vp, is_64bit, call.done, status);
}

/*
 * The slow path, which takes any call: find, authorise. Not inlined: calls of
 * the fast path need no stack frame.
 */
static __attribute__((noinline)) enum hc_outcome call_any(struct vp *vp,
							  bool is_64bit)
{
	u64 control = read_control(vp->own.gpr, is_64bit);
	const struct hc_desc *row = find(vp, control);

	if (row == NULL) {
		return finish(vp, is_64bit, 0, unknown(control));
	}
	if (!hc_row_is_offered(vp->partition, row)) {
		stats_is_call(vp, stats_slot_of_call(row->code));
		stats_end(vp, row->code, HV_STATUS_ACCESS_DENIED);
		return finish(vp, is_64bit, 0, HV_STATUS_ACCESS_DENIED);
	}
	return call_row(vp, row, is_64bit);
}

enum hc_outcome hypercall(struct vp *vp, const struct hc_caller *caller)
{
	enum hv_status status;
	struct hc_input in;

	if (UNLIKELY(!may_call(vp, caller))) {
		return HC_UD;
	}
	if (UNLIKELY(!caller->is_64bit)) {
		record_control(vp, read_control(vp->own.gpr, false));
		return call_any(vp, false);
	}
	if (UNLIKELY(!hc_fast_path_read(vp, &in))) {
		return call_any(vp, true);
	}
	status = in.row->fn(vp, &in);
	if (LIKELY(status == HV_STATUS_SUCCESS)) {
		return finish(vp, true, in.count, HV_STATUS_SUCCESS);
	}
	stats_end(vp, in.row->code, status);
	return finish(vp, true, 0, status);
}
