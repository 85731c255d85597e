/* SPDX-License-Identifier: MIT */
/*
 * Where the input block lies: one block of guest memory, the two input
 * registers, or those and XMM0-XMM5. Output goes to memory, or to the registers
 * after those of the input.
 */
#include "core/hypercall/input.h"

#include "common/lib/mem.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "tlfs/cpuid.h"

/* TLFS "XMM Fast Hypercall Input": register pairs of 16 bytes */
#define FAST_PAIR   16
#define FAST_LEN    HV_FAST_INPUT_LEN /* two registers and XMM0-XMM5 */
#define FAST_QWORDS (FAST_LEN / sizeof(u64))

/* As for the input, all elements count, whatever the start index is. */
static u64 output_len(const struct hc_call *call)
{
	return call->desc->output_size +
	       (u64)call->count * call->desc->output_element_size;
}

/* ---- memory ---- */

/* TLFS hypercall-interface, "Alignment Requirements". */
static enum hv_status check_block(const struct partition *p, u64 gpa, u64 len)
{
	/* the block is inside one page, so its start decides; no overflow */
	if ((gpa & 7) || (gpa & ~PAGE_MASK) + len > PAGE_SIZE ||
	    gpa >= p->memory_len) {
		return HV_STATUS_INVALID_ALIGNMENT;
	}
	return HV_STATUS_SUCCESS;
}

/*
 * Copies the block once; only the copy is examined. A list of ranges that
 * becomes a full flush is not copied: every 64-bit value is a valid range.
 */
static enum err copy_input(struct vp *vp, const struct hc_call *call,
			   struct hc_input *in)
{
	u8 *buffer = vp->cpu->hc_input;
	u64 left = (u64)(call->end - call->start) * call->desc->element_size;
	u64 first = (u64)call->start * call->desc->element_size;
	gpa_t elements = {call->input + call->header_len + first};
	enum err err;

	in->elements = buffer + call->header_len;
	if (call->desc->widens && (call->end - call->start > FLUSH_QUEUE_MAX ||
				   !flush_is_exact(vp->partition))) {
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

static enum hv_status check_output(struct vp *vp, const struct hc_call *call,
				   struct hc_input *in)
{
	in->output = NULL;
	if (!hc_input_has_output(call->desc)) {
		return HV_STATUS_SUCCESS;
	}
	in->output = vp->cpu->hc_output;
	return check_block(vp->partition, call->output, output_len(call));
}

static enum hv_status read_memory(struct vp *vp, const struct hc_call *call,
				  struct hc_input *in)
{
	enum hv_status status =
		check_block(vp->partition, call->input, hc_input_len(call));

	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	status = check_output(vp, call, in);
	if (status != HV_STATUS_SUCCESS) {
		return status;
	}
	/* abi.md: unreadable input */
	if (copy_input(vp, call, in) != ERR_OK) {
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	return HV_STATUS_SUCCESS;
}

/* ---- registers ---- */

/*
 * TLFS hypercall-interface, "XMM Fast Hypercall Input": true if the block of a
 * fast call needs no registers that are not offered.
 */
static bool fits(const struct vp *vp, const struct hc_call *call)
{
	return (vp->partition->config->privileges.features &
		HV_FEATURE_XMM_INPUT) ||
	       hc_input_len(call) <= 8 * HC_INPUT_GPR_WORDS;
}

bool hc_input_is_offered(const struct vp *vp, const struct hc_call *call)
{
	/* TLFS: output in registers is for 64-bit callers only */
	if (hc_input_has_output(call->desc) &&
	    !(call->is_64bit && (vp->partition->config->privileges.features &
				 HV_FEATURE_XMM_OUTPUT))) {
		return false;
	}
	return fits(vp, call);
}

static u64 round_to_pairs(u64 len)
{
	return (len + FAST_PAIR - 1) & ~(u64)(FAST_PAIR - 1);
}

/*
 * The block is packed as in memory; output has the pairs after the input's
 * last one. The XMM registers are still the guest's, and are read only here.
 */
static enum hv_status read_fast(struct vp *vp, const struct hc_call *call,
				struct hc_input *in)
{
	u64 len = hc_input_len(call);
	u64 output = 0;

	in->output = NULL;
	if (UNLIKELY(hc_input_has_output(call->desc))) {
		in->output = vp->cpu->hc_output;
		output = round_to_pairs(output_len(call));
	}
	if (round_to_pairs(len) + output > FAST_LEN) {
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	hc_input_take_registers(vp, call->input, call->output,
				(u32)(len + 7) / 8);
	in->elements = vp->cpu->hc_input + call->header_len +
		       (u64)call->start * call->desc->element_size;
	return HV_STATUS_SUCCESS;
}

/*
 * Writes the registers after those of the input; one that gets no output byte
 * keeps its value.
 */
static void write_fast(struct vp *vp, const struct hc_call *call, u64 at,
		       const void *from, u64 len)
{
	u64 block[FAST_QWORDS];

	block[0] = vp->own.gpr[GPR_RDX];
	block[1] = vp->own.gpr[GPR_R8];
	port_read_xmm(&block[2], true);
	memcpy((u8 *)block + round_to_pairs(hc_input_len(call)) + at, from,
	       len);
	vp->own.gpr[GPR_RDX] = block[0];
	vp->own.gpr[GPR_R8] = block[1];
	port_write_xmm(&block[2]);
}

/* ---- both ---- */

/* Fills in the fields of `in` that follow from the call alone. */
static void point(const struct hc_call *call, struct hc_input *in)
{
	in->bank_count = (u32)FIELD_GET(HV_CONTROL_VARHEAD, call->control);
	in->start = call->start;
	in->count = call->end;
}

enum hv_status hc_input_read(struct vp *vp, const struct hc_call *call,
			     struct hc_input *in)
{
	enum hv_status status = UNLIKELY(call->control & HV_CONTROL_FAST)
					? read_fast(vp, call, in)
					: read_memory(vp, call, in);

	point(call, in);
	return status;
}

__attribute__((noinline)) enum err
hc_input_write_output(struct vp *vp, struct hc_call call,
		      const struct hc_input *in, struct hc_result result)
{
	u64 size = call.desc->output_element_size;
	u64 at = call.start * size;
	u64 len = (u64)(result.done - call.start) * size;

	if (!call.desc->is_rep && result.status == HV_STATUS_SUCCESS) {
		len = call.desc->output_size;
	}
	if (len == 0 || result.again) {
		return ERR_OK;
	}
	if (call.control & HV_CONTROL_FAST) {
		write_fast(vp, &call, at, in->output, len);
		return ERR_OK;
	}
	return port_write_guest(vp->partition, (gpa_t){call.output + at},
				in->output, len);
}
