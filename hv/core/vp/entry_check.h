/* SPDX-License-Identifier: MIT */
/*
 * Would a VM entry accept the guest state of the current VMCS? This is checked
 * before values from call 0x0051 stay there: a value that is refused here is a
 * status, an entry that the CPU refuses ends the partition.
 */
#ifndef HV_CORE_VP_ENTRY_CHECK_H
#define HV_CORE_VP_ENTRY_CHECK_H

#include "base/types.h"

struct vp;

/*
 * SDM 3C, "Checking and Loading Guest State", for what guests can differ in:
 * unrestricted guest, 48-bit linear addresses, activity "active". RIP counts as
 * advanced by `rip_ahead` bytes, without wrapping. VMCS current.
 */
bool entry_check_guest(const struct vp *vp, u64 rip_ahead);

/* SDM 1, "Canonical Addressing", for 48 bits. */
static inline bool entry_check_canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

#endif
