/* SPDX-License-Identifier: MIT */
/*
 * Stopping the CPUs for a panic. A CPU stops where the NMI finds it, also while
 * it waits for a lock; one that is in a guest or on its way there stops at its
 * next look at the events of its VPs.
 */
#include "x86/panic_stop.h"

#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/state/vp.h"
#include "x86/insn.h"
#include "x86/lapic.h"
#include "x86/panic.h"
#include "x86/poweroff.h"

/* How often it is checked whether the others have stopped (about 10 ms) */
#define PATIENCE 100000u

u32 panic_stop_owner;

static struct panic_seen seen[CPUS_MAX];
static u32 stopped; /* any CPU, atomic */

static u32 owner(void)
{
	return __atomic_load_n(&panic_stop_owner, __ATOMIC_RELAXED);
}

bool port_panicking(void)
{
	return owner() != 0 && owner() != port_cpu_number() + 1;
}

void panic_stop_note(const char *text)
{
	seen[port_cpu_number()].text = text;
}

static void stop(u64 rip) __noreturn;
static void stop(u64 rip)
{
	struct panic_seen *mine = &seen[port_cpu_number()];

	mine->rip = rip;
	mine->guest_rip = vmx_panic_guest_rip();
	/* Release: pair with panic_stop_seen() and panic_stop_others() */
	__atomic_store_n(&mine->answered, 1, __ATOMIC_RELEASE);
	__atomic_fetch_add(&stopped, 1, __ATOMIC_RELEASE);
	poweroff_halt();
}

void panic_stop_here(u64 rip)
{
	stop(rip);
}

void panic_stop_nmi(u64 rip)
{
	if (port_panicking()) {
		stop(rip);
	}
}

bool panic_stop_claim(const char *text, u64 rip)
{
	u32 me = port_cpu_number() + 1;
	u32 found = 0;

	panic_stop_note(text);
	if (__atomic_compare_exchange_n(&panic_stop_owner, &found, me, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		return true;
	}
	if (found != me) {
		stop(rip);
	}
	return false;
}

/* Needed beside the NMI, which a CPU on its way into a guest forgets. */
static void post_to_all(void)
{
	for (u32 i = 0; i < machine.cpu_count; i++) {
		const struct cpu *cpu = machine.cpus[i];

		for (u32 k = 0; k < cpu->vp_count; k++) {
			__atomic_fetch_or(&cpu->vps[k]->shared.events,
					  VP_EVENT_PANIC, __ATOMIC_SEQ_CST);
		}
	}
}

void panic_stop_others(void)
{
	u32 others = 0;

	post_to_all();
	for (u32 i = 0; i < machine.cpu_count; i++) {
		if (i != port_cpu_number()) {
			lapic_send_nmi(machine.cpus[i]->apic_id);
			others++;
		}
	}
	/* Acquire: pairs with stop(); a CPU that hangs is not waited for */
	for (u32 i = 0; i < PATIENCE &&
			__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) < others;
	     i++) {
		insn_pause();
	}
}

const struct panic_seen *panic_stop_seen(u32 number)
{
	/* Acquire: pairs with stop() */
	return __atomic_load_n(&seen[number].answered, __ATOMIC_ACQUIRE)
		       ? &seen[number]
		       : NULL;
}
