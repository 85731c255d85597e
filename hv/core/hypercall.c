/* SPDX-License-Identifier: MIT */
/*
 * Framing: from a VMCALL's registers to a checked private copy of the input,
 * and back to the result word. What a call means is its handler's business.
 */
#include "core/hypercall.h"

#include "core/cpu.h"
#include "core/flush_queue.h"
#include "core/once.h"
#include "core/partition.h"
#include "core/suspend.h"
#include "core/vp.h"
#include "tlfs/cpuid.h"

/* TLFS: VTL call and return are #UD where the target VTL is not enabled. */
#define HC_CODE_VTL_CALL   0x0011
#define HC_CODE_VTL_RETURN 0x0012

struct hc_call {
	u64 control;
	u64 input;  /* GPA, or the first fast qword */
	u64 output; /* GPA, or the second fast qword */
	const struct hc_desc *desc;
	u32 header_len; /* fixed and variable header, bytes */
	u16 count;
	u16 start;
};

/* Plain fast calls: the two input registers are the whole block. */
#define FAST_LEN 16

static u64 pair(const u64 *gpr, enum vp_gpr high, enum vp_gpr low)
{
	return (gpr[high] << 32) | (u32)gpr[low];
}

/* The upper halves of a 32-bit caller's registers are ignored (XSA-454). */
static void read_registers(const u64 *gpr, bool is_64bit, struct hc_call *call)
{
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

/* TLFS hypercall-interface, "Alignment Requirements". */
static enum hv_status check_block(const struct partition *p, u64 gpa, u64 len)
{
	if (gpa & 7) {
		return HV_STATUS_INVALID_ALIGNMENT;
	}
	if ((gpa & ~PAGE_MASK) + len > PAGE_SIZE) {
		return HV_STATUS_INVALID_ALIGNMENT;
	}
	/* the block is inside one page, so its start decides; no overflow */
	if (gpa >= p->memory_len) {
		return HV_STATUS_INVALID_ALIGNMENT;
	}
	return HV_STATUS_SUCCESS;
}

/*
 * One copy, looked at only afterwards. A list of ranges longer than the queue
 * is not copied: every 64-bit value is a valid one, and it is widened anyway.
 */
static enum err copy_input(struct vp *vp, const struct hc_call *call,
			   struct hc_input *in)
{
	u8 *buffer = vp->cpu->hc_input;
	u64 left = (u64)(call->count - call->start) * call->desc->element_size;
	u64 first = (u64)call->start * call->desc->element_size;
	gpa_t elements = {call->input + call->header_len + first};
	enum err err;

	in->elements = buffer + call->header_len;
	if (call->count - call->start > FLUSH_QUEUE_MAX &&
	    LIKELY(call->desc->widens)) {
		left = 0;
		in->elements = NULL;
	}
	if (first == 0) {
		return port_read_guest(vp->partition, (gpa_t){call->input},
				       buffer, call->header_len + left);
	}
	err = port_read_guest(vp->partition, (gpa_t){call->input}, buffer,
			      call->header_len);
	if (err != ERR_OK || left == 0) {
		return err;
	}
	return port_read_guest(vp->partition, elements,
			       buffer + call->header_len, left);
}

static bool has_output(const struct hc_desc *desc)
{
	return (desc->output_size | desc->output_element_size) != 0;
}

/* As for the input: the whole list counts, whatever the start index. */
static enum hv_status check_output(struct vp *vp, const struct hc_call *call,
				   struct hc_input *in)
{
	const struct hc_desc *desc = call->desc;

	in->output = NULL;
	if (!has_output(desc)) {
		return HV_STATUS_SUCCESS;
	}
	in->output = vp->cpu->hc_output;
	return check_block(vp->partition, call->output,
			   desc->output_size +
				   (u64)call->count *
					   desc->output_element_size);
}

/* A header on success; of elements those that were completed here. */
static enum err write_output(struct vp *vp, const struct hc_call *call,
			     const struct hc_input *in,
			     const struct hc_result *result)
{
	u64 size = call->desc->output_element_size;
	gpa_t to = {call->output + call->start * size};
	u64 len = (u64)(result->done - call->start) * size;

	if (!call->desc->is_rep && result->status == HV_STATUS_SUCCESS) {
		len = call->desc->output_size;
	}
	if (len == 0 || result->again) {
		return ERR_OK;
	}
	return port_write_guest(vp->partition, to, in->output, len);
}

/* Status of the framing; on success the block is in hc_input. */
static enum hv_status read_memory(struct vp *vp, const struct hc_call *call,
				  struct hc_input *in)
{
	u64 len =
		call->header_len + (u64)call->count * call->desc->element_size;
	enum hv_status status = check_block(vp->partition, call->input, len);

	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	status = check_output(vp, call, in);
	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	/* decision 9.4: unreadable input */
	if (copy_input(vp, call, in) != ERR_OK) {
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	return HV_STATUS_SUCCESS;
}

/* XMM input and fast output are not offered: what needs them is #UD. */
static bool fits_registers(const struct hc_call *call)
{
	return !has_output(call->desc) &&
	       call->header_len + (u64)call->count * call->desc->element_size <=
		       FAST_LEN;
}

/* TLFS hypercall-interface, "Register Mapping for Hypercall Inputs". */
static enum hv_status read_fast(struct vp *vp, const struct hc_call *call,
				struct hc_input *in)
{
	u64 *block = (u64 *)vp->cpu->hc_input;

	block[0] = call->input;
	block[1] = call->output;
	in->elements = vp->cpu->hc_input + call->header_len +
		       (u64)call->start * call->desc->element_size;
	in->output = NULL;
	return HV_STATUS_SUCCESS;
}

static struct hc_result execute(struct vp *vp, const struct hc_call *call,
				struct hc_input *in)
{
	struct hc_result result = {.done = call->start};

	result.status = UNLIKELY(call->control & HV_CONTROL_FAST)
				? read_fast(vp, call, in)
				: read_memory(vp, call, in);
	if (result.status != HV_STATUS_SUCCESS) {
		return result;
	}
	in->header = vp->cpu->hc_input;
	in->banks = (const u64 *)(vp->cpu->hc_input + call->desc->header_size);
	in->bank_count = (u32)FIELD_GET(HV_CONTROL_VARHEAD, call->control);
	in->start = call->start;
	in->count = call->count;
	result = call->desc->fn(vp, in);
	if (UNLIKELY(in->output != NULL) &&
	    write_output(vp, call, in, &result) != ERR_OK) {
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
		    !fits_registers(&call)) {
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
