/* SPDX-License-Identifier: MIT */
/*
 * Would a VM entry take the guest state of the current VMCS? Asked before
 * values that somebody else chose stay there: a refused value is a status, a
 * refused entry is the end of the partition.
 */
#ifndef HV_CORE_VP_ENTRY_CHECK_H
#define HV_CORE_VP_ENTRY_CHECK_H

#include "base/types.h"

struct vp;

/*
 * SDM 3C, "Checking and Loading Guest State", for what guests can differ in:
 * unrestricted guest, 48-bit linear addresses, activity "active". RIP counts
 * `rip_ahead` bytes further on, where it is about to be advanced to without
 * wrapping. VMCS current.
 */
bool entry_check_guest(const struct vp *vp, u64 rip_ahead);

/* SDM 1, "Canonical Addressing", for 48 bits. */
static inline bool entry_check_canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

#endif
