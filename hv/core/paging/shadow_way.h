/* SPDX-License-Identifier: MIT */
/*
 * Ways: tables remember the guest tables that they stand for, with the rights
 * above them, as paging-structure caches do. SDM 3A, "Caches for Paging
 * Structures". The ways of a whole context go when its generation does.
 */
#ifndef HV_CORE_PAGING_SHADOW_WAY_H
#define HV_CORE_PAGING_SHADOW_WAY_H

#include "core/paging/walk_from.h"
#include "core/state/shadow.h"

struct shadow_place;

/*
 * The guest table of the deepest table of `place` in the current context that
 * has a valid way. False: none has.
 */
bool shadow_way_find(const struct shadow *s, const struct shadow_place *place,
		     struct walk_table *start);

/*
 * The tables of `place` that the guest's entries of `path`, read from `start`
 * on, led to remember it.
 */
void shadow_way_learn(struct shadow *s, const struct shadow_place *place,
		      const struct walk_table *start,
		      const struct walk_path *path);

/* The ways to `gva` in this context are valid no more. */
void shadow_way_forget(struct shadow *s, const struct shadow_context *context,
		       u64 gva);

/* The same, where shadow_table_find() has found `place`. */
void shadow_way_forget_at(struct shadow *s, const struct shadow_place *place);

#endif
