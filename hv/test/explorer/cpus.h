/* SPDX-License-Identifier: MIT */
/*
 * Models the CPUs around the core's code: the entry window, guest mode with a
 * TLB, and the halt, as hv/vmx/loop.c, entry.S and hv/x86/idle_halt.S implement
 * them.
 */
#ifndef HV_TEST_EXPLORER_CPUS_H
#define HV_TEST_EXPLORER_CPUS_H

#include "core/cpu/run_word.h"
#include "core/flush/caller.h"
#include "core/state/machine.h"
#include "explorer/explore.h"

#define CPUS_PAGES 2 /* guest pages that are remapped */
#define PTE_OLD    1
#define PTE_NEW    2

/* What only the checks know. It is not memory of the machine. */
struct cpus_ghost {
	bool flushed[CPUS_PAGES]; /* flush_run() for it has returned */
	bool tlb_has[EXPLORE_THREADS_MAX][CPUS_PAGES];
	u64 tlb[EXPLORE_THREADS_MAX][CPUS_PAGES];
	bool verified[EXPLORE_THREADS_MAX][CPUS_PAGES]; /* and used after it */
	u32 exits_left[EXPLORE_THREADS_MAX];            /* EXIT_OWN_WILL */
	bool must_exit; /* they are not optional */
	bool event_seen[EXPLORE_THREADS_MAX];
	bool inhibit_over; /* inhibit_clear() of it has begun */
};

extern struct cpus_ghost ghost;
extern u64 pte[CPUS_PAGES];
extern struct vp vps[EXPLORE_THREADS_MAX];
extern struct cpu cpus[EXPLORE_THREADS_MAX];

/*
 * Makes `count` CPUs in root mode with VP n on CPU n. All pages have their old
 * translation.
 */
void cpus_setup(u32 count);

/* The guest of this CPU changes the page and makes the hypercall. */
void cpus_remap(u32 page, enum flush_kind kind, u64 targets);

/*
 * The same call without a change of the page. False: the call met an inhibited
 * target and called suspend_begin().
 */
bool cpus_flush(enum flush_kind kind, u64 targets);

/*
 * Enters guest mode from root mode. False: the entry was given up, and the work
 * that prevented it is done.
 */
bool cpus_enter(void);

enum cpus_exit {
	EXIT_NMI,      /* kicked */
	EXIT_OWN_WILL, /* hypercall or HLT: uses one of exits_left */
	EXIT_VERIFIED, /* the guest used all `pages` after their flushes */
};

/* Runs in guest mode: uses pages in any order until something ends it. */
enum cpus_exit cpus_guest(u32 pages);

/* Takes events and flush work, as service_vp() does. */
void cpus_serve(void);

/* The guest executes HLT: the CPU idles until it has taken an event. */
void cpus_idle(void);

/* The VP is suspended: the CPU idles until it may make its call again. */
void cpus_sleep(void);

/* For `finished`: fails if a CPU is in guest mode or does flush work. */
void cpus_check_idle(void);

#endif
