/* SPDX-License-Identifier: MIT */
/* The MSRs of a guest that SDM volume 4 defines and that exit. */
#ifndef HV_CORE_EMULATE_MSR_PLATFORM_H
#define HV_CORE_EMULATE_MSR_PLATFORM_H

#include "core/emulate/msr.h"

/* As msr_read() and msr_write(); MSR_UNKNOWN: not in the table. */
enum msr_result msr_platform_read(struct vp *vp, u32 msr,
				  u64 *value) __must_check;
enum msr_result msr_platform_write(struct vp *vp, u32 msr,
				   u64 value) __must_check;

#endif
