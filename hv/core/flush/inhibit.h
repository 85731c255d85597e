/* SPDX-License-Identifier: MIT */
/*
 * TLB-flush inhibit: which VPs may not be flushed now, and how a translation
 * waits for flushes under way. TLFS v6.0b, "Restrictions on TLB Flushes";
 * docs/concurrency.md has the order of every step. rule: inhibit-before-walk,
 * count-covers-inhibits
 *
 * vp->shared.inhibit: bit 0 TlbFlushInhibit, above it the number of
 * translations in progress, at the top the partitions that set the flag, one
 * bit each, and the debug console: never 0 while the flag is set. The VP is
 * inhibited while the word is not 0.
 */
#ifndef HV_CORE_FLUSH_INHIBIT_H
#define HV_CORE_FLUSH_INHIBIT_H

#include "base/bits.h"
#include "base/types.h"

#define INHIBIT_FLAG   BIT(0)
#define INHIBIT_ONE    BIT(1)
#define INHIBIT_COUNT  GENMASK(55, 1)
#define INHIBIT_OWNERS GENMASK(63, 56)

#define INHIBIT_CONSOLE BIT(63) /* the debug console is an owner too */

struct partition;
struct vp;
struct vp_set;

/*
 * The first VP of the set that is inhibited; NULL: none. It makes no difference
 * whether the VP runs. Call it after the full barrier of the announcement.
 * rule: inhibit-by-membership
 */
struct vp *inhibit_find(const struct partition *p, const struct vp_set *set);

/*
 * A translation of `target` with the inhibit flag begins: count + 1, full
 * barrier, wait for every flush that is under way in the machine. Then either
 * inhibit_keep() (success: flag set, count - 1, in one atomic step; `owner` is
 * remembered) or inhibit_leave() (failure: count - 1; wakes if it became 0).
 * The caller is in root mode, its own flush_seq is even. Panics after 100 ms.
 */
void inhibit_enter(struct vp *target);
void inhibit_keep(struct vp *target, const struct partition *owner);
void inhibit_leave(struct vp *target);

/*
 * The debug console sets the flag as an owner of its own, and ends its part. On
 * the boot CPU in root mode; the first one waits as inhibit_enter() does.
 */
void inhibit_console_set(struct vp *target);
void inhibit_console_end(struct vp *target);

/* The whole word, for reports: a hint. */
u64 inhibit_word(const struct vp *target);

/* Is TlbFlushInhibit set? */
bool inhibit_is_set(const struct vp *target);

/*
 * Clears the flag, whoever set it. If that ends the inhibit, it executes a full
 * barrier and wakes the suspended VPs of the partition.
 */
void inhibit_clear(struct vp *target);

/*
 * `owner` has stopped, and no VP of it executes a call any more: its part in
 * every inhibit ends. A flag that another partition set too stays.
 */
void inhibit_end_of(const struct partition *owner);

#endif
