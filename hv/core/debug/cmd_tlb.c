/* SPDX-License-Identifier: MIT */
/* `tlb`: a VP's software TLB, compared with the guest's tables. */
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/paging/published.h"
#include "core/paging/shadow_arm.h"
#include "core/paging/shadow_list.h"
#include "core/paging/walk_from.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define STEPS_MAX 400 /* of one call */

/* What a call looks at. */
struct view {
	struct debug_call *call;
	const struct shadow *s;
	struct walk_state state;
};

/* The guest's tables now; false: they translate nothing there. */
static bool walk_guest(const struct view *v, u64 gva, struct walk_path *path)
{
	struct walk_table start;

	return (v->state.cr0 & CR0_PG) &&
	       walk_from_cr3(&v->state, gva, &start) == WALK_OK &&
	       walk_from(v->call->vp->partition, &v->state, gva, &start,
			 path) == WALK_OK;
}

/* Does the leaf allow what the guest's entries do not? */
static bool allows_more(const struct view *v, u64 leaf,
			const struct walk_path *path)
{
	bool writes = (leaf & PTE_WRITE) && !(path->all & PTE_WRITE);

	return (writes && (v->state.cr0 & CR0_WP)) ||
	       ((leaf & PTE_USER) && !(path->all & PTE_USER)) ||
	       (!(leaf & PTE_NX) && (path->any & PTE_NX) &&
		(v->state.efer & EFER_NXE));
}

/*
 * How the guest's tables differ from a leaf: that is allowed until the guest
 * flushes.
 */
static void print_difference(const struct view *v, u64 gva, u64 gpa, u64 leaf)
{
	struct walk_path path;

	if (!walk_guest(v, gva, &path)) {
		debug_print(v->call, " * the tables have nothing there");
	} else if (walk_from_page(&path, gva) != gpa) {
		debug_print(v->call, " * the tables say gpa=0x%llx",
			    (unsigned long long)walk_from_page(&path, gva));
	} else if (allows_more(v, leaf, &path)) {
		debug_print(v->call, " * the tables allow less");
	}
}

static void print_leaf(const struct view *v, u64 at, u64 entry, u32 level)
{
	u64 leaf = shadow_arm_original(entry);
	u64 gva = shadow_table_canonical(v->s, at);
	u64 gpa = leaf & PTE_ADDR & ~(PTE_SIZE(level) - 1);

	debug_print(v->call, "0x%016llx -> 0x%09llx %s %c%c%c%c",
		    (unsigned long long)gva, (unsigned long long)gpa,
		    level == 1 ? "4K" : "2M", leaf & PTE_WRITE ? 'W' : '-',
		    leaf & PTE_USER ? 'U' : '-', leaf & PTE_NX ? '-' : 'X',
		    leaf & SHADOW_GLOBAL ? 'G' : '-');
	print_difference(v, gva, gpa, leaf);
	debug_print(v->call, "\n");
}

static void print_counts(struct debug_call *call, const struct shadow *s)
{
	debug_print(call,
		    "fills=%llu reflected=%llu removals=%llu evictions=%llu "
		    "tables=%u of %u\n",
		    (unsigned long long)s->fills,
		    (unsigned long long)s->reflected,
		    (unsigned long long)s->removals,
		    (unsigned long long)s->evictions, s->current->tree.tables,
		    s->count);
	debug_print(call,
		    "current: pcid=0x%x cr3=0x%llx leaves=%llu "
		    "globals=%llu\n",
		    s->current->pcid, (unsigned long long)s->current->cr3,
		    (unsigned long long)s->current->tree.leaves,
		    (unsigned long long)s->current->tree.globals);
}

/* cursor[0]: the address to go on from; cursor[1]: leaves so far. */
static enum debug_end list(const struct view *v)
{
	u64 *at = &v->call->cursor[0];

	for (u32 i = 0; i < STEPS_MAX && debug_has_room(v->call); i++) {
		u64 leaf;
		u64 next;
		u32 level;

		if (!shadow_list_step(v->s, &v->s->current->tree, *at, &leaf,
				      &level, &next)) {
			debug_print(v->call, "%llu leaves\n",
				    (unsigned long long)v->call->cursor[1]);
			return DEBUG_DONE;
		}
		if (leaf != 0) {
			print_leaf(v, *at & ~(PTE_SIZE(level) - 1), leaf,
				   level);
			v->call->cursor[1]++;
		}
		*at = next;
	}
	return DEBUG_MORE;
}

static enum debug_end show_one(const struct view *v)
{
	u64 gva = shadow_table_linear(v->s, (gva_t){v->call->value[1]});
	struct shadow_place place;
	u64 leaf = shadow_table_find(v->s, &v->s->current->tree, gva, &place);

	if (leaf & SHADOW_LEAF) {
		print_leaf(v, gva & ~(PTE_SIZE(place.level) - 1), leaf,
			   place.level);
	} else {
		debug_print(v->call, "0x%016llx: no leaf\n",
			    (unsigned long long)v->call->value[1]);
	}
	return DEBUG_DONE;
}

enum debug_end cmd_tlb(struct debug_call *call)
{
	const struct shadow *s = call->vp->shadow;
	struct view v = {.call = call, .s = s};
	struct published regs;

	if (s == NULL) {
		debug_print(call, "%s:%u has the CPU's own TLB: paging = ept\n",
			    call->vp->partition->config->name,
			    call->vp->number);
		return DEBUG_DONE;
	}
	if (s->current == NULL) {
		debug_print(call, "nothing was loaded yet\n");
		return DEBUG_DONE;
	}
	published_read_own(call->vp, &regs);
	walk_state(&v.state, &regs);
	if (call->given == 2) {
		return show_one(&v);
	}
	if (call->steps == 0) {
		print_counts(call, s);
	}
	return list(&v);
}
