/* SPDX-License-Identifier: MIT */
/*
 * A software TLB: in `paging = shadow` the CPU walks tables that are filled
 * from the guest's tables by page faults (guest-linear to guest-physical; EPT
 * lies underneath). Nobody watches what the guest writes into its tables. A
 * translation stays until MOV CR3, INVLPG, INVPCID, a change of CR0, CR4 or
 * EFER, a page fault on it or a flush removes it; and nothing is removed but
 * what was named. SDM 3A, "Caching Translation Information".
 *
 * All functions are called on the VP's own CPU in root mode. They may change
 * root, pdpte[] and invvpid_due of `struct shadow`, which have to be seen to
 * before the next entry. Addresses of modes without EFER.LMA have 32 bits.
 */
#ifndef HV_CORE_PAGING_SHADOW_H
#define HV_CORE_PAGING_SHADOW_H

#include "core/paging/shadow_drop.h"
#include "core/paging/shadow_fill.h"

struct walk_state;

/*
 * `tables`: `count` zeroed pages, which the CPU sees from guest-physical `area`
 * on; `info`: `count` records. walk_cache: tables remember the guest tables
 * that they stand for. No context is current until shadow_load().
 */
void shadow_init(struct shadow *s, u64 *tables, struct shadow_table *info,
		 u32 count, gpa_t area, bool walk_cache);

/*
 * As after shadow_init(), for a VP that starts again. invvpid_due is set if
 * there was anything in the tables.
 */
void shadow_reset(struct shadow *s);

/*
 * MOV CR3, or paging was turned on or changed its mode; `state` is the guest's
 * view after it, with CR0.PG = 1 and without bit 63 of CR3. The context of its
 * PCID becomes current. Unless `keep`, its non-global translations and its ways
 * go. If the paging mode is another one than before, everything goes.
 */
void shadow_load(struct shadow *s, const struct walk_state *state, bool keep);

#endif
