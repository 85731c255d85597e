/* SPDX-License-Identifier: MIT */
/*
 * What each operation makes a software TLB forget: SDM 3A, "Operations that
 * Invalidate TLBs and Paging-Structure Caches", and the flush hypercalls.
 */
#include "core/paging/shadow_drop.h"

#include "core/paging/shadow_context.h"
#include "core/paging/shadow_table.h"
#include "core/paging/shadow_way.h"

/* SDM 2A, "INVPCID": the types */
enum {
	INVPCID_ADDRESS = 0,
	INVPCID_SINGLE = 1,
	INVPCID_ALL_AND_GLOBALS = 2,
	INVPCID_ALL = 3,
};

static bool is_in_space(const struct shadow_context *context, u64 space)
{
	return space == SHADOW_ALL_SPACES || context->is_mixed ||
	       shadow_context_same_space(context->cr3, space);
}

/* Outside long mode there is nothing at 4 GiB and above. */
static bool is_translated(const struct shadow *s, gva_t gva)
{
	u64 high = gva.v >> 47;

	return s->is_long ? high == 0 || high == GENMASK(16, 0)
			  : gva.v >> 32 == 0;
}

void shadow_invlpg(struct shadow *s, gva_t gva)
{
	u64 at = shadow_table_linear(s, gva);

	if (s->current == NULL || !is_translated(s, gva)) {
		return;
	}
	shadow_context_remove_globals(s, at, at);
	shadow_table_remove(s, &s->current->tree, at, at, shadow_table_any);
	shadow_context_forget_ways(s, s->current);
}

void shadow_page_fault(struct shadow *s, gva_t gva)
{
	u64 at = shadow_table_linear(s, gva);

	shadow_context_remove_globals(s, at, at);
	shadow_table_remove(s, &s->current->tree, at, at, shadow_table_any);
	shadow_way_forget(s, s->current, at);
	s->reflected++;
}

static void drop_contexts(struct shadow *s, u64 space)
{
	struct shadow_context *context;

	SHADOW_CONTEXTS_FOR_EACH(s, context) {
		if (is_in_space(context, space)) {
			shadow_context_empty(s, context);
		}
	}
}

void shadow_invpcid(struct shadow *s, u32 type, u32 pcid, gva_t gva)
{
	struct shadow_context *context = shadow_context_find(s, pcid);
	u64 at = shadow_table_linear(s, gva);

	switch (type) {
	case INVPCID_ADDRESS:
		if (context != NULL && is_translated(s, gva)) {
			shadow_table_remove(s, &context->tree, at, at,
					    shadow_table_non_globals);
			shadow_way_forget(s, context, at);
		}
		break;
	case INVPCID_SINGLE:
		if (context != NULL) {
			shadow_context_empty(s, context);
		}
		break;
	case INVPCID_ALL_AND_GLOBALS:
		shadow_drop_all(s);
		break;
	case INVPCID_ALL:
	default:
		drop_contexts(s, SHADOW_ALL_SPACES);
		break;
	}
}

void shadow_drop_all(struct shadow *s)
{
	shadow_table_clear(s, &s->global);
	drop_contexts(s, SHADOW_ALL_SPACES);
}

void shadow_drop_space(struct shadow *s, u64 space, bool non_global)
{
	drop_contexts(s, space);
	if (!non_global) {
		shadow_context_drop_globals(s);
	}
}

void shadow_drop_range(struct shadow *s, u64 space, gva_t base, u64 pages)
{
	u64 first = shadow_table_linear(s, base) & PAGE_MASK;
	u64 end = shadow_table_last(s);
	u64 last = first + pages * PAGE_SIZE - 1;
	struct shadow_context *context;

	if (pages == 0 || !is_translated(s, base)) {
		return;
	}
	last = last > end ? end : last;
	shadow_context_remove_globals(s, first, last);
	SHADOW_CONTEXTS_FOR_EACH(s, context) {
		if (is_in_space(context, space)) {
			shadow_table_remove(s, &context->tree, first, last,
					    shadow_table_any);
			shadow_context_forget_ways(s, context);
		}
	}
}
