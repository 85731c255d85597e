/* SPDX-License-Identifier: MIT */
/* Decides who may access whose VPs. rule: granted-vps-only */
#include "core/partition/access.h"

#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "tlfs/cpuid.h"

bool access_over(const struct partition *caller, const struct partition *target)
{
	const struct config_partition *config = caller->config;

	if (caller == target) {
		return (config->privileges.mask &
			HV_PRIV_ACCESS_VP_REGISTERS) != 0;
	}
	return (config->controls & BIT(target->number)) != 0;
}

static bool has_any_power(const struct partition *caller)
{
	return access_over(caller, caller) || caller->config->controls != 0;
}

static struct partition *find_partition(const struct vp *self, u64 id)
{
	if (id == HV_PARTITION_ID_SELF) {
		return self->partition;
	}
	return id >= 1 && id <= machine.partition_count
		       ? machine.partitions[id - 1]
		       : NULL;
}

enum hv_status access_vp(struct vp *self, u64 partition_id, u32 vp_index,
			 struct vp **target)
{
	struct partition *p = find_partition(self, partition_id);

	/* such a caller must not learn which partitions exist */
	if (!has_any_power(self->partition)) {
		return HV_STATUS_ACCESS_DENIED;
	}
	if (p == NULL) {
		return HV_STATUS_INVALID_PARTITION_ID;
	}
	if (!access_over(self->partition, p)) {
		return HV_STATUS_ACCESS_DENIED;
	}
	if (vp_index == HV_VP_INDEX_SELF) {
		*target = p == self->partition ? self : NULL;
	} else {
		*target = partition_vp(p, vp_index);
	}
	return *target == NULL ? HV_STATUS_INVALID_VP_INDEX : HV_STATUS_SUCCESS;
}

bool access_is_controlled(const struct partition *p)
{
	for (u32 i = 0; i < machine.partition_count; i++) {
		const struct partition *other = machine.partitions[i];

		/* SEQ_CST: pairs with partition_stop_vp() */
		if (other != p && access_over(other, p) &&
		    __atomic_load_n(&other->vps_running, __ATOMIC_SEQ_CST)) {
			return true;
		}
	}
	return false;
}

static bool is_watched(const struct partition *p)
{
	for (u32 i = 0; i < machine.partition_count; i++) {
		if (access_over(machine.partitions[i], p)) {
			return true;
		}
	}
	return false;
}

void access_plan_publishing(void)
{
	for (u32 i = 0; i < machine.partition_count; i++) {
		struct partition *p = machine.partitions[i];

		p->publishes_regs = is_watched(p);
	}
}
