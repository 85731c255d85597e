/* SPDX-License-Identifier: MIT */
/*
 * "First use" lines of the console: what a guest asked for that is not there.
 * With first-use = count one line when the partition stops. With first-use =
 * list at most 32 lines per kind and partition, then one that says that the
 * rest is only counted. No guest can make it print more.
 */
#ifndef HV_CORE_CONSOLE_FIRST_USE_H
#define HV_CORE_CONSOLE_FIRST_USE_H

#include "base/types.h"

#define ONCE_LINES_MAX 32

struct partition;

enum once_kind {
	ONCE_HYPERCALL,
	ONCE_MSR_READ,
	ONCE_MSR_WRITE,
	ONCE_PORT_IN,
	ONCE_PORT_OUT,
	ONCE_CPUID,
	ONCE_OTHER,
	ONCE_KINDS,
};

/*
 * Counts a use of `key` (code, MSR, port, leaf). With first-use = list the
 * first one prints the line `name: first use kind=K key=0xN`. True if it was
 * the first, of at most 32 keys. Any CPU, not with the log lock held.
 */
bool once_first(struct partition *p, enum once_kind kind, u32 key);

/*
 * With first-use = count: `name: first use K=N K=N (...)`, N different keys of
 * each kind that was used, `32+` for more than 32; no line if there was none.
 */
void once_report(const struct partition *p);

/* Uses of all keys so far. */
u64 once_uses(const struct partition *p, enum once_kind kind);

/* Forgets all uses; before the partition's first launch. */
void once_reset(const struct partition *p);

#endif
