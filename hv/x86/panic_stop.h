/* SPDX-License-Identifier: MIT */
/*
 * How a panic stops the CPUs. The first CPU that panics owns the report; all
 * others stop for ever and note what they were doing.
 */
#ifndef HV_X86_PANIC_STOP_H
#define HV_X86_PANIC_STOP_H

#include "base/types.h"

/* What a CPU was doing when it stopped; written by that CPU only. */
struct panic_seen {
	u32 answered;     /* atomic, last: the rest is valid */
	u64 rip;          /* in root mode */
	u64 guest_rip;    /* of the VP that is current; 0: none */
	const char *text; /* why it panicked itself; NULL: it did not */
};

/* Any CPU, atomic: number + 1 of the CPU that panicked, 0: none. isr.S */
extern u32 panic_stop_owner;

/*
 * Notes that this CPU panics, before it can say exactly why: another CPU's
 * panic may stop it at any instruction from here on. %gs valid.
 */
void panic_stop_note(const char *text);

/*
 * Makes this CPU the owner, or stops it for ever if another one is; `text` says
 * why it panics and stays valid. Returns true on the first call of the owner,
 * false on later ones: the report itself has failed. IF = 0, %gs valid.
 */
bool panic_stop_claim(const char *text, u64 rip) __must_check;

/*
 * Stops all other CPUs by NMI, and by an event for those on their way into a
 * guest; waits about 10 ms for their answers. Owner only.
 */
void panic_stop_others(void);

/* What the CPU noted; NULL if it does not answer. Owner only. */
const struct panic_seen *panic_stop_seen(u32 number);

/* Stops this CPU for ever: the next look at a panic, from panic_check(). */
void panic_stop_here(u64 rip) __noreturn;

/*
 * From the NMI handler, once a CPU has panicked, with the RIP that the NMI
 * interrupted. Returns on the owner only.
 */
void panic_stop_nmi(u64 rip);

#endif
