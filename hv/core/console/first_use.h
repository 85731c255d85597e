/* SPDX-License-Identifier: MIT */
/*
 * "First use" lines of the console name what a guest used and does not have.
 * With first-use = count there is one line when the partition stops. With
 * first-use = list there are at most 32 lines per kind and partition, then one
 * that says that further uses are only counted. No guest can make it print
 * more.
 */
#ifndef HV_CORE_CONSOLE_FIRST_USE_H
#define HV_CORE_CONSOLE_FIRST_USE_H

#include "base/types.h"

#define FIRST_USE_LINES_MAX 32

struct partition;

enum first_use_kind {
	FIRST_USE_HYPERCALL,
	FIRST_USE_MSR_READ,
	FIRST_USE_MSR_WRITE,
	FIRST_USE_PORT_IN,
	FIRST_USE_PORT_OUT,
	FIRST_USE_CPUID,
	FIRST_USE_OTHER,
	FIRST_USE_KINDS,
};

/*
 * Counts a use of `key` (code, MSR, port, leaf). With first-use = list the
 * first one prints the line `name: first use kind=K key=0xN`. True if it was
 * the first, of at most 32 keys. Callable on any CPU, without the log lock
 * held.
 */
bool first_use_report(struct partition *p, enum first_use_kind kind, u32 key);

/*
 * With first-use = count: `name: first use K=N K=N (...)`, N different keys of
 * each kind that was used, `32+` for more than 32; no line if there was none.
 */
void first_use_summary(const struct partition *p);

/* Uses of all keys so far. */
u64 first_use_count(const struct partition *p, enum first_use_kind kind);

/* Forgets all uses; while no VP of the partition runs. */
void first_use_reset(const struct partition *p);

#endif
