/* SPDX-License-Identifier: MIT */
/*
 * Guest paging entries: one aligned access of 4 or 8 bytes each, as the CPU's
 * own page walk makes them. ERR_RANGE where the entry is not inside RAM.
 */
#ifndef HV_CORE_PORT_GUEST_ENTRY_H
#define HV_CORE_PORT_GUEST_ENTRY_H

#include "base/err.h"
#include "base/types.h"

struct partition;

/* One load; the entry, zero-extended. */
enum err port_load_guest(struct partition *p, gpa_t at, u64 *value,
			 size_t size) __must_check;

/*
 * LOCK CMPXCHG. Where the entry is not *expected, *expected becomes what it is
 * and nothing is written. ERR_OK in both cases.
 */
enum err port_cmpxchg_guest(struct partition *p, gpa_t at, u64 *expected,
			    u64 desired, size_t size) __must_check;

#endif
