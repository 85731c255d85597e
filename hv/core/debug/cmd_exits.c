/* SPDX-License-Identifier: MIT */
/* `exits` and `hypercalls`: how many, and what they cost. */
#include "core/debug/commands.h"
#include "core/debug/histogram.h"
#include "core/debug/print.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/trace/stats.h"
#include "tlfs/status.h"

#define NAME_COLUMN 22

/* generated: exit names, from include/exits.toml */
/* clang-format off */
static const char *const names[EXIT_REASON_COUNT] = {
	[EXIT_REASON_EXCEPTION_NMI]      = "EXCEPTION_NMI",
	[EXIT_REASON_EXTERNAL_INTERRUPT] = "EXTERNAL_INTERRUPT",
	[EXIT_REASON_TRIPLE_FAULT]       = "TRIPLE_FAULT",
	[EXIT_REASON_INTERRUPT_WINDOW]   = "INTERRUPT_WINDOW",
	[EXIT_REASON_NMI_WINDOW]         = "NMI_WINDOW",
	[EXIT_REASON_TASK_SWITCH]        = "TASK_SWITCH",
	[EXIT_REASON_CPUID]              = "CPUID",
	[EXIT_REASON_GETSEC]             = "GETSEC",
	[EXIT_REASON_HLT]                = "HLT",
	[EXIT_REASON_INVD]               = "INVD",
	[EXIT_REASON_INVLPG]             = "INVLPG",
	[EXIT_REASON_RDPMC]              = "RDPMC",
	[EXIT_REASON_RSM]                = "RSM",
	[EXIT_REASON_VMCALL]             = "VMCALL",
	[EXIT_REASON_VMCLEAR]            = "VMCLEAR",
	[EXIT_REASON_VMLAUNCH]           = "VMLAUNCH",
	[EXIT_REASON_VMPTRLD]            = "VMPTRLD",
	[EXIT_REASON_VMPTRST]            = "VMPTRST",
	[EXIT_REASON_VMREAD]             = "VMREAD",
	[EXIT_REASON_VMRESUME]           = "VMRESUME",
	[EXIT_REASON_VMWRITE]            = "VMWRITE",
	[EXIT_REASON_VMXOFF]             = "VMXOFF",
	[EXIT_REASON_VMXON]              = "VMXON",
	[EXIT_REASON_CR_ACCESS]          = "CR_ACCESS",
	[EXIT_REASON_IO]                 = "IO",
	[EXIT_REASON_RDMSR]              = "RDMSR",
	[EXIT_REASON_WRMSR]              = "WRMSR",
	[EXIT_REASON_ENTRY_GUEST_STATE]  = "ENTRY_GUEST_STATE",
	[EXIT_REASON_ENTRY_MSR_LOAD]     = "ENTRY_MSR_LOAD",
	[EXIT_REASON_MWAIT]              = "MWAIT",
	[EXIT_REASON_MONITOR]            = "MONITOR",
	[EXIT_REASON_PAUSE]              = "PAUSE",
	[EXIT_REASON_EPT_VIOLATION]      = "EPT_VIOLATION",
	[EXIT_REASON_EPT_MISCONFIG]      = "EPT_MISCONFIG",
	[EXIT_REASON_INVEPT]             = "INVEPT",
	[EXIT_REASON_PREEMPTION_TIMER]   = "PREEMPTION_TIMER",
	[EXIT_REASON_INVVPID]            = "INVVPID",
	[EXIT_REASON_XSETBV]             = "XSETBV",
	[EXIT_REASON_INVPCID]            = "INVPCID",
	[EXIT_REASON_VMFUNC]             = "VMFUNC",
	[EXIT_REASON_SEAMCALL]           = "SEAMCALL",
	[EXIT_REASON_TDCALL]             = "TDCALL",
};
/* clang-format on */
/* end: exit names */

static void print_name(struct debug_call *call, u64 slot)
{
	u64 reason = slot - STATS_CALLS;
	u16 code;

	if (slot >= STATS_CALLS) {
		debug_print(call, "  %s",
			    reason < ARRAY_SIZE(names) && names[reason] != NULL
				    ? names[reason]
				    : "other");
	} else if (stats_code_of(slot, &code)) {
		debug_print(call, "  call 0x%04x", code);
	} else {
		debug_print(call, "  other calls");
	}
	debug_pad(call, NAME_COLUMN);
}

/* Prints the slot if something counts in it, and notes what was seen. */
static void print_slot(struct debug_call *call, const struct vp *vp, u64 slot,
		       bool since_look)
{
	struct histogram h = {0};

	if (since_look) {
		histogram_add_new(&h, vp, slot);
	} else {
		histogram_add(&h, vp, slot);
	}
	histogram_look(vp, slot);
	if (h.sum != 0) {
		print_name(call, slot);
		histogram_print(call, &h);
	}
}

/* cursor[2]: the slot */
static bool print_slots(struct debug_call *call, const struct vp *vp)
{
	bool since_look = call->given > 1 && call->value[1] == 1;

	for (; call->cursor[2] < STATS_SLOTS; call->cursor[2]++) {
		debug_keep_up(call);
		if (!debug_has_room(call)) {
			return false;
		}
		print_slot(call, vp, call->cursor[2], since_look);
	}
	return true;
}

enum debug_end cmd_exits(struct debug_call *call)
{
	if (!STATS_ON) {
		debug_print(call, "built with HISTOGRAM=no\n");
		return DEBUG_DONE;
	}
	if (call->steps == 0) {
		debug_print(call,
			    "%s:%u exits by reason; count, then 2^n ticks: "
			    "how many\n",
			    call->vp->partition->config->name,
			    call->vp->number);
	}
	return print_slots(call, call->vp) ? DEBUG_DONE : DEBUG_MORE;
}

/* ---- hypercalls ---- */

static u64 ends_of_all(const struct debug_call *call, u64 slot, u32 column)
{
	u64 sum = 0;

	for (u32 i = 0; i < machine.partition_count; i++) {
		const struct partition *p = machine.partitions[i];

		if (call->partition != NULL && call->partition != p) {
			continue;
		}
		for (u32 n = 0; n < p->vp_count; n++) {
			sum += stats_ends(p->vps[n], slot, column);
		}
	}
	return sum;
}

static void print_end(struct debug_call *call, u32 column, u64 count)
{
	u32 status;

	if (!stats_status_of(column, &status)) {
		debug_print(call, " other=%llu", (unsigned long long)count);
	} else if (status == STATS_SUSPENDED) {
		debug_print(call, " suspended=%llu", (unsigned long long)count);
	} else if (status == STATS_AGAIN) {
		debug_print(call, " continued=%llu", (unsigned long long)count);
	} else if (status == HV_STATUS_SUCCESS) {
		debug_print(call, " success=%llu", (unsigned long long)count);
	} else {
		debug_print(call, " status_0x%02x=%llu", status,
			    (unsigned long long)count);
	}
}

static void print_call(struct debug_call *call, u64 slot)
{
	bool any = false;

	for (u32 column = 0; column < STATS_ENDS; column++) {
		u64 count = ends_of_all(call, slot, column);

		if (count == 0) {
			continue;
		}
		if (!any) {
			print_name(call, slot);
		}
		any = true;
		print_end(call, column, count);
	}
	if (any) {
		debug_print(call, "\n");
	}
}

static u64 sum_of_all(const struct debug_call *call,
		      u64 (*count)(const struct vp *vp))
{
	u64 sum = 0;

	for (u32 i = 0; i < machine.partition_count; i++) {
		const struct partition *p = machine.partitions[i];

		for (u32 n = 0; n < p->vp_count; n++) {
			sum += call->partition == NULL || call->partition == p
				       ? count(p->vps[n])
				       : 0;
		}
	}
	return sum;
}

/* Calls of a code that is not in the table count as the VMCALL exit. */
static u64 unknown_calls(const struct vp *vp)
{
	return stats_sum(vp, stats_slot_of_exit(EXIT_REASON_VMCALL));
}

static void print_unknown(struct debug_call *call)
{
	u64 sum = sum_of_all(call, unknown_calls);

	if (sum != 0) {
		debug_print(call, "  unknown codes, #UD");
		debug_pad(call, NAME_COLUMN);
		debug_print(call, " %llu\n", (unsigned long long)sum);
	}
}

static u64 suspended_calls(const struct vp *vp)
{
	u32 column = stats_end_of(STATS_SUSPENDED);
	u64 sum = 0;

	for (u64 slot = 0; slot < STATS_CALLS; slot++) {
		sum += stats_ends(vp, slot, column);
	}
	return sum;
}

static void print_suspended(struct debug_call *call)
{
	u64 sum = sum_of_all(call, suspended_calls);

	if (sum != 0) {
		debug_print(
			call, "  suspended %llu, made again %llu\n",
			(unsigned long long)sum,
			(unsigned long long)sum_of_all(call, stats_reissues));
	}
}

enum debug_end cmd_hypercalls(struct debug_call *call)
{
	if (!STATS_ON) {
		debug_print(call, "built with HISTOGRAM=no\n");
		return DEBUG_DONE;
	}
	if (call->cursor[0] < STATS_CALLS) {
		print_call(call, call->cursor[0]++);
		return DEBUG_MORE;
	}
	print_unknown(call);
	print_suspended(call);
	return DEBUG_DONE;
}
