/* SPDX-License-Identifier: MIT */
/* The idle timer around the halt of idle_halt.S. */
#include "x86/idle.h"

#include "core/port/port.h"
#include "x86/insn.h"
#include "x86/lapic.h"

void idle_wait(struct cpu *cpu, u64 deadline)
{
	HV_ASSERT(cpu == this_cpu());
	if (deadline != ~0ull) {
		lapic_timer_arm(deadline);
	}
	idle_halt();
	if (deadline != ~0ull) {
		lapic_timer_disarm();
	}
}
