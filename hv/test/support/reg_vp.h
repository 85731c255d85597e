/* SPDX-License-Identifier: MIT */
/*
 * Builds a VP in 64-bit mode whose VMCS and CPUID are complete, and makes
 * register calls.
 */
#ifndef HV_TEST_SUPPORT_REG_VP_H
#define HV_TEST_SUPPORT_REG_VP_H

#include "core/registers/registers.h"
#include "support/call.h"

#define REG_VP_PDPTES 0x8020 /* GPA of four good PDPTEs */

/* Makes a partition of `vp_count` VPs; returns VP 0, whose VMCS is current. */
struct vp *reg_vp_new(u32 vp_count);

/* Three VPs: VP 1 asks about VP 0, whose VMCS is current. */
void reg_vp_three(struct vp **target, struct vp **asker, struct vp **other);

/*
 * `self` makes call 0x0050 or 0x0051 with one element about `target`. Returns
 * the status, or REG_VP_AGAIN.
 */
u16 reg_vp_get(struct vp *self, const struct vp *target, u32 name,
	       struct hv_register_value *value);
u16 reg_vp_set(struct vp *self, const struct vp *target, u32 name, u64 low,
	       u64 high);

/* The call was not completed: the VP has to make it again. */
#define REG_VP_AGAIN 0xfffe

#endif
