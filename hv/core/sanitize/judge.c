/* SPDX-License-Identifier: MIT */
/*
 * Nobody says which flush covers which entry: the software TLB removes what a
 * flush names and nothing else, so a leaf that is still there was not flushed.
 * A page fault of its address and an eviction end a watch like a flush.
 */
#include "core/sanitize/judge.h"

#include "core/paging/shadow_arm.h"
#include "core/paging/shadow_context.h"
#include "core/sanitize/report.h"
#include "core/sanitize/scan.h"
#include "core/sanitize/watch.h"
#include "core/trace/record.h"
#include "x86/cr.h"

/* For the trace. */
static void note(enum trace_event event, const struct sanitize_use *use)
{
	record_here(event, use->kind | use->cpl << 8, use->rip, use->gva);
}

void sanitize_meet(struct sanitize_view *v, const struct sanitize_access *a)
{
	u64 at = shadow_table_linear(v->s, (gva_t){a->gva});
	struct shadow_place place;
	u64 armed = shadow_table_find(v->s, &v->s->current->tree, at, &place);
	struct sanitize_use use = {
		.gva = a->gva,
		.rip = a->rip,
		.leaf = shadow_arm_original(armed),
		.access = a->access,
		.level = place.level,
		.pcid = v->s->current->pcid,
		.cpl = a->cpl,
		.is_user = v->state.cpl == 3,
	};
	struct sanitize_entry entry;

	if (!shadow_arm_is_armed(armed)) {
		return;
	}
	sanitize_look(v, at, armed, &entry);
	use.entry = entry.entry;
	use.kind =
		sanitize_kind_of(v, at, use.leaf, use.level, &entry, a->access);
	sanitize_set_leaf(v, at, use.leaf | SHADOW_USED);
	if (use.kind != SANITIZE_NONE) {
		note(TRACE_USE, &use);
		sanitize_watch(v->z, &use);
	}
}

static bool is_there(struct shadow *s, const struct sanitize_use *use)
{
	const struct shadow_context *context =
		shadow_context_find(s, use->pcid);
	u64 at = shadow_table_linear(s, (gva_t){use->gva});
	struct shadow_place place;
	u64 leaf;

	if (context == NULL) {
		return false;
	}
	leaf = shadow_table_find(s, &context->tree, at, &place);
	/* one that was filled since then has no mark */
	return (leaf & SHADOW_USED) && place.level == use->level &&
	       shadow_arm_original(leaf) == use->leaf;
}

/* The same access now. */
static enum sanitize_kind again(const struct sanitize_view *v,
				const struct sanitize_use *use)
{
	u64 at = shadow_table_linear(v->s, (gva_t){use->gva});
	struct sanitize_view now = *v;
	struct sanitize_entry entry;

	now.state.cpl = use->is_user ? 3 : 0;
	now.state.rflags |= RFLAGS_AC;
	sanitize_look(&now, at, use->leaf, &entry);
	return sanitize_kind_of(&now, at, use->leaf, use->level, &entry,
				use->access);
}

static void end_grace(struct sanitize_view *v, struct sanitize_watch *w)
{
	if (again(v, &w->use) == SANITIZE_NONE) {
		v->z->count.granted++;
		w->state = SANITIZE_FREE;
		return;
	}
	w->state = SANITIZE_REPORTED;
	note(TRACE_FINDING, &w->use);
	if (sanitize_found(v->z, &w->use)) {
		sanitize_report(v->p, v->vp, &w->use);
	}
}

static void judge(struct sanitize_view *v, struct sanitize_watch *w, u64 ticks)
{
	if (!is_there(v->s, &w->use)) {
		v->z->count.flushed += w->state == SANITIZE_WAITS;
		w->state = SANITIZE_FREE;
		return;
	}
	if (w->state == SANITIZE_REPORTED) {
		return;
	}
	w->age += ticks;
	if (w->age >= v->z->grace && w->use.pcid == v->s->current->pcid) {
		end_grace(v, w);
	}
}

void sanitize_judge(struct sanitize_view *v, u64 ticks)
{
	for (u32 i = 0; i < SANITIZE_WATCHES; i++) {
		if (v->z->watch[i].state != SANITIZE_FREE) {
			judge(v, &v->z->watch[i], ticks);
		}
	}
}
