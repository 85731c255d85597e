/* SPDX-License-Identifier: MIT */
/* A VP's local APIC in x2APIC mode: core/apic/. */
#ifndef HV_CORE_STATE_APIC_H
#define HV_CORE_STATE_APIC_H

#include "base/types.h"

/* SDM 3A, "Local Vector Table": in the order of their MSRs */
enum vapic_lvt {
	VAPIC_LVT_TIMER,
	VAPIC_LVT_THERMAL,
	VAPIC_LVT_PERF,
	VAPIC_LVT_LINT0,
	VAPIC_LVT_LINT1,
	VAPIC_LVT_ERROR,
	VAPIC_LVT_COUNT,
};

struct vapic {
	u32 id; /* written before launch, then constant */

	/* owned by the VP's CPU: registers, as the guest reads them */
	u64 base; /* IA32_APIC_BASE; INIT leaves it */
	u32 tpr;
	u32 svr; /* read by any CPU: vapic_is_enabled() */
	u32 esr;
	u64 icr;
	u32 lvt[VAPIC_LVT_COUNT];
	u32 initial_count;
	u32 divide;
	u64 irr[4]; /* one bit per vector */
	u64 isr[4];
	u64 tmr[4];

	/* owned by the VP's CPU: what the registers do not show */
	u32 esr_pending;  /* errors since the last write to ESR */
	bool error_fired; /* no error interrupt until ESR is written */
	bool timer_armed;
	u64 timer_deadline; /* TSC; valid while armed, in all modes */
};

#endif
