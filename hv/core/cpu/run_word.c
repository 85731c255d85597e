/* SPDX-License-Identifier: MIT */
/* The run word's slow path: idling. */
#include "core/cpu/run_word.h"

#include "core/port/step.h"

bool run_idle_begin(struct cpu *cpu)
{
	u64 word = cpu->run;

	port_step(STEP_IDLE);
	__atomic_store_n(&cpu->kicked, 0, __ATOMIC_RELAXED);
	/* pairs with vp_post(): it sees IDLE, or we see its event.
	   rule: idle-has-a-window, idle-before-look, look-before-idle */
	__atomic_exchange_n(&cpu->run, word | RUN_IDLE, __ATOMIC_SEQ_CST);
	for (u32 i = 0; i < cpu->vp_count; i++) {
		if (due_has_events(cpu->vps[i])) {
			run_idle_end(cpu);
			return false;
		}
	}
	/* an NMI after this finds the window. rule: idle-has-a-window */
	if (run_is_line_called(cpu)) {
		run_idle_end(cpu);
		return false;
	}
	return true;
}

void run_idle_end(struct cpu *cpu)
{
	__atomic_store_n(&cpu->run, cpu->run & ~RUN_IDLE, __ATOMIC_RELEASE);
}
