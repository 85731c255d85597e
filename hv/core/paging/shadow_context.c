/* SPDX-License-Identifier: MIT */
/*
 * Which contexts there are, which one is current, and who gives up tables when
 * there are no more. A context that is not current is in use only while it has
 * tables.
 *
 * Each copy of a global leaf has its original in the global tree. So where the
 * global tree has nothing, no context has a copy.
 */
#include "core/paging/shadow_context.h"

#include "core/paging/shadow_table.h"
#include "core/port/port.h"

#define SPACE GENMASK(51, 13)

bool shadow_context_same_space(u64 cr3, u64 space)
{
	return ((cr3 ^ space) & SPACE) == 0;
}

struct shadow_context *shadow_context_find(struct shadow *s, u32 pcid)
{
	struct shadow_context *context;

	SHADOW_CONTEXTS_FOR_EACH(s, context) {
		if (context->pcid == pcid) {
			return context;
		}
	}
	return NULL;
}

/* The next one by turns that could give up its tables. NULL: none has any. */
static struct shadow_context *choose(struct shadow *s)
{
	for (u32 i = 0; i < SHADOW_CONTEXTS; i++) {
		struct shadow_context *context;

		s->victim = (s->victim + 1) % SHADOW_CONTEXTS;
		context = &s->context[s->victim];
		if (shadow_context_is_used(s, context) &&
		    context != s->current) {
			return context;
		}
	}
	return NULL;
}

static void clear(struct shadow *s, struct shadow_context *context)
{
	shadow_table_clear(s, &context->tree);
	context->is_mixed = false;
	shadow_context_use(s, context, context == s->current);
}

_Static_assert(SHADOW_CONTEXTS == 64, "one word of bits");

static struct shadow_context *unused(struct shadow *s)
{
	return ~s->contexts_used == 0
		       ? NULL
		       : &s->context[bits_lowest(~s->contexts_used)];
}

struct shadow_context *shadow_context_get(struct shadow *s, u32 pcid)
{
	struct shadow_context *context = shadow_context_find(s, pcid);

	if (context != NULL) {
		return context;
	}
	context = unused(s);
	if (context == NULL) {
		s->evictions++;
		context = choose(s);
		clear(s, context);
	}
	shadow_context_use(s, context, true);
	context->pcid = pcid;
	shadow_context_forget_ways(s, context);
	return context;
}

void shadow_context_forget_ways(struct shadow *s,
				struct shadow_context *context)
{
	context->ways = ++s->generation;
}

static void remove_copies(struct shadow *s, u64 first, u64 last)
{
	struct shadow_context *context;

	SHADOW_CONTEXTS_FOR_EACH(s, context) {
		shadow_table_remove(s, &context->tree, first, last,
				    shadow_table_globals);
	}
}

void shadow_context_remove_globals(struct shadow *s, u64 first, u64 last)
{
	if (shadow_table_remove(s, &s->global, first, last, shadow_table_any)) {
		remove_copies(s, first, last);
	}
}

void shadow_context_drop_globals(struct shadow *s)
{
	if (s->global.root == SHADOW_NONE) {
		return;
	}
	shadow_table_clear(s, &s->global);
	remove_copies(s, 0, shadow_table_last(s));
}

void shadow_context_publish(struct shadow *s)
{
	u32 root = s->current->tree.root;
	u64 gpa = shadow_table_gpa(s, root).v;

	if (gpa != s->root) {
		s->root = gpa;
		s->invvpid_due = true;
	}
	for (u32 i = 0; !s->is_long && i < ARRAY_SIZE(s->pdpte); i++) {
		/* SDM 3A, "PAE Paging": a PDPTE has neither W nor U */
		s->pdpte[i] = *shadow_table_slot(s, root, i) &
			      (PTE_ADDR | PTE_PRESENT);
	}
}

/*
 * Another context gives up its tables; if there is none, all do: an instruction
 * that needs several global pages would not end if they went without the rest,
 * or the rest without them.
 */
static void give_up(struct shadow *s)
{
	struct shadow_context *context = choose(s);

	s->evictions++;
	if (context == NULL) {
		shadow_table_clear(s, &s->global);
		context = s->current;
	}
	clear(s, context);
}

/* The current context has a root, even if another one has to give it up. */
static void plant(struct shadow *s)
{
	struct shadow_tree *tree = &s->current->tree;
	u32 level = shadow_table_root_level(s);
	struct shadow_place place = {.level = level + 1};

	while (tree->root == SHADOW_NONE &&
	       !shadow_table_extend(s, tree, 0, level, &place)) {
		give_up(s);
	}
	shadow_context_publish(s);
}

void shadow_context_switch(struct shadow *s, struct shadow_context *context)
{
	s->current = context;
	plant(s);
}

void shadow_context_empty(struct shadow *s, struct shadow_context *context)
{
	clear(s, context);
	if (context == s->current) {
		plant(s);
	}
}

void shadow_context_evict(struct shadow *s)
{
	give_up(s);
	plant(s);
}
