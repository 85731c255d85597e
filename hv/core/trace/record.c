/* SPDX-License-Identifier: MIT */
/* Records that are not on the path of a hypercall. */
#include "core/trace/record.h"

#include "core/state/machine.h"

_Static_assert(RECORD_RING_LEN == 1u << 16, "cpu->trace_low wraps");

__attribute__((noinline)) void record_write_exit(struct vp *vp, u64 reason,
						 u64 qualification)
{
	u64 basic = reason & EXIT_REASON_BASIC;
	u64 word = record_head(vp->run_id, TRACE_EXIT) | basic << 48 |
		   stats_slot_of_exit(basic) << 40;

	if (reason & EXIT_REASON_ENTRY_FAILURE) {
		word |= RECORD_FAILED;
	}
	vp->own.exit_record = vp->cpu->trace;
	record_fill(vp->cpu, word, qualification, ~0ull);
}

__attribute__((noinline)) void record_write(const struct vp *vp,
					    enum trace_event event, u32 a0,
					    u64 a1, u64 a2)
{
	record_fill_named(vp, event, a0, a1, a2);
}

__attribute__((noinline)) void record_write_here(u32 event_flags, u32 a0,
						 u64 a1, u64 a2)
{
	struct cpu *cpu = machine.cpus[port_cpu_number()];
	struct trace_record *record;

	if (cpu == NULL || cpu->trace == NULL) {
		return; /* without rings: the machine is not complete yet */
	}
	event_flags |= cpu->vp == NULL ? (u32)record_head(TRACE_NO_VP, 0)
				       : cpu->vp->trace_name;
	record = record_next(cpu);
	*(u32 *)&record->event = event_flags;
	record->a0 = a0;
	record->a1 = a1;
	record->a2 = a2;
}

void record_init(struct cpu *cpu, void *ring, void *spare)
{
	HV_ASSERT((uintptr_t)ring % RECORD_RING_LEN == 0 &&
		  (uintptr_t)spare % RECORD_RING_LEN == 0);
	cpu->trace_ring = ring;
	cpu->trace_spare = spare;
	cpu->trace = ring;
}
