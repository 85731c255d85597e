/* SPDX-License-Identifier: MIT */
/* The run word's slow paths: idling, and waiting for another CPU. */
#include "core/cpu/run_word.h"

#include "core/port/port.h"
#include "core/port/step.h"
#include "core/state/machine.h"

#define RUN_WAIT_SPINS 256 /* looks between two reads of the TSC */

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
	return true;
}

void run_idle_end(struct cpu *cpu)
{
	__atomic_store_n(&cpu->run, cpu->run & ~RUN_IDLE, __ATOMIC_RELEASE);
}

void run_wait(const struct cpu *cpu, u64 word)
{
	u64 limit = 0; /* TSC; set once the first looks were in vain */

	for (;;) {
		for (u32 i = 0; i < RUN_WAIT_SPINS; i++) {
			/* until it differs, not until it is even: the even
			   value may never be seen. rule: wait-for-change */
			if (run_read(cpu) != word) {
				return;
			}
			port_pause();
		}
		if (limit == 0) {
			limit = port_tsc() + machine.tsc_hz / 10;
		}
		if (port_panicking() || port_tsc() > limit) {
			break;
		}
	}
	port_panic("cpu %u did not leave guest mode: run=0x%llx was=0x%llx",
		   cpu->number, (unsigned long long)run_read(cpu),
		   (unsigned long long)word);
}
