/* SPDX-License-Identifier: MIT */
/*
 * Ways of calling: where a call's input block lies and where its output goes,
 * in guest memory or in registers.
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

/* The whole list counts, whatever the start index. */
static inline u64 hc_input_len(const struct hc_call *call)
{
	return call->header_len + (u64)call->count * call->desc->element_size;
}

static inline bool hc_input_has_output(const struct hc_desc *desc)
{
	return (desc->output_size | desc->output_element_size) != 0;
}

/* A fast block. The XMM registers are still the guest's, read only here. */
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
