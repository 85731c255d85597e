/* SPDX-License-Identifier: MIT */
/* `apic`: a VP's local APIC. */
#include "core/apic/interrupts.h"
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/port/port.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

/* The vectors of a register of 256 bits. */
static void print_vectors(struct debug_call *call, const char *name,
			  const u64 words[4])
{
	u64 bit;

	debug_print(call, "%s:", name);
	for (u32 i = 0; i < 4; i++) {
		BITS_FOR_EACH(bit, words[i]) {
			if (!debug_has_room(call)) {
				debug_print(call, " ...");
				i = 4;
				break;
			}
			debug_print(call, " 0x%02x", i * 64 + (u32)bit);
		}
	}
	debug_print(call, "\n");
}

enum debug_end cmd_apic(struct debug_call *call)
{
	const struct vapic *v = &call->vp->own.vapic;
	static const char *const names[] = {"timer", "thermal", "perf",
					    "lint0", "lint1",   "error"};

	debug_print(call,
		    "id=%u %s svr=0x%x tpr=0x%x ppr=0x%x esr=0x%x icr=0x%llx\n",
		    v->id, vapic_is_enabled(v) ? "enabled" : "disabled", v->svr,
		    v->tpr, vapic_ppr(v), v->esr, (unsigned long long)v->icr);
	for (u32 i = 0; i < VAPIC_LVT_COUNT; i++) {
		debug_print(call, "%s=0x%x%s", names[i], v->lvt[i],
			    i + 1 == VAPIC_LVT_COUNT ? "\n" : " ");
	}
	debug_print(call, "initial_count=0x%x divide=0x%x ", v->initial_count,
		    v->divide);
	if (v->timer_armed) {
		debug_print(call, "timer in %lld ticks\n",
			    (long long)(v->timer_deadline - port_tsc()));
	} else {
		debug_print(call, "timer off\n");
	}
	print_vectors(call, "irr", v->irr);
	print_vectors(call, "isr", v->isr);
	print_vectors(call, "posted", call->vp->shared.posted_irr);
	return DEBUG_DONE;
}
