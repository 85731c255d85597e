/* SPDX-License-Identifier: MIT */
/*
 * The time bound of rep calls: how many elements one step may take, and when
 * the rest is left to a repeated VMCALL. TLFS hypercall-interface, "Hypercall
 * Continuation".
 */
#ifndef HV_CORE_HYPERCALL_CONTINUATION_H
#define HV_CORE_HYPERCALL_CONTINUATION_H

#include "core/hypercall/table.h"
#include "core/state/flush_queue.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

/*
 * Returns the end of the step that begins with element `start`: above `start`,
 * at most `count`. A step is one call of the handler.
 */
u32 hc_continuation_cut(const struct vp *vp, const struct hc_desc *row,
			u32 start, u32 count);

/*
 * Makes the guest execute the same VMCALL once more, after interrupts and other
 * VPs have had their turn. Only the rep start index in the control word
 * changes.
 */
void hc_continuation_repeat(struct vp *vp, bool is_64bit, u32 start);

#endif
