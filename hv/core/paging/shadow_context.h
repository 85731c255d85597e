/* SPDX-License-Identifier: MIT */
/* The contexts of a software TLB: one for each PCID, and room for more. */
#ifndef HV_CORE_PAGING_SHADOW_CONTEXT_H
#define HV_CORE_PAGING_SHADOW_CONTEXT_H

#include "base/bits.h"
#include "core/state/shadow.h"

/* For each context in use. The body may give up contexts. */
#define SHADOW_CONTEXTS_FOR_EACH(_s, _c)                                       \
	for (u64 used_ = (_s)->contexts_used;                                  \
	     used_ != 0 && ((_c) = &(_s)->context[bits_lowest(used_)], true);  \
	     used_ &= used_ - 1)

static inline bool shadow_context_is_used(const struct shadow *s,
					  const struct shadow_context *context)
{
	return (s->contexts_used & BIT(context - s->context)) != 0;
}

static inline void shadow_context_use(struct shadow *s,
				      const struct shadow_context *context,
				      bool is_used)
{
	u64 bit = BIT(context - s->context);

	s->contexts_used =
		is_used ? s->contexts_used | bit : s->contexts_used & ~bit;
}

/* The context of the PCID, or NULL. */
struct shadow_context *shadow_context_find(struct shadow *s, u32 pcid);

/* The same; a new one, in place of another if need be. Never NULL. */
struct shadow_context *shadow_context_get(struct shadow *s, u32 pcid);

/* Makes it current, with a root. */
void shadow_context_switch(struct shadow *s, struct shadow_context *context);

/* Its non-global translations and its ways go. */
void shadow_context_empty(struct shadow *s, struct shadow_context *context);

/* All ways of the context go. */
void shadow_context_forget_ways(struct shadow *s,
				struct shadow_context *context);

/* Are these CR3 of one address space? Bit 12 tells its two halves apart. */
bool shadow_context_same_space(u64 cr3, u64 space);

/* The global translations of these addresses go, with their copies. */
void shadow_context_remove_globals(struct shadow *s, u64 first, u64 last);

/* All global translations go, with all copies. */
void shadow_context_drop_globals(struct shadow *s);

/*
 * The pool is empty: gives back the tables of another context, by turns; if no
 * other has any, those of the current one and of the global tree.
 */
void shadow_context_evict(struct shadow *s);

/* The current tree has another root or other PDPTEs: says so in `s`. */
void shadow_context_publish(struct shadow *s);

#endif
