/* SPDX-License-Identifier: MIT */
/* What a hypercall handler gets and gives. */
#ifndef HV_CORE_HYPERCALL_HYPERCALL_H
#define HV_CORE_HYPERCALL_HYPERCALL_H

#include "base/bits.h"
#include "base/types.h"
#include "core/flush/caller.h"
#include "core/state/cpu.h"
#include "core/state/vp.h"
#include "tlfs/hypercall.h"
#include "tlfs/status.h"

struct hc_desc;

/* The input except its header, see hc_header(). Its framing is checked. */
struct hc_input {
	const struct hc_desc *row;
	void *elements; /* of this step; NULL: not copied */
	u32 bank_count; /* variable header after it, 8-byte units */
	u32 count;      /* elements of this step; 0 for simple calls */
	u32 done;       /* of them, if the call fails: written by handlers that
			   do some; starts as 0. Not on the fast path. */
	void *output;   /* output to fill: the header, or the elements of this
			   step; calls that have some */
};

/* The private copy of the fixed header; the variable one follows it. */
static inline const void *hc_header(const struct vp *vp)
{
	return vp->cpu->hc_input;
}

/*
 * A handler returns a status for the caller, or one of these ends, which no
 * guest sees: 16 bits of the result word are the status.
 */
#define HC_SUSPEND ((enum hv_status)FLUSH_INHIBITED) /* on own.waits_for */
#define HC_AGAIN   ((enum hv_status)0x10001) /* the same VMCALL once more */
#define HC_NO_CALL ((enum hv_status)0x10002) /* #UD */

#endif
