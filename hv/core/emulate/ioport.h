/* SPDX-License-Identifier: MIT */
/* Which I/O ports a guest has, and what an IN or OUT on them does. */
#ifndef HV_CORE_EMULATE_IOPORT_H
#define HV_CORE_EMULATE_IOPORT_H

#include "base/types.h"

struct vp;

enum ioport_outcome {
	IOPORT_DONE,
	IOPORT_UNKNOWN, /* nothing there: ones were read, the write is lost */
	IOPORT_STOPS,   /* the access stops the partition: the caller's task */
};

struct ioport_result {
	enum ioport_outcome outcome;
	u32 exit_code;      /* of IOPORT_STOPS, else 0 */
	const char *reason; /* of IOPORT_STOPS, a constant string; else NULL */
};

/*
 * One IN (`in`, fills *value, upper bits 0) or OUT (takes *value) of `size` =
 * 1, 2 or 4 bytes. An access wider than a device's register is split into bytes
 * at consecutive ports, as the hardware's bus does it. The caller handles
 * string instructions, and stops the partition if the result says so. Called in
 * root mode, on the VP's own CPU.
 */
struct ioport_result ioport_access(struct vp *vp, u16 port, u8 size, bool in,
				   u32 *value);

#endif
