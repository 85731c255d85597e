/* SPDX-License-Identifier: MIT */
/* The uses of stale leaves whose grace runs, and what was found. */
#ifndef HV_CORE_SANITIZE_WATCH_H
#define HV_CORE_SANITIZE_WATCH_H

#include "core/state/sanitize.h"

/* Everything but the grace is forgotten: the VP begins a life. */
void sanitize_reset(struct sanitize *z);

/*
 * Is the leaf that maps `gva`, with its sign or without, of this PCID watched
 * already, or reported? Leaves of two levels never map one address.
 */
bool sanitize_is_watched(const struct sanitize *z, u32 pcid, u64 gva);

/*
 * The grace of this use begins. Where there is no room an entry that was
 * reported gives its place; if there is none the use is counted as lost.
 */
void sanitize_watch(struct sanitize *z, const struct sanitize_use *use);

/* True if a watch waits for the end of its grace. */
bool sanitize_waits(const struct sanitize *z);

/*
 * The use is a finding: counts and keeps it. False: one of the last findings
 * has its kind, RIP and page.
 */
bool sanitize_found(struct sanitize *z, const struct sanitize_use *use);

#endif
