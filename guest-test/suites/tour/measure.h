/* SPDX-License-Identifier: MIT */
/*
 * The experiment of the tour suite: VP 0 changes the translation that a VP uses
 * for its reads, and flushes that VP. It prints nothing before its end: a line
 * takes long, and the TLB would lose the old translation meanwhile.
 */
#ifndef GUEST_TEST_SUITES_TOUR_MEASURE_H
#define GUEST_TEST_SUITES_TOUR_MEASURE_H

#include "kernel/page.h"

#include "tlfs/hypercall.h"

#define TOUR_GVA   PAGE_WINDOW
#define TOUR_OLD   111 /* the value in the page that is mapped first */
#define TOUR_NEW   222
#define TOUR_READS 100 /* at least, in each phase */

struct tour_reads {
	u64 first; /* value */
	u64 total;
	u64 old; /* reads of TOUR_OLD */
	u64 fresh;
};

struct tour {
	bool is_measured;
	bool can_call; /* a call of this hypervisor can name the VP */
	u16 code;
	u64 result;
	u64 expected;
	u64 ticks;
	struct tour_reads before; /* from the change of the entry to the call */
	struct tour_reads after;
	/* counted by the test call */
	u64 kicks;
	u64 exits; /* of the VP that is flushed */
	u64 invvpids;
	u64 others; /* INVVPIDs of all other VPs */
	struct lethe_test_record last;
};

/* Measures a flush of VP `target` (0: of the caller) once for each `t`. */
void tour_measure(u32 target, struct tour *t);

#endif
