/* SPDX-License-Identifier: MIT */
/*
 * A partition's serial port at 0x3F8-0x3FF: a 16550A whose output is gathered
 * to lines for log_guest_line(). While the log has no room for a complete line,
 * the transmitter is not empty. What the console receives goes to the 16550A.
 */
#ifndef HV_CORE_EMULATE_GUEST_SERIAL_H
#define HV_CORE_EMULATE_GUEST_SERIAL_H

#include "core/state/guest_serial.h"

/* Power-on state; `name` must stay valid. */
void guest_serial_init(struct guest_serial *serial, const char *name);

/* IN and OUT of one byte; `reg` is 0-7. Any CPU; takes the lock. */
u8 guest_serial_read(struct guest_serial *serial, u16 reg);
void guest_serial_write(struct guest_serial *serial, u16 reg, u8 value);

/*
 * A byte for the guest; false if it is not taken (keep the byte). Any CPU;
 * takes the lock.
 */
bool guest_serial_receive(struct guest_serial *serial, u8 byte);

/*
 * The partition has stopped: sends everything that waits, an unfinished line
 * too. Waits, at most 2 s, until the log takes it; meanwhile other partitions'
 * transmitters are not ready. Pre: no lock is held; the guest does not run.
 */
void guest_serial_flush(struct guest_serial *serial);

#endif
