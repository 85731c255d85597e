/* SPDX-License-Identifier: MIT */
/* A GVA range of a list call, cut to the canonical pages that it names. */
#ifndef HV_CORE_FLUSH_RANGE_H
#define HV_CORE_FLUSH_RANGE_H

#include "base/types.h"

struct flush_range {
	u64 base;  /* first canonical page's address */
	u64 pages; /* 0 to 4096 */
};

/*
 * TLFS "HvCallFlushVirtualAddressList": page in 63:12, additional pages in
 * 11:0. Pages in the non-canonical hole are left out ("Invalid GVAs … are
 * ignored"); a range that wraps ends at the top. 48-bit linear addresses.
 */
struct flush_range flush_range_cut(u64 raw_range);

#endif
