/* SPDX-License-Identifier: MIT */
/*
 * Whose VPs a caller of 0x0050 to 0x0052 may name. Partition IDs are 1, 2, …
 * in the order of lethe.conf (docs/abi.md).
 */
#ifndef HV_CORE_PARTITION_ACCESS_H
#define HV_CORE_PARTITION_ACCESS_H

#include "base/types.h"
#include "tlfs/status.h"

struct partition;
struct vp;

/*
 * May VPs of `caller` read and write registers of VPs of `target`? Its own
 * with AccessVpRegisters, others where its configuration says `controls`.
 */
bool access_over(const struct partition *caller,
		 const struct partition *target);

/*
 * The VP that `partition_id` and `vp_index` name for `self`. Refusals, in
 * order: ACCESS_DENIED for a caller that has power over nobody,
 * INVALID_PARTITION_ID, ACCESS_DENIED, INVALID_VP_INDEX.
 */
enum hv_status access_vp(struct vp *self, u64 partition_id, u32 vp_index,
			 struct vp **target) __must_check;

/*
 * Decides for each partition of the machine whether its VPs publish: somebody
 * has the privilege over it. After the building of all of them, before
 * launch.
 */
void access_plan_publishing(void);

#endif
