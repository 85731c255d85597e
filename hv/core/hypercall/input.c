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
	return call->row->output_size +
	       (u64)call->shape.count * call->row->output_element_size;
}

/* ---- memory ---- */

/* The block is inside one page, so its start decides. */
static bool may_lie_at(const struct partition *p, u64 gpa, u64 len)
{
	return hc_input_is_aligned(gpa, len) && gpa < p->memory_len;
}

/* True if this step needs the elements themselves. */
static bool reads_elements(const struct vp *vp, const struct hc_call *call)
{
	u32 count = call->end - call->done;

	if (!call->row->is_rep || !call->row->widens) {
		return call->row->is_rep;
	}
	/* a software TLB is exact whatever INVVPID can do */
	return hc_shape_list_is_read(vp->partition, count) ||
	       (vp->shadow != NULL && count - 1 < FLUSH_QUEUE_MAX);
}

/* Copies the block once; only the copy is examined. */
static enum err copy_input(struct vp *vp, const struct hc_call *call,
			   struct hc_input *in)
{
	u8 *buffer = vp->cpu->hc_input;
	u32 header_len = call->shape.header_len;
	u64 first = (u64)call->done * call->row->element_size;
	gpa_t elements = {call->input + header_len + first};
	u64 left = 0;
	enum err err;

	if (reads_elements(vp, call)) {
		left = (u64)(call->end - call->done) * call->row->element_size;
		in->elements = buffer + header_len;
	}
	if (first == 0) {
		return port_read_guest(vp->partition, (gpa_t){call->input},
				       buffer, header_len + left);
	}
	err = port_read_guest(vp->partition, (gpa_t){call->input}, buffer,
			      header_len);
	if (err != ERR_OK || left == 0) {
		return err;
	}
	return port_read_guest(vp->partition, elements, buffer + header_len,
			       left);
}

static enum hv_status read_memory(struct vp *vp, const struct hc_call *call,
				  struct hc_input *in)
{
	const struct partition *p = vp->partition;

	if (!may_lie_at(p, call->input, call->shape.len) ||
	    (hc_input_has_output(call->row) &&
	     !may_lie_at(p, call->output, output_len(call)))) {
		return HV_STATUS_INVALID_ALIGNMENT;
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
	       call->shape.len <= HC_INPUT_GPR_LEN;
}

bool hc_input_is_offered(const struct vp *vp, const struct hc_call *call)
{
	/* TLFS: output in registers is for 64-bit callers only */
	if (hc_input_has_output(call->row) &&
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
	u64 output = hc_input_has_output(call->row)
			     ? round_to_pairs(output_len(call))
			     : 0;

	if (round_to_pairs(call->shape.len) + output > FAST_LEN) {
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	hc_input_take_registers(vp, call->input, call->output, call->shape.len);
	if (call->row->is_rep) {
		in->elements = vp->cpu->hc_input + call->shape.header_len +
			       (u64)call->done * call->row->element_size;
	}
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
	memcpy((u8 *)block + round_to_pairs(call->shape.len) + at, from, len);
	vp->own.gpr[GPR_RDX] = block[0];
	vp->own.gpr[GPR_R8] = block[1];
	port_write_xmm(&block[2]);
}

/* ---- both ---- */

enum hv_status hc_input_read(struct vp *vp, const struct hc_call *call,
			     struct hc_input *in)
{
	in->row = call->row;
	in->elements = NULL;
	in->bank_count = call->shape.bank_count;
	in->count = call->end - call->done;
	in->done = 0;
	in->output = NULL;
	if (hc_input_has_output(call->row)) {
		in->output = vp->cpu->hc_output;
	}
	return UNLIKELY(call->control & HV_CONTROL_FAST)
		       ? read_fast(vp, call, in)
		       : read_memory(vp, call, in);
}

__attribute__((noinline)) enum err
hc_input_write_output(struct vp *vp, struct hc_call call,
		      const struct hc_input *in, enum hv_status status)
{
	u64 size = call.row->output_element_size;
	u64 at = call.done * size;
	u64 len = in->done * size;

	if (!call.row->is_rep && status == HV_STATUS_SUCCESS) {
		len = call.row->output_size;
	}
	if (len == 0 || status == HC_AGAIN) {
		return ERR_OK;
	}
	if (call.control & HV_CONTROL_FAST) {
		write_fast(vp, &call, at, in->output, len);
		return ERR_OK;
	}
	return port_write_guest(vp->partition, (gpa_t){call.output + at},
				in->output, len);
}
