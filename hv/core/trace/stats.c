/* SPDX-License-Identifier: MIT */
/* Calls that fail are counted by how they end, off the path of all others. */
#include "core/trace/stats.h"

#include "common/lib/mem.h"
#include "core/port/port.h"
#include "tlfs/hypercall.h"
#include "tlfs/status.h"

/* The columns of stats.ends but the last. */
static const u32 ends[STATS_ENDS - 1] = {
	HV_STATUS_SUCCESS, /* not counted: stats_ends() */
	HV_STATUS_INVALID_HYPERCALL_INPUT,
	HV_STATUS_INVALID_ALIGNMENT,
	HV_STATUS_INVALID_PARAMETER,
	HV_STATUS_ACCESS_DENIED,
	HV_STATUS_INVALID_PARTITION_ID,
	HV_STATUS_INVALID_VP_INDEX,
	HV_STATUS_INVALID_VP_STATE,
	HV_STATUS_INVALID_REGISTER_VALUE,
	STATS_SUSPENDED,
	STATS_AGAIN,
};

static const u16 more_codes[] = {
	HV_CALL_GET_VP_REGISTERS,
	HV_CALL_SET_VP_REGISTERS,
	HV_CALL_TRANSLATE_VIRTUAL_ADDRESS,
	HV_EXT_CALL_QUERY_CAPABILITIES,
};

/* the last slot has all other calls of the table */
_Static_assert(STATS_CODES + ARRAY_SIZE(more_codes) < STATS_CALLS, "slots");

u64 stats_slot_of_call(u16 code)
{
	if (code < STATS_CODES) {
		return code;
	}
	for (u32 i = 0; i < ARRAY_SIZE(more_codes); i++) {
		if (more_codes[i] == code) {
			return STATS_CODES + i;
		}
	}
	return STATS_CALLS - 1;
}

bool stats_code_of(u64 slot, u16 *code)
{
	if (slot >= STATS_CODES + ARRAY_SIZE(more_codes)) {
		return false;
	}
	*code = slot < STATS_CODES ? (u16)slot : more_codes[slot - STATS_CODES];
	return true;
}

u32 stats_end_of(u32 status)
{
	u32 column = 0;

	while (column < ARRAY_SIZE(ends) && ends[column] != status) {
		column++;
	}
	return column;
}

bool stats_status_of(u32 column, u32 *status)
{
	if (column >= ARRAY_SIZE(ends)) {
		return false;
	}
	*status = ends[column];
	return true;
}

void stats_reset(struct vp *vp)
{
	if (STATS_ON) {
		memset(vp->stats, 0, sizeof(*vp->stats));
	}
}

void stats_end(struct vp *vp, u16 code, u32 status)
{
	if (STATS_ON) {
		vp->stats->ends[stats_slot_of_call(code)]
			       [stats_end_of(status)]++;
	}
}

u64 stats_reissues(const struct vp *vp)
{
	return STATS_ON
		       ? __atomic_load_n(&vp->stats->reissues, __ATOMIC_RELAXED)
		       : 0;
}

u64 stats_sum(const struct vp *vp, u64 slot)
{
	u64 sum = 0;

	for (u32 i = 0; STATS_ON && i < STATS_BUCKETS; i++) {
		sum += __atomic_load_n(&vp->stats->ticks[slot][i],
				       __ATOMIC_RELAXED);
	}
	return sum;
}

u64 stats_ends(const struct vp *vp, u64 slot, u32 column)
{
	u64 others = 0;

	if (!STATS_ON) {
		return 0;
	}
	if (column != 0) {
		return __atomic_load_n(&vp->stats->ends[slot][column],
				       __ATOMIC_RELAXED);
	}
	for (u32 i = 1; i < STATS_ENDS; i++) {
		others += __atomic_load_n(&vp->stats->ends[slot][i],
					  __ATOMIC_RELAXED);
	}
	return stats_sum(vp, slot) - others;
}
