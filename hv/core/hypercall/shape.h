/* SPDX-License-Identifier: MIT */
/*
 * The one decode of a control word: counts, lengths, and what is read of the
 * input. TLFS hypercall-interface, "Hypercall Inputs".
 */
#ifndef HV_CORE_HYPERCALL_SHAPE_H
#define HV_CORE_HYPERCALL_SHAPE_H

#include "core/flush/invalidate.h"
#include "core/hypercall/table.h"
#include "core/state/flush_queue.h"

struct hc_shape {
	u32 count;      /* rep count */
	u32 start;      /* rep start index */
	u32 bank_count; /* variable header, 8-byte units */
	u32 header_len; /* fixed and variable header, bytes */
	u32 len; /* of the whole input, bytes. All elements count, from element
		    0, whatever the start index is. */
};

static inline struct hc_shape hc_shape_of(const struct hc_desc *row,
					  u64 control)
{
	struct hc_shape shape = {
		.count = (u32)FIELD_GET(HV_CONTROL_REP_COUNT, control),
		.start = (u32)FIELD_GET(HV_CONTROL_REP_START, control),
		.bank_count = (u32)FIELD_GET(HV_CONTROL_VARHEAD, control),
	};

	shape.header_len = row->header_size + 8 * shape.bank_count;
	shape.len = shape.header_len + shape.count * row->element_size;
	return shape;
}

/*
 * A rep call has an element at its start index. A simple call has neither count
 * nor start index: row->control_zero has both.
 */
static inline bool hc_shape_has_start(const struct hc_desc *row,
				      const struct hc_shape *shape)
{
	return shape->start < shape->count || !row->is_rep;
}

/*
 * True if a step reads its `ranges` ranges, of which it has some. A list that
 * becomes a full flush is only counted: every 64-bit value is a valid range.
 */
static inline bool hc_shape_list_is_read(const struct partition *p, u32 ranges)
{
	return ranges - 1 < FLUSH_QUEUE_MAX && invalidate_is_exact(p);
}

#endif
