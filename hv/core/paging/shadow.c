/* SPDX-License-Identifier: MIT */
/* A software TLB begins, and goes to another context. */
#include "core/paging/shadow.h"

#include "core/paging/shadow_context.h"
#include "core/paging/shadow_table.h"
#include "core/paging/walk.h"
#include "x86/cr.h"
#include "x86/msr.h"

void shadow_init(struct shadow *s, u64 *tables, struct shadow_table *info,
		 u32 count, gpa_t area, bool walk_cache)
{
	static const struct shadow_tree none = {SHADOW_NONE, SHADOW_NONE, 0, 0,
						0};

	*s = (struct shadow){
		.tables = tables,
		.info = info,
		.count = count,
		.area = area,
		.walk_cache = walk_cache,
		.address_bits = walk_address_bits(),
		.global = none,
	};
	for (u32 i = 0; i < SHADOW_CONTEXTS; i++) {
		s->context[i].tree = none;
	}
	shadow_table_init(s);
}

static enum shadow_mode mode_of(const struct walk_state *state)
{
	if (state->efer & EFER_LMA) {
		return SHADOW_MODE_LONG;
	}
	return state->cr4 & CR4_PAE ? SHADOW_MODE_PAE : SHADOW_MODE_32BIT;
}

static void change_mode(struct shadow *s, enum shadow_mode mode)
{
	s->current = NULL;
	shadow_drop_all(s);
	s->mode = mode;
	s->is_long = mode == SHADOW_MODE_LONG;
}

void shadow_reset(struct shadow *s)
{
	change_mode(s, SHADOW_MODE_NONE);
	s->root = 0;
	s->fills = 0;
	s->reflected = 0;
	s->evictions = 0;
	s->removals = 0;
	for (u32 i = 0; i < ARRAY_SIZE(s->pdpte); i++) {
		s->pdpte[i] = 0;
	}
}

/* Does it hold anything that a walk from its CR3 brought? */
static bool has_own(const struct shadow *s, const struct shadow_tree *tree)
{
	return tree->leaves != tree->globals ||
	       (s->walk_cache && tree->tables > 1);
}

void shadow_load(struct shadow *s, const struct walk_state *state, bool keep)
{
	enum shadow_mode mode = mode_of(state);
	struct shadow_context *context;

	if (mode != s->mode) {
		change_mode(s, mode);
	}
	context = shadow_context_get(
		s, state->cr4 & CR4_PCIDE ? state->cr3 & CR3_PCID : 0);
	if (!keep) {
		shadow_context_empty(s, context);
		shadow_context_use(s, context, true);
	} else if (has_own(s, &context->tree) &&
		   !shadow_context_same_space(context->cr3, state->cr3)) {
		context->is_mixed = true;
	}
	context->cr3 = state->cr3;
	shadow_context_switch(s, context);
}
