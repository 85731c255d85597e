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
 * True if VPs of `caller` may read and write registers of VPs of `target`: of
 * their own partition with AccessVpRegisters, of others by the key `controls`.
 */
bool access_over(const struct partition *caller,
		 const struct partition *target);

/*
 * The VP that `partition_id` and `vp_index` name for `self`. Refusals, in
 * order: ACCESS_DENIED for a caller with access to no VP at all,
 * INVALID_PARTITION_ID, ACCESS_DENIED, INVALID_VP_INDEX.
 */
enum hv_status access_vp(struct vp *self, u64 partition_id, u32 vp_index,
			 struct vp **target) __must_check;

/*
 * True if another partition, whose VPs have not all stopped, has access to VPs
 * of `p`. Any CPU: a hint, unless `p` cannot act and the caller looks again
 * when a partition has stopped.
 */
bool access_is_controlled(const struct partition *p);

/*
 * Decides for each partition of the machine whether its VPs publish their
 * registers: they do if some partition has access to them. Called once all
 * partitions are built, before launch.
 */
void access_plan_publishing(void);

#endif
