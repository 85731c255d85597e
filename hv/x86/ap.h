/* SPDX-License-Identifier: MIT */
/* Starting the other CPUs. */
#ifndef HV_X86_AP_H
#define HV_X86_AP_H

#include "core/state/cpu.h"
#include "handoff.h"

/*
 * Starts CPU 1 … of machine.cpus[] by INIT-SIPI-SIPI, one after the other, and
 * waits until each has left the trampoline. Each runs cpu_entry(cpu) on its
 * root stack, fully set up (percpu_load(), x2APIC on), IF = 0; cpu_entry() may
 * not return. If a CPU does not arrive within a second, the panic names it.
 * Pre: percpu_init(), tsc_init(), lapic_enable() on the boot CPU; all mappings
 * are made, and paging_seal() has not been called.
 */
void ap_start(const struct handoff *handoff,
	      void (*cpu_entry)(struct cpu *cpu));

#endif
