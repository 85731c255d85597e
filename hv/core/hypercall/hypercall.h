/* SPDX-License-Identifier: MIT */
/*
 * The hypercall engine: everything that is common to all calls. Order of the
 * checks: docs/abi.md. TLFS "Hypercall Interface".
 */
#ifndef HV_CORE_HYPERCALL_HYPERCALL_H
#define HV_CORE_HYPERCALL_HYPERCALL_H

#include "base/bits.h"
#include "base/types.h"
#include "tlfs/hypercall.h"
#include "tlfs/status.h"
#include "x86/vmcs.h"

struct partition;
struct vp;

/* How the caller runs: TLFS hypercall-interface, "Legal Hypercall Environments"
 */
struct hc_caller {
	bool is_64bit;     /* EFER.LMA && CS.L */
	bool is_protected; /* CR0.PE */
	u8 cpl;
};

/*
 * Is this the code segment of 64-bit code at CPL 0, if EFER.LMA is set? The DPL
 * of one that is not conforming is the CPL: SDM 3C, "Checks on Guest Segment
 * Registers". False says nothing.
 */
static inline bool hc_is_kernel_cs(u32 cs_access)
{
	return (cs_access & (VMX_ACCESS_L | VMX_ACCESS_CONFORMING |
			     VMX_ACCESS_DPL)) == VMX_ACCESS_L;
}

enum hc_outcome {
	HC_DONE,   /* result is in the registers: advance RIP */
	HC_UD,     /* #UD, nothing changed */
	HC_REPEAT, /* RIP stays, of the registers only the rep start index
			 moves: the VP waits, or calls again at once;
			 vp->state says which */
};

/* Executes the call in vp->gpr. Root mode of the VP's CPU, word even. */
enum hc_outcome hypercall(struct vp *vp, const struct hc_caller *caller);

/* The input but for its header: hc_header(). Framing checked. */
struct hc_input {
	void *elements; /* elements start..count-1; NULL: not copied */
	u32 bank_count; /* variable header behind it, 8-byte units */
	u32 start;      /* of this step: first element */
	u32 count;      /* of this step: its end, at most the rep
			   count; 0 for simple calls */
	void *output;   /* output to fill: the header, or the elements from
			   `start` on; calls that have some */
};

/* What a call came to; `word` is what the caller gets. */
struct hc_result {
	union {
		struct {
			enum hv_status status;
			u16 done;   /* absolute count of elements */
			bool again; /* no result: the same VMCALL once more */
			u8 zero;    /* no padding: it is part of `word` */
		};
		u64 word; /* TLFS "Hypercall Result Value"; not with `again` */
	};
	struct vp
		*waits_for; /* not NULL: suspend the caller on it, no result */
};

_Static_assert(sizeof(enum hv_status) == 4 &&
		       offsetof(struct hc_result, done) == 4 &&
		       offsetof(struct hc_result, waits_for) == 8,
	       "status and done are the result word");

/* The word of a success; `count` is at most a rep count. */
static inline u64 hc_word_done(u32 count)
{
	return (u64)count << FIELD_SHIFT(HV_RESULT_REPS);
}

/* One row of the call table: the documentation of the call's shape. */
struct hc_desc {
	struct hc_result (*fn)(struct vp *vp, const struct hc_input *in);
	const char *name;
	u16 code;
	u16 header_size;        /* fixed header, bytes */
	u16 output_size;        /* output header, bytes; 0: none */
	u8 element_size;        /* one rep element, bytes; 0 unless is_rep */
	u8 output_element_size; /* likewise for output */
	bool is_rep;
	bool at_once;     /* never continued: it may change RCX and RIP */
	bool widens;      /* a list that ends as a full flush is not copied */
	bool asks;        /* the handler may say `again` */
	u64 control_zero; /* control word: bits that must be 0 for its class */
	/* for fast_path.h: the same, and sizes in 8-byte words */
	u64 fast_path_zero;
	u8 header_words;
	u8 element_words;
	u8 count_min;
	u32 needs_hint;      /* leaf 4 EAX bit that offers it; 0: always */
	u64 needs_privilege; /* HV_PRIV_* that offers it; 0: always */
	bool is_test;        /* only with test-calls = yes */
};

/* The row for `code`, or NULL. */
const struct hc_desc *hc_table_find(u16 code);

/* Has the partition the hints and privileges of the row? */
bool hc_row_is_offered(const struct partition *p, const struct hc_desc *row);

#endif
