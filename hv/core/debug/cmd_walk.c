/* SPDX-License-Identifier: MIT */
/* `walk`: the guest's tables, and beside them what the CPU walks. */
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/paging/ept.h"
#include "core/paging/published.h"
#include "core/paging/shadow_table.h"
#include "core/paging/walk_from.h"
#include "core/port/guest_entry.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "x86/cr.h"

static const char *const statuses[] = {
	[WALK_OK] = "mapped",
	[WALK_NOT_PRESENT] = "not present",
	[WALK_DENIED] = "denied",
	[WALK_BAD_FLAGS] = "a reserved bit is set, or not canonical",
	[WALK_UNMAPPED] = "outside RAM",
	[WALK_AGAIN] = "the entries change",
};

static void print_flags(struct debug_call *call, u64 entry)
{
	static const struct {
		u64 bit;
		char name;
	} flags[] = {
		{PTE_WRITE, 'W'}, {PTE_USER, 'U'},  {PTE_ACCESSED, 'A'},
		{PTE_DIRTY, 'D'}, {PTE_LARGE, 'L'}, {PTE_GLOBAL, 'G'},
		{PTE_NX, 'X'},
	};

	if (!(entry & PTE_PRESENT)) {
		return;
	}
	debug_print(call, " ");
	for (u32 i = 0; i < ARRAY_SIZE(flags); i++) {
		bool is_set = (entry & flags[i].bit) != 0;

		/* X: no NX */
		is_set ^= flags[i].bit == PTE_NX;
		debug_print(call, "%c", is_set ? flags[i].name : '-');
	}
}

/* The tables that the CPU walks for a VP with a software TLB. */
static void print_shadow(struct debug_call *call, u64 gva)
{
	const struct shadow *s = call->vp->shadow;
	struct shadow_place place;

	if (s->current == NULL) {
		debug_print(call, "software TLB: nothing was loaded yet\n");
		return;
	}
	gva = shadow_table_linear(s, (gva_t){gva});
	(void)shadow_table_find(s, &s->current->tree, gva, &place);
	for (u32 level = shadow_table_root_level(s); level >= place.level;
	     level--) {
		u64 entry = *shadow_table_slot(s, place.table[level],
					       (u32)PTE_INDEX(gva, level));

		debug_print(call, "software TLB level %u 0x%016llx", level,
			    (unsigned long long)entry);
		print_flags(call, entry);
		debug_print(call, "\n");
	}
}

static void print_ept(struct debug_call *call, u64 gpa)
{
	struct partition *p = call->vp->partition;
	u64 entry;
	u32 level;

	if (gpa >= p->memory_len) {
		debug_print(call, "ept gpa=0x%llx: not mapped\n",
			    (unsigned long long)gpa);
		return;
	}
	entry = ept_entry(&p->ept, (gpa_t){gpa}, &level);
	debug_print(call, "ept level %u 0x%016llx %c%c%c -> hpa=0x%llx\n",
		    level, (unsigned long long)entry,
		    entry & EPT_READ ? 'R' : '-', entry & EPT_WRITE ? 'W' : '-',
		    entry & EPT_EXECUTE ? 'X' : '-',
		    (unsigned long long)((entry & EPT_ADDRESS) |
					 (gpa & (PTE_SIZE(level) - 1))));
}

static void print_step(struct debug_call *call, u32 shift, u64 at, u64 entry)
{
	debug_print(call, "guest bit %u at=0x%09llx 0x%016llx", shift,
		    (unsigned long long)at, (unsigned long long)entry);
	print_flags(call, entry);
	debug_print(call, "\n");
}

/* The entry at which the walk ended, if it can be read. */
static void print_last(struct debug_call *call, const struct walk_table *start,
		       const struct walk_path *path, u32 steps, u64 gva)
{
	u32 index_bits = path->entry_size == 8 ? 9 : 10;
	u64 base = start->base;
	u32 shift = start->shift;
	u64 entry;
	gpa_t at;

	if (steps != 0) {
		base = path->step[steps - 1].entry & PTE_ADDR;
		shift = path->step[steps - 1].shift - index_bits;
	}
	at.v = base +
	       ((gva >> shift) & (BIT(index_bits) - 1)) * path->entry_size;
	if (port_load_guest(call->vp->partition, at, &entry,
			    path->entry_size) == ERR_OK) {
		print_step(call, shift, at.v, entry);
	}
}

static enum walk_status print_guest(struct debug_call *call,
				    const struct walk_state *state, u64 gva,
				    u64 *gpa)
{
	struct walk_path path = {.entry_size = 8};
	struct walk_table start;
	enum walk_status status = walk_from_cr3(state, gva, &start);
	u32 steps = 0;

	if (status != WALK_OK) {
		return status;
	}
	status = walk_from(call->vp->partition, state, gva, &start, &path);
	while (steps < WALK_STEPS && path.step[steps].shift != 0) {
		print_step(call, path.step[steps].shift, path.step[steps].at.v,
			   path.step[steps].entry);
		steps++;
	}
	if (status == WALK_OK) {
		*gpa = walk_from_page(&path, gva);
	} else {
		print_last(call, &start, &path, steps, gva);
	}
	return status;
}

static void print_result(struct debug_call *call, enum walk_status status,
			 u64 gpa)
{
	debug_print(call, "%s", statuses[status]);
	if (status == WALK_OK) {
		debug_print(call, " gpa=0x%llx", (unsigned long long)gpa);
	}
	debug_print(call, "\n");
}

static bool is_canonical(u64 gva)
{
	return (u64)((s64)(gva << 16) >> 16) == gva;
}

/* Reads the tables once and sets no bit. */
enum debug_end cmd_walk(struct debug_call *call)
{
	u64 gva = call->value[1];
	enum walk_status status = WALK_OK;
	struct walk_state state;
	struct published regs;
	u64 gpa = gva;

	published_read_own(call->vp, &regs);
	walk_state(&state, &regs);
	if (!(regs.cr0 & CR0_PG)) {
		debug_print(call, "paging is off: ");
	} else if (!is_canonical(gva)) {
		status = WALK_BAD_FLAGS;
	} else {
		status = print_guest(call, &state, gva, &gpa);
	}
	print_result(call, status, gpa);
	if (call->vp->shadow != NULL) {
		print_shadow(call, gva);
	}
	if (status == WALK_OK) {
		print_ept(call, gpa);
	}
	return DEBUG_DONE;
}
