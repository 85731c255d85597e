/* SPDX-License-Identifier: MIT */
/*
 * One test each of the row, the control word and the block; then one copy of
 * the input, and only the copy is examined.
 */
#include "core/hypercall/fast_path.h"

#include "core/hypercall/input.h"

/* True if the sizes of the row are multiples of 8 bytes. */
static bool is_in_words(const struct hc_desc *row)
{
	return row->header_size == 8 * row->header_words &&
	       row->element_size == 8 * row->element_words;
}

/* True for a row without output that never needs a second step. */
static bool row_is_fast_path(const struct partition *p,
			     const struct hc_desc *row)
{
	return row != NULL && !row->is_test && hc_row_is_offered(p, row) &&
	       !hc_input_has_output(row) && (!row->is_rep || row->widens) &&
	       !row->asks && is_in_words(row) &&
	       p->config->budget_elements == 0;
}

void hc_fast_path_plan(struct partition *p)
{
	for (u16 code = 0; code < HC_FAST_PATH_CODES; code++) {
		const struct hc_desc *row = hc_table_find(code);

		p->fast_path_rows[code] = row_is_fast_path(p, row) ? row : NULL;
	}
	p->register_words =
		(p->config->privileges.features & HV_FEATURE_XMM_INPUT)
			? HV_FAST_INPUT_LEN / 8
			: HC_INPUT_GPR_WORDS;
}

/*
 * Copies the first `words` of a block of `all` words from the input and XMM
 * registers.
 */
static bool take_registers(struct vp *vp, u32 all, u32 words)
{
	if (UNLIKELY(all > vp->partition->register_words)) {
		return false;
	}
	hc_input_take_registers(vp, vp->own.gpr[GPR_RDX], vp->own.gpr[GPR_R8],
				words);
	return true;
}

static bool take_memory(struct vp *vp, u64 gpa, u32 all, u32 words)
{
	if (UNLIKELY((gpa & 7) || (gpa & ~PAGE_MASK) + 8 * all > PAGE_SIZE)) {
		return false;
	}
	return LIKELY(port_read_guest(vp->partition, (gpa_t){gpa},
				      vp->cpu->hc_input, 8 * words) == ERR_OK);
}

const struct hc_desc *hc_fast_path_read(struct vp *vp, struct hc_input *in)
{
	u64 control = vp->own.gpr[GPR_RCX];
	u16 code = (u16)FIELD_GET(HV_CONTROL_CODE, control);
	const struct hc_desc *row;
	u32 count;
	u32 banks;
	u32 words;
	u32 all;

	if (UNLIKELY(code >= HC_FAST_PATH_CODES)) {
		return NULL;
	}
	row = vp->partition->fast_path_rows[code];
	if (UNLIKELY(row == NULL || (control & row->fast_path_zero))) {
		return NULL;
	}
	count = (u32)FIELD_GET(HV_CONTROL_REP_COUNT, control);
	banks = (u32)FIELD_GET(HV_CONTROL_VARHEAD, control);
	words = row->header_words + banks;
	all = words + count * row->element_words;
	in->elements = NULL;
	in->bank_count = banks;
	in->start = 0;
	in->count = count;
	if (count - 1 >= FLUSH_QUEUE_MAX) {
		if (UNLIKELY(count < row->count_min)) {
			return NULL;
		}
	} else if (flush_is_exact(vp->partition)) {
		/* integer arithmetic: not yet bounds-checked */
		in->elements =
			(void *)((uintptr_t)vp->cpu->hc_input + 8 * words);
		words = all;
	}
	if (UNLIKELY(control & HV_CONTROL_FAST)
		    ? !take_registers(vp, all, words)
		    : !take_memory(vp, vp->own.gpr[GPR_RDX], all, words)) {
		return NULL;
	}
	return row;
}
