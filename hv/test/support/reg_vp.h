/* SPDX-License-Identifier: MIT */
/* A VP in 64-bit mode whose VMCS and CPUID are complete, and its registers. */
#ifndef HV_TEST_SUPPORT_REG_VP_H
#define HV_TEST_SUPPORT_REG_VP_H

#include "core/registers/registers.h"
#include "support/call.h"

#define REG_VP_PDPTES 0x8020 /* GPA of four good PDPTEs */

/* VP 0 of a new partition of `vp_count` VPs, its VMCS current. */
struct vp *reg_vp_new(u32 vp_count);

/* 0x0050 and 0x0051 with one element, by `self` about `target`; status. */
u16 reg_vp_get(struct vp *self, const struct vp *target, u32 name,
	       struct hv_register_value *value);
u16 reg_vp_set(struct vp *self, const struct vp *target, u32 name, u64 low,
	       u64 high);

/* The answer of a call that has to be made again. */
#define REG_VP_AGAIN 0xfffe

#endif
