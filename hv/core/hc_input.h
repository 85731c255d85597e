/* SPDX-License-Identifier: MIT */
/*
 * Ways of calling: where a call's input block lies and where its output goes,
 * in guest memory or in registers.
 */
#ifndef HV_CORE_HC_INPUT_H
#define HV_CORE_HC_INPUT_H

#include "core/hypercall.h"

/* A call whose control word has been checked. */
struct hc_call {
	u64 control;
	u64 input;  /* GPA, or the first fast qword */
	u64 output; /* GPA, or the second fast qword */
	const struct hc_desc *desc;
	u32 header_len; /* fixed and variable header, bytes */
	u16 count;
	u16 start;
	bool is_64bit;
};

/*
 * TLFS hypercall-interface, "XMM Fast Hypercall Input" and "… Output": false
 * if the fast call needs registers that are not offered to this caller.
 */
bool hc_input_is_offered(const struct vp *vp, const struct hc_call *call);

/*
 * The checked private copy of the input; the status of the framing. `in` is
 * complete on success only. Nothing of the guest has changed.
 */
enum hv_status hc_input_read(struct vp *vp, const struct hc_call *call,
			     struct hc_input *in);

/*
 * in->output to where the caller wants it: of a simple call that succeeded all
 * of it, of a rep call the elements completed now. Pre: in->output != NULL.
 * The call comes by value, so that those without output stay in registers.
 */
enum err hc_input_write_output(struct vp *vp, struct hc_call call,
			       const struct hc_input *in,
			       struct hc_result result) __must_check;

#endif
