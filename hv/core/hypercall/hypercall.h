/* SPDX-License-Identifier: MIT */
/* What a hypercall handler gets and gives. */
#ifndef HV_CORE_HYPERCALL_HYPERCALL_H
#define HV_CORE_HYPERCALL_HYPERCALL_H

#include "base/bits.h"
#include "base/types.h"
#include "tlfs/hypercall.h"
#include "tlfs/status.h"

struct partition;
struct vp;

/* The input except its header, see hc_header(). Its framing is checked. */
struct hc_input {
	void *elements; /* elements start..count-1; NULL: not copied */
	u32 bank_count; /* variable header after it, 8-byte units */
	u32 start;      /* of this step: first element */
	u32 count;      /* of this step: its end, at most the rep
			   count; 0 for simple calls */
	void *output;   /* output to fill: the header, or the elements from
			   `start` on; calls that have some */
};

/* The result of a call; `word` is the result word for the caller. */
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

/* The result word of a success; `count` is at most a rep count. */
static inline u64 hc_word_done(u32 count)
{
	return (u64)count << FIELD_SHIFT(HV_RESULT_REPS);
}

#endif
