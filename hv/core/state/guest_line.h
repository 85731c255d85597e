/* SPDX-License-Identifier: MIT */
/* A line of a guest's output as it is gathered: core/emulate/guest_line.h. */
#ifndef HV_CORE_STATE_GUEST_LINE_H
#define HV_CORE_STATE_GUEST_LINE_H

#include "base/types.h"

#define GUEST_LINE_MAX 200 /* longer lines are split */

struct guest_line {
	char text[GUEST_LINE_MAX]; /* without a final 0 */
	u32 len;
	bool done;  /* complete: guest_line_next() comes before other bytes */
	bool split; /* the line before it was cut at GUEST_LINE_MAX */
};

#endif
