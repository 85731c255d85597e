/* SPDX-License-Identifier: MIT */
/* Sets up the CPUs: what each has of its own, and loading it. */
#ifndef HV_X86_PERCPU_H
#define HV_X86_PERCPU_H

#include "core/state/cpu.h"
#include "handoff.h"

/*
 * Makes struct cpu, stacks, GDT and TSS for every CPU of the handoff, fills
 * machine.cpus[] and cpu_count, builds the IDT, and loads all that belongs to
 * the boot CPU, so that exceptions are reported from here on. Pre:
 * paging_init().
 */
void percpu_init(const struct handoff *handoff);

/* Makes the CPU that executes this be `cpu`: CR0, CR4, GDT, IDT, GS base. */
void percpu_load(struct cpu *cpu);

/* True once every CPU has its stacks and %gs here is valid. */
bool percpu_is_ready(void);

/*
 * Makes %gs point at this CPU's struct cpu again, whatever it was: for a panic.
 * Does nothing before percpu_init(). Any state, IF = 0.
 */
void percpu_restore(void);

/* Leaves this stack for the root stack of `cpu` and runs fn(cpu) there. */
void percpu_run(struct cpu *cpu, void (*fn)(struct cpu *cpu)) __noreturn;

/* start.S: fn(argument) on another stack */
void start_on_stack(u64 top, void (*fn)(void *), void *argument) __noreturn;

#endif
