/* SPDX-License-Identifier: MIT */
/* Page faults of a software TLB (shadow.h). */
#ifndef HV_CORE_PAGING_SHADOW_FILL_H
#define HV_CORE_PAGING_SHADOW_FILL_H

#include "core/state/shadow.h"

struct partition;
struct walk_state;

enum shadow_end {
	SHADOW_FILLED,     /* enter again */
	SHADOW_PAGE_FAULT, /* the guest's: reflect it */
	SHADOW_OUTSIDE,    /* a table or the page is not in RAM */
	SHADOW_TRAPPED,    /* the leaf is armed (shadow_arm.h) */
};

struct shadow_answer {
	u32 error_code; /* of PAGE_FAULT */
	gpa_t outside;  /* of OUTSIDE: where the CPU would have gone */
};

/*
 * The exit of a #PF at `gva`. Of `error_code` W, U and I are used; `state` is
 * the guest's view, its CPL and AC those of the instruction, and become those
 * of the access. FILLED is also the answer when the guest kept changing its
 * tables: the work is bounded. With PAGE_FAULT what was cached for the address
 * is gone. With TRAPPED nothing has changed but `state`.
 */
enum shadow_end shadow_fault(struct partition *p, struct shadow *s,
			     struct walk_state *state, gva_t gva,
			     u32 error_code,
			     struct shadow_answer *answer) __must_check;

#endif
