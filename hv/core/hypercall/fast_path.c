/* SPDX-License-Identifier: MIT */
/*
 * One compare of the control word, one decode, one test of the block; then one
 * copy of the input, and only the copy is examined.
 */
#include "core/hypercall/fast_path.h"

#include "core/hypercall/input.h"
#include "core/trace/stats.h"
#include "tlfs/cpuid.h"

/* Where the fast path gives up: the slow path takes the call, valid or not. */
#define TAKE_SLOW_PATH false

/* No control word fits it: 0, the only one with none of the bits, has no rep.
 */
static const struct hc_desc no_row = {.is_rep = true, .fast_path_mask = ~0ull};

/* True for a row without output that never needs a second step. */
static bool row_is_fast_path(const struct partition *p,
			     const struct hc_desc *row)
{
	return row != NULL && p->config->paging == CONFIG_PAGING_EPT &&
	       !row->is_test && hc_row_is_offered(p, row) &&
	       !hc_input_has_output(row) && (!row->is_rep || row->widens) &&
	       !row->asks && row->header_size % 8 == 0 &&
	       row->element_size % 8 == 0 && p->config->budget_elements == 0;
}

_Static_assert(HC_FAST_PATH_CODES == STATS_CODES, "a slot for each code");

void hc_fast_path_off(struct partition *p)
{
	for (u32 code = 0; code < HC_FAST_PATH_CODES; code++) {
		p->fast_path_rows[code] = &no_row;
	}
}

void hc_fast_path_plan(struct partition *p)
{
	hc_fast_path_off(p);
	for (u16 code = 0; code < HC_FAST_PATH_CODES; code++) {
		const struct hc_desc *row = hc_table_find(code);

		if (row_is_fast_path(p, row)) {
			p->fast_path_rows[code] = row;
		}
	}
	p->register_len =
		(p->config->privileges.features & HV_FEATURE_XMM_INPUT)
			? HV_FAST_INPUT_LEN
			: HC_INPUT_GPR_LEN;
}

/* Copies the first `read_len` bytes of a block of `len` bytes. */
static inline bool copy_block(struct partition *p, struct vp *vp, u64 control,
			      u32 len, u32 read_len)
{
	u64 input = vp->own.gpr[GPR_RDX];

	if (UNLIKELY(control & HV_CONTROL_FAST)) {
		if (UNLIKELY(len > p->register_len)) {
			return TAKE_SLOW_PATH;
		}
		hc_input_take_registers(vp, input, vp->own.gpr[GPR_R8],
					read_len);
		return true;
	}
	if (UNLIKELY(!hc_input_is_aligned(input, len))) {
		return TAKE_SLOW_PATH;
	}
	if (UNLIKELY(port_read_guest(p, (gpa_t){input}, vp->cpu->hc_input,
				     read_len & ~7u) != ERR_OK)) {
		return TAKE_SLOW_PATH;
	}
	return true;
}

bool hc_fast_path_read(struct vp *vp, struct hc_input *in)
{
	struct partition *p = vp->partition;
	u64 control = vp->own.gpr[GPR_RCX];
	u16 code = (u16)FIELD_GET(HV_CONTROL_CODE, control);
	const struct hc_desc *row;
	struct hc_shape shape;
	u32 read_len;

	if (UNLIKELY(code >= HC_FAST_PATH_CODES)) {
		return TAKE_SLOW_PATH;
	}
	row = p->fast_path_rows[code];
	if (UNLIKELY(control & row->fast_path_mask)) {
		return TAKE_SLOW_PATH;
	}
	shape = hc_shape_of(row, control);
	shape.start = 0; /* fast_path_mask has it */
	if (UNLIKELY(!hc_shape_has_start(row, &shape))) {
		return TAKE_SLOW_PATH;
	}
	stats_is_call(vp, code);
	in->row = row;
	in->elements = NULL;
	in->bank_count = shape.bank_count;
	in->count = shape.count;
	read_len = shape.header_len;
	if (hc_shape_list_is_read(p, shape.count)) {
		/* an integer: copy_block() checks the length */
		in->elements = (void *)((uintptr_t)vp->cpu->hc_input +
					shape.header_len);
		read_len = shape.len;
	}
	return copy_block(p, vp, control, shape.len, read_len);
}
