/* SPDX-License-Identifier: MIT */
/* `sanitize`: what a VP's sanitizer has counted and found, what is stale. */
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/paging/published.h"
#include "core/paging/shadow_arm.h"
#include "core/paging/shadow_list.h"
#include "core/sanitize/compare.h"
#include "core/sanitize/report.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "x86/cr.h"

#define STEPS_MAX 150 /* leaves of a call: about 300 instructions each */

static void print_counts(struct debug_call *call, const struct sanitize *z)
{
	const struct sanitize_counts *c = &z->count;

	debug_print(
		call,
		"compared=%llu lazy=%llu armed=%llu flushed=%llu "
		"granted=%llu lost=%llu passes=%llu stale=%llu\n",
		(unsigned long long)c->compared, (unsigned long long)c->lazy,
		(unsigned long long)c->armed, (unsigned long long)c->flushed,
		(unsigned long long)c->granted, (unsigned long long)c->lost,
		(unsigned long long)c->passes, (unsigned long long)z->stale);
	for (u32 kind = 0; kind < SANITIZE_KINDS; kind++) {
		if (c->uses[kind] != 0) {
			debug_print(call, "kind=%s uses=%llu findings=%llu\n",
				    sanitize_kind_name(kind),
				    (unsigned long long)c->uses[kind],
				    (unsigned long long)c->findings[kind]);
		}
	}
}

static void print_use(struct debug_call *call, const char *what,
		      const struct sanitize_use *use)
{
	debug_print(call,
		    "%s kind=%s rip=0x%llx gva=0x%llx %s cpl=%u leaf=0x%llx "
		    "entry=0x%llx\n",
		    what, sanitize_kind_name(use->kind),
		    (unsigned long long)use->rip, (unsigned long long)use->gva,
		    sanitize_access_name(use->access), use->cpl,
		    (unsigned long long)use->leaf,
		    (unsigned long long)use->entry);
}

/* cursor[0]: the next of the findings, then of the uses. False: no room. */
static bool list_uses(struct debug_call *call, const struct sanitize *z)
{
	u64 kept = z->found < SANITIZE_FINDINGS ? z->found : SANITIZE_FINDINGS;
	u64 *at = &call->cursor[0];

	for (; *at < SANITIZE_FINDINGS + SANITIZE_WATCHES; (*at)++) {
		if (!debug_has_room(call)) {
			return false;
		}
		if (*at < kept) {
			print_use(call, "finding", &z->finding[*at]);
		} else if (*at >= SANITIZE_FINDINGS &&
			   z->watch[*at - SANITIZE_FINDINGS].state ==
				   SANITIZE_WAITS) {
			print_use(call, "waits",
				  &z->watch[*at - SANITIZE_FINDINGS].use);
		}
	}
	return true;
}

/* Prints the leaf at `gva` if it is stale. */
static void print_stale(const struct sanitize_view *v, struct debug_call *call,
			u64 gva, u64 leaf, u32 level)
{
	struct sanitize_difference d;
	struct sanitize_entry entry;

	sanitize_look(v, gva, leaf, &entry);
	d = sanitize_compare(v, gva, shadow_arm_original(leaf), level, &entry);
	if (d.kind == SANITIZE_NONE) {
		return;
	}
	call->cursor[2]++;
	debug_print(call, "stale kind=%s gva=0x%llx leaf=0x%llx entry=0x%llx\n",
		    sanitize_kind_name(d.kind),
		    (unsigned long long)shadow_table_canonical(v->s, gva),
		    (unsigned long long)shadow_arm_original(leaf),
		    (unsigned long long)entry.entry);
}

/* cursor[1]: the address to go on from; cursor[2]: stale leaves so far. */
static enum debug_end list_stale(const struct sanitize_view *v,
				 struct debug_call *call)
{
	u64 *at = &call->cursor[1];

	for (u32 i = 0; i < STEPS_MAX && debug_has_room(call); i++) {
		u64 leaf;
		u64 next;
		u32 level;

		if (!shadow_list_step(v->s, &v->s->current->tree, *at, &leaf,
				      &level, &next)) {
			debug_print(call, "%llu stale now\n",
				    (unsigned long long)call->cursor[2]);
			return DEBUG_DONE;
		}
		debug_keep_up(call);
		if (leaf != 0) {
			print_stale(v, call, *at, leaf, level);
		}
		*at = next;
	}
	return DEBUG_MORE;
}

enum debug_end cmd_sanitize(struct debug_call *call)
{
	struct vp *vp = call->vp;
	struct sanitize_view v = {
		.p = vp->partition, .s = vp->shadow, .z = vp->sanitize};
	struct published regs;

	if (v.z == NULL) {
		debug_print(call, "%s has no sanitizer: sanitize = off\n",
			    vp->partition->config->name);
		return DEBUG_DONE;
	}
	if (call->steps == 0) {
		print_counts(call, v.z);
	}
	if (!list_uses(call, v.z)) {
		return DEBUG_MORE;
	}
	published_read_own(vp, &regs);
	walk_state(&v.state, &regs);
	if (v.s->current == NULL || !(v.state.cr0 & CR0_PG)) {
		debug_print(call, "paging is off\n");
		return DEBUG_DONE;
	}
	return list_stale(&v, call);
}
