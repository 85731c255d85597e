/* SPDX-License-Identifier: MIT */
/*
 * LETHE_CALL_TEST_READ: copies the counts of one VP. They are read while the VP
 * may run; a test that needs exact counts stops or synchronises it first.
 */

#include "core/hypercall/handlers.h"

#include "common/lib/mem.h"
#include "core/port/port.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/shadow.h"
#include "core/state/vp.h"

static const struct vp *find_vp(const struct vp *vp, u64 raw_index)
{
	if (raw_index == HV_VP_INDEX_SELF) {
		return vp;
	}
	return raw_index < HV_VP_INDEX_LIMIT
		       ? partition_vp(vp->partition, (u32)raw_index)
		       : NULL;
}

static void copy_shadow(const struct vp *of, struct lethe_test_output *out)
{
	out->is_shadow = of->shadow != NULL;
	out->shadow_fills = out->is_shadow ? of->shadow->fills : 0;
	out->shadow_reflected = out->is_shadow ? of->shadow->reflected : 0;
	out->shadow_evictions = out->is_shadow ? of->shadow->evictions : 0;
	out->shadow_removals = out->is_shadow ? of->shadow->removals : 0;
}

enum hv_status hc_counters_read(struct vp *vp, struct hc_input *in)
{
	const struct lethe_test_input *input = hc_header(vp);
	struct lethe_test_output *out = in->output;
	const struct vp *of = find_vp(vp, input->vp_index);

	if (input->reserved != 0) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	if (of == NULL) {
		return HV_STATUS_INVALID_VP_INDEX;
	}
	out->kicks_sent = of->cpu->kicks_sent;
	out->exits = of->own.exit_count;
	out->invvpid_count = of->own.invvpid_count;
	out->flushes_done = of->own.flushes_done;
	out->tsc = port_tsc();
	copy_shadow(of, out);
	memcpy(out->invvpid_type, of->own.invvpid_type,
	       sizeof(out->invvpid_type));
	for (u32 i = 0; i < LETHE_TEST_RECORDS; i++) {
		out->records[i].type = of->own.invvpid_records[i] & ~PAGE_MASK;
		out->records[i].vp_index = of->index;
		out->records[i].gva = of->own.invvpid_records[i] & PAGE_MASK;
	}
	return HV_STATUS_SUCCESS;
}
