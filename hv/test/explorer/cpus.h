/* SPDX-License-Identifier: MIT */
/*
 * The modelled CPUs around the core's code: entry window, guest mode with a
 * TLB, halt; as hv/vmx/loop.c, entry.S and hv/x86/idle_halt.S do it.
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

/* What only the checks know: not memory of the machine */
struct cpus_ghost {
	bool flushed[CPUS_PAGES]; /* flush_run() for it has returned */
	bool tlb_has[EXPLORE_THREADS_MAX][CPUS_PAGES];
	u64 tlb[EXPLORE_THREADS_MAX][CPUS_PAGES];
	bool verified[EXPLORE_THREADS_MAX][CPUS_PAGES]; /* used it since */
	u32 exits_left[EXPLORE_THREADS_MAX]; /* by the guest's own will */
	bool must_exit;                      /* they are sure to come */
	bool event_seen[EXPLORE_THREADS_MAX];
	bool inhibit_over; /* inhibit_clear() of it has begun */
};

extern struct cpus_ghost ghost;
extern u64 pte[CPUS_PAGES];
extern struct vp vps[EXPLORE_THREADS_MAX];
extern struct cpu cpus[EXPLORE_THREADS_MAX];

/* `count` CPUs in root mode, VP n on CPU n, old translations everywhere. */
void cpus_setup(u32 count);

/* The guest of this CPU changes the page and makes the hypercall. */
void cpus_remap(u32 page, enum flush_kind kind, u64 targets);

/*
 * The same call without a change of the page. False: it met an inhibited
 * target and suspend_begin() was called.
 */
bool cpus_flush(enum flush_kind kind, u64 targets);

/*
 * From root mode into guest mode. True: in guest mode. False: the entry was
 * given up; what was found is served.
 */
bool cpus_enter(void);

enum cpus_exit {
	EXIT_NMI,      /* kicked */
	EXIT_OWN_WILL, /* hypercall or HLT: costs one of exits_left */
	EXIT_VERIFIED, /* every page of `pages` was used after its flush */
};

/* Guest mode: uses pages in any order until something ends it. */
enum cpus_exit cpus_guest(u32 pages);

/* Events and flush work, as service_vp(). */
void cpus_serve(void);

/* HLT of the guest: idles until an event has been served. */
void cpus_idle(void);

/* A suspended VP: idles until it may make its call again. */
void cpus_sleep(void);

/* For `finished`: nothing is left over. */
void cpus_check_idle(void);

#endif
