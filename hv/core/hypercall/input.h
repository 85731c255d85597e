/* SPDX-License-Identifier: MIT */
/*
 * The forms of a call: its input block and its output are in guest memory or in
 * registers.
 */
#ifndef HV_CORE_HYPERCALL_INPUT_H
#define HV_CORE_HYPERCALL_INPUT_H

#include "core/flush/target.h"
#include "core/hypercall/table.h"
#include "core/port/port.h"
#include "core/state/cpu.h"
#include "core/state/flush_queue.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "tlfs/cpuid.h"

/* The private copy of the fixed header; the variable one follows it. */
static inline const void *hc_header(const struct vp *vp)
{
	return vp->cpu->hc_input;
}

/* A call whose control word has been checked. */
struct hc_call {
	u64 control;
	u64 input;  /* GPA, or the first fast qword */
	u64 output; /* GPA, or the second fast qword */
	const struct hc_desc *desc;
	u32 header_len; /* fixed and variable header, bytes */
	u16 count;
	u16 start; /* of this step; its end */
	u16 end;
	bool is_64bit;
};

/* Of a fast block: the two input registers; those and XMM0 */
#define HC_INPUT_GPR_WORDS  2
#define HC_INPUT_XMM0_WORDS 4

/* All elements count, from element 0, whatever the start index is. */
static inline u64 hc_input_len(const struct hc_call *call)
{
	return call->header_len + (u64)call->count * call->desc->element_size;
}

static inline bool hc_input_has_output(const struct hc_desc *desc)
{
	return (desc->output_size | desc->output_element_size) != 0;
}

/* Copies a fast block. The XMM registers still have the guest's values. */
static inline void hc_input_take_registers(struct vp *vp, u64 first, u64 second,
					   u32 words)
{
	u64 *block = (u64 *)vp->cpu->hc_input;

	block[0] = first;
	block[1] = second;
	if (words > HC_INPUT_GPR_WORDS) {
		port_read_xmm(&block[2], words > HC_INPUT_XMM0_WORDS);
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
 * that succeeded, the elements completed in this step for a rep call. `call` is
 * passed by value, so that the compiler can keep it in registers for calls
 * without output. Pre: in->output != NULL.
 */
enum err hc_input_write_output(struct vp *vp, struct hc_call call,
			       const struct hc_input *in,
			       struct hc_result result) __must_check;

#endif
