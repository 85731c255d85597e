/* SPDX-License-Identifier: MIT */
/*
 * The forms of a call: its input block and its output are in guest memory or in
 * registers.
 */
#ifndef HV_CORE_HYPERCALL_INPUT_H
#define HV_CORE_HYPERCALL_INPUT_H

#include "core/hypercall/hypercall.h"
#include "core/hypercall/shape.h"
#include "core/port/port.h"

/* A call of the slow path; what find() and frame() have filled in. */
struct hc_call {
	u64 control;
	u64 input;  /* GPA, or the first fast qword */
	u64 output; /* GPA, or the second fast qword */
	bool is_64bit;
	const struct hc_desc *row;
	struct hc_shape shape;
	u32 done; /* elements; the step begins there */
	u32 end;  /* of the step */
};

/* Of a fast block: the two input registers; those and XMM0 */
#define HC_INPUT_GPR_LEN  16
#define HC_INPUT_XMM0_LEN 32

static inline bool hc_input_has_output(const struct hc_desc *row)
{
	return (row->output_size | row->output_element_size) != 0;
}

/*
 * TLFS hypercall-interface, "Alignment Requirements". The length is at most
 * that of a control word's counts, so nothing overflows.
 */
static inline bool hc_input_is_aligned(u64 gpa, u64 len)
{
	return !(gpa & 7) && (gpa & ~PAGE_MASK) + len <= PAGE_SIZE;
}

/*
 * Copies the first `len` bytes of a fast block. The XMM registers still have
 * the guest's values.
 */
static inline void hc_input_take_registers(struct vp *vp, u64 first, u64 second,
					   u32 len)
{
	u64 *block = (u64 *)vp->cpu->hc_input;

	block[0] = first;
	block[1] = second;
	if (len > HC_INPUT_GPR_LEN) {
		port_read_xmm(&block[2], len > HC_INPUT_XMM0_LEN);
	}
}

/*
 * TLFS hypercall-interface, "XMM Fast Hypercall Input" and "... Output": false
 * if a fast call needs registers that are not offered to this caller.
 */
bool hc_input_is_offered(const struct vp *vp, const struct hc_call *call);

/*
 * Checks the framing of the input and makes a private copy; returns the status.
 * `in` is complete on success only. Nothing of the guest changes.
 */
enum hv_status hc_input_read(struct vp *vp, const struct hc_call *call,
			     struct hc_input *in);

/*
 * Writes in->output to where the caller wants it: all of it for a simple call
 * that succeeded, the in->done elements for a rep call. `call` is
 * passed by value, so that the compiler can keep it in registers for calls
 * without output. Pre: in->output != NULL.
 */
enum err hc_input_write_output(struct vp *vp, struct hc_call call,
			       const struct hc_input *in,
			       enum hv_status status) __must_check;

#endif
