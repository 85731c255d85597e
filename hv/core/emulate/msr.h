/* SPDX-License-Identifier: MIT */
/*
 * RDMSR and WRMSR of a guest. Three tables: what the CPU does itself through
 * the MSR bitmap (here), the platform's MSRs (msr_platform.c) and the
 * synthetic ones (msr_synthetic.c). Everything else is #GP.
 */
#ifndef HV_CORE_EMULATE_MSR_H
#define HV_CORE_EMULATE_MSR_H

#include "base/types.h"

struct vp;

enum msr_result {
	MSR_OK,
	MSR_GP,      /* #GP(0), nothing has changed */
	MSR_UNKNOWN, /* used between the msr_*.c files: no such MSR here */
};

/*
 * Emulates the RDMSR or WRMSR of an exit: MSR_OK or MSR_GP. A read fills *value
 * with MSR_OK only. First uses of MSRs that do not exist are reported. Called
 * in root mode on the VP's own CPU; takes p->msr_lock and the locks that
 * ipi_send() and overlay_show() take.
 */
enum msr_result msr_read(struct vp *vp, u32 msr, u64 *value) __must_check;
enum msr_result msr_write(struct vp *vp, u32 msr, u64 value) __must_check;

/*
 * True if the access causes no exit: its bit in the MSR bitmap is 0. These MSRs
 * are the VP's own, switched by the VMCS, or by software when the CPU changes
 * its VP.
 */
bool msr_passes(u32 msr, bool write);

#endif
