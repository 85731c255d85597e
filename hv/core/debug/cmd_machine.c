/* SPDX-License-Identifier: MIT */
/* Commands about the machine: CPUs, memory, version. */
#include "core/cpu/run_word.h"
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/state/machine.h"

#define KIB_PER_PAGE (PAGE_SIZE / 1024)

#ifndef LETHE_VERSION
#define LETHE_VERSION "unversioned"
#endif

/* The VP that a run word names, or NULL. */
static const struct vp *vp_of(u64 word)
{
	u64 number = FIELD_GET(RUN_PARTITION, word);

	return number < machine.partition_count
		       ? partition_vp(machine.partitions[number],
				      (u32)FIELD_GET(RUN_VP_INDEX, word))
		       : NULL;
}

static void print_cpu(struct debug_call *call, const struct cpu *cpu)
{
	u64 word = run_read(cpu);
	const struct vp *vp = cpu->vp_count != 0 ? vp_of(word) : NULL;

	debug_print(call, "%u apic_id=%u ", cpu->number, cpu->apic_id);
	if (word & RUN_IDLE) {
		debug_print(call, "idle");
	} else {
		debug_print(call, "%s", word & RUN_GUEST ? "guest" : "root");
	}
	if (vp != NULL) {
		debug_print(call, " vp=%s:%u", vp->partition->config->name,
			    vp->number);
	}
	debug_print(call, " vps=%u kicks_sent=%llu nmis=%llu aborts=%llu%s\n",
		    cpu->vp_count, (unsigned long long)cpu->kicks_sent,
		    (unsigned long long)cpu->nmi_count,
		    (unsigned long long)cpu->aborts,
		    __atomic_load_n(&cpu->sliced, __ATOMIC_RELAXED) ? " sliced"
								    : "");
}

/* Counters of other CPUs are read as they are: hints. */
enum debug_end cmd_cpu(struct debug_call *call)
{
	while (call->cursor[0] < machine.cpu_count) {
		if (!debug_has_room(call)) {
			return DEBUG_MORE;
		}
		print_cpu(call, machine.cpus[call->cursor[0]++]);
	}
	return DEBUG_DONE;
}

enum debug_end cmd_mem(struct debug_call *call)
{
	u64 pages;
	u64 used;

	port_pool_usage(&pages, &used);
	debug_print(call, "pool: %llu of %llu KiB used\n",
		    (unsigned long long)(used * KIB_PER_PAGE),
		    (unsigned long long)(pages * KIB_PER_PAGE));
	for (u32 i = 0; i < machine.partition_count; i++) {
		const struct partition *p = machine.partitions[i];

		debug_print(call, "%s: memory=%lluM at=0x%llx", p->config->name,
			    p->memory_len / MIB,
			    (unsigned long long)p->memory.v);
		if (p->config->paging == CONFIG_PAGING_SHADOW) {
			debug_print(call, " software_tlb=%u KiB",
				    p->vp_count * p->config->shadow_pages *
					    (u32)KIB_PER_PAGE);
		}
		debug_print(call, "\n");
	}
	return DEBUG_DONE;
}

enum debug_end cmd_version(struct debug_call *call)
{
	debug_print(call, "lethe %s compiler=%s\n", LETHE_VERSION, __VERSION__);
	debug_print(call, "cpus=%u tsc_hz=%llu partitions=%u\n",
		    machine.cpu_count, (unsigned long long)machine.tsc_hz,
		    machine.partition_count);
	return DEBUG_DONE;
}
