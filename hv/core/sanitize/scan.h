/* SPDX-License-Identifier: MIT */
/* Goes through the leaves of the current tree, and arms the stale ones. */
#ifndef HV_CORE_SANITIZE_SCAN_H
#define HV_CORE_SANITIZE_SCAN_H

#include "core/sanitize/compare.h"

/* Entries of one call: about 500 instructions for each. */
#define SANITIZE_STEPS 16

/*
 * Looks at SANITIZE_STEPS entries from where the last call has ended, at most
 * once at each. A leaf that is stale is made to trap once: its first write if
 * only writes are concerned, else its first access. One whose entry grants
 * everything again traps no more. INVVPID may be due afterwards.
 */
void sanitize_scan(struct sanitize_view *v);

/*
 * Replaces the leaf at `gva` by `leaf`, which is the same, armed or not. It is
 * in the current tree.
 */
void sanitize_set_leaf(struct sanitize_view *v, u64 gva, u64 leaf);

#endif
