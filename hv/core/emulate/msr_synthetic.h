/* SPDX-License-Identifier: MIT */
/* The MSRs 0x40000000-0x4fffffff: TLFS v6.0b, appendix C. */
#ifndef HV_CORE_EMULATE_MSR_SYNTHETIC_H
#define HV_CORE_EMULATE_MSR_SYNTHETIC_H

#include "core/emulate/msr.h"

/*
 * As msr_read() and msr_write(); MSR_UNKNOWN: no such MSR, or the partition
 * lacks the privilege that leaf 0x40000003 would show.
 */
enum msr_result msr_synthetic_read(struct vp *vp, u32 msr,
				   u64 *value) __must_check;
enum msr_result msr_synthetic_write(struct vp *vp, u32 msr,
				    u64 value) __must_check;

#endif
