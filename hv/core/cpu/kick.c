/* SPDX-License-Identifier: MIT */
/* The slow paths of kick and wait. */
#include "core/cpu/kick.h"

#include "core/cpu/wait.h"
#include "core/port/port.h"
#include "core/state/machine.h"

__attribute__((noinline)) u64 kick_by_cpus(struct cpu *self,
					   const struct vp *caller,
					   const struct partition *p,
					   const struct vp_set *set)
{
	u64 kicks = 0;

	record_targets(caller, set);

	for (u32 i = 0; i < machine.cpu_count; i++) {
		struct cpu *cpu = machine.cpus[i];
		u64 word = run_read(cpu);

		if (run_has_one_of(word, p, set)) {
			u64 index = FIELD_GET(RUN_VP_INDEX, word);
			u64 targets = set->words[index / 64];

			kick_one(self, caller, kicks, cpu, word, targets);
			kicks++;
		}
	}
	return kicks;
}

__attribute__((noinline, cold)) void kick_wait_for(const struct cpu *cpu,
						   u64 word)
{
	u64 began = port_tsc();

	if (!wait_for_change(&cpu->run, word)) {
		port_panic("cpu %u did not leave guest mode: run=0x%llx "
			   "was=0x%llx",
			   cpu->number, (unsigned long long)run_read(cpu),
			   (unsigned long long)word);
	}
	record_here(TRACE_WAITED, cpu->number, word, port_tsc() - began);
}
