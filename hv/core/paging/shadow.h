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

#include "core/state/shadow.h"

#define SHADOW_ALL_SPACES (~0ull)

struct partition;
struct walk_state;

enum shadow_end {
	SHADOW_FILLED,     /* enter again */
	SHADOW_PAGE_FAULT, /* the guest's: reflect it */
	SHADOW_OUTSIDE,    /* a table or the page is not in RAM */
};

struct shadow_answer {
	u32 error_code; /* of PAGE_FAULT */
	gpa_t outside;  /* of OUTSIDE: where the CPU would have gone */
};

/*
 * `tables`: `count` zeroed pages, which the CPU sees from guest-physical `area`
 * on; `info`: `count` records. walk_cache: tables remember the guest tables
 * that they stand for. No context is current until shadow_load().
 */
void shadow_init(struct shadow *s, u64 *tables, struct shadow_table *info,
		 u32 count, gpa_t area, bool walk_cache);

/*
 * MOV CR3, or paging was turned on or changed its mode; `state` is the guest's
 * view after it, with CR0.PG = 1 and without bit 63 of CR3. The context of its
 * PCID becomes current. Unless `keep`, its non-global translations and its ways
 * go. If the paging mode is another one than before, everything goes.
 */
void shadow_load(struct shadow *s, const struct walk_state *state, bool keep);

/*
 * The exit of a #PF at `gva`. Of `error_code` W, U and I are used; `state` is
 * the guest's view, its CPL and AC those of the instruction, and become those
 * of the access. FILLED is also the answer when the guest kept changing its
 * tables: the work is bounded. With PAGE_FAULT what was cached for the address
 * is gone.
 */
enum shadow_end shadow_fault(struct partition *p, struct shadow *s,
			     struct walk_state *state, gva_t gva,
			     u32 error_code,
			     struct shadow_answer *answer) __must_check;

/*
 * INVLPG: the page of `gva` in the current context, global translations of it,
 * and all ways of the current context. An address that is not canonical names
 * nothing.
 */
void shadow_invlpg(struct shadow *s, gva_t gva);

/*
 * SDM 2A, "INVPCID—Invalidate Process-Context Identifier"; the operands are
 * checked already, `gva` is canonical. Type 0 spares global translations.
 */
void shadow_invpcid(struct shadow *s, u32 type, u32 pcid, gva_t gva);

/* All translations. The current context remains so, with an empty root. */
void shadow_drop_all(struct shadow *s);

/*
 * The non-global translations of the contexts that were last loaded with the
 * root `space` (CR3; bits 12:0 do not count, so that two halves of one address
 * space are one), and of those that hold several roots; SHADOW_ALL_SPACES: of
 * all. Unless `non_global`, the global translations too.
 */
void shadow_drop_space(struct shadow *s, u64 space, bool non_global);

/*
 * Like INVLPG for each of `pages` pages from `base` on, in the contexts of
 * `space` as above. The addresses are canonical and all in one half. The work
 * is bounded by the number of tables, whatever `pages` is.
 */
void shadow_drop_range(struct shadow *s, u64 space, gva_t base, u64 pages);

#endif
