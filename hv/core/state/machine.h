/* SPDX-License-Identifier: MIT */
/* The one machine: its CPUs and what they can do. */
#ifndef HV_CORE_STATE_MACHINE_H
#define HV_CORE_STATE_MACHINE_H

#include "core/port/port.h"
#include "core/state/cmos.h"
#include "core/state/cpu.h"

#define PARTITIONS_MAX 4

struct partition;

struct machine {
	/* written before launch, then constant */
	u32 cpu_count;
	u32 partition_count;
	struct cpu *cpus[CPUS_MAX];
	struct partition *partitions[PARTITIONS_MAX];
	u64 tsc_hz;
	u64 start_tsc; /* when the first partition was built */
	struct cmos_clock clock;
	const char *commit; /* of the sources, as the banner says */
	enum invvpid_type
		invvpid_context; /* SINGLE or, as its fall-back, ALL */
	u64 line_quiet;          /* TSC ticks after a look in which no NMI comes
				    from a UART; 0: none ever does */
	u64 apic_hz;             /* of the VPs' APIC timers */
	u64 preemption_round;    /* TSC ticks per timer unit, minus 1 */
	u32 preemption_shift;    /* TSC ticks per timer unit: 1 << shift */
	bool invvpid_address;    /* which INVVPID types every CPU has */
	bool invvpid_all;
	bool invvpid_retain_globals;
	bool invept_single;
	bool goes_on; /* without partitions that run: at-end = console */

	/* any CPU, atomic */
	u32 partitions_running;
};

extern struct machine machine;

#endif
