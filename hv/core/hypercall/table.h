/* SPDX-License-Identifier: MIT */
/* The table of calls. */
#ifndef HV_CORE_HYPERCALL_TABLE_H
#define HV_CORE_HYPERCALL_TABLE_H

#include "core/hypercall/hypercall.h"

struct partition;

/* One row of the call table: the documentation of the call's shape. */
struct hc_desc {
	enum hv_status (*fn)(struct vp *vp, struct hc_input *in);
	const char *name;
	u16 code;
	u16 header_size;        /* fixed header, bytes */
	u16 output_size;        /* output header, bytes; 0: none */
	u8 element_size;        /* one rep element, bytes; 0 unless is_rep */
	u8 output_element_size; /* the same for output */
	bool is_rep;
	bool is_ex;       /* the variable header has the banks of a VP set */
	bool at_once;     /* never continued: it may change RCX and RIP */
	bool widens;      /* a list that becomes a full flush is not copied */
	bool asks;        /* the handler may end with HC_AGAIN */
	u64 control_zero; /* control word: bits that must be 0 for its class */
	u64 fast_path_mask;  /* the same for the fast path */
	u32 needs_hint;      /* leaf 4 EAX bit that offers it; 0: always */
	u64 needs_privilege; /* HV_PRIV_* that offers it; 0: always */
	bool is_test;        /* only with test-calls = yes */
};

/* The row for `code`, or NULL. */
const struct hc_desc *hc_table_find(u16 code);

/* True if the partition has the hints and privileges that the row needs. */
bool hc_row_is_offered(const struct partition *p, const struct hc_desc *row);

#endif
