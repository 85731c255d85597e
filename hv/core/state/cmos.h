/* SPDX-License-Identifier: MIT */
/* The state of the CMOS clocks: the machine's, and what a guest has chosen. */
#ifndef HV_CORE_STATE_CMOS_H
#define HV_CORE_STATE_CMOS_H

#include "base/types.h"

/* The machine's clock as it was at its start. */
struct cmos_clock {
	bool valid;  /* false: the machine has none that could be read */
	u64 seconds; /* since 1970-01-01, of the date that the clock showed */
	u64 tsc;     /* when it showed that */
};

/* A partition's port 0x70. */
struct cmos {
	u8 index; /* any CPU, atomic */
};

#endif
