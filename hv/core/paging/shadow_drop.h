/* SPDX-License-Identifier: MIT */
/* What makes a software TLB (shadow.h) forget: instructions and flush calls. */
#ifndef HV_CORE_PAGING_SHADOW_DROP_H
#define HV_CORE_PAGING_SHADOW_DROP_H

#include "core/state/shadow.h"

#define SHADOW_ALL_SPACES (~0ull)

/*
 * INVLPG: the page of `gva` in the current context, global translations of it,
 * and all ways of the current context. An address that is not canonical names
 * nothing.
 */
void shadow_invlpg(struct shadow *s, gva_t gva);

/*
 * An instruction that Lethe executes ends in a #PF at `gva` with paging on: the
 * translations of the address, global ones too, and the ways to it go, in the
 * current context. shadow_fault() does the same itself.
 */
void shadow_page_fault(struct shadow *s, gva_t gva);

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
