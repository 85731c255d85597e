/* SPDX-License-Identifier: MIT */
/* A partition's serial port: core/emulate/guest_serial.h. */
#ifndef HV_CORE_STATE_GUEST_SERIAL_H
#define HV_CORE_STATE_GUEST_SERIAL_H

#include "core/state/guest_line.h"
#include "core/state/lock.h"
#include "core/state/uart.h"

struct guest_serial {
	struct lock lock; /* may be held when the log lock is taken */

	/* written before launch, then constant */
	const char *name; /* of the partition, for the console's lines */
	bool raw;         /* output goes to COM2, as it is */

	/* under lock */
	struct uart uart; /* what it sends waits for the line before it */
	struct guest_line
		line; /* it is done while the log has no room for it */
	bool ending;  /* in guest_serial_end(): the last lines */
	u64 lost;     /* bytes written when the transmitter was full */
};

#endif
