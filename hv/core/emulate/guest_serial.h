/* SPDX-License-Identifier: MIT */
/*
 * A partition's serial port at 0x3F8-0x3FF: a 16550A whose output is gathered
 * to lines for log_guest_line(), or goes to COM2 as it is. While there is no
 * room for a complete line, the transmitter is not empty. What is received for
 * the guest goes to the 16550A.
 */
#ifndef HV_CORE_EMULATE_GUEST_SERIAL_H
#define HV_CORE_EMULATE_GUEST_SERIAL_H

#include "core/state/guest_serial.h"

/*
 * Power-on state; `name` must stay valid. `raw`: output goes to COM2 as it is.
 */
void guest_serial_init(struct guest_serial *serial, const char *name, bool raw);

/*
 * Power-on state again, for a partition that starts again. Any CPU; takes the
 * lock.
 */
void guest_serial_reset(struct guest_serial *serial);

/* IN and OUT of one byte; `reg` is 0-7. Any CPU; takes the lock. */
u8 guest_serial_read(struct guest_serial *serial, u16 reg);
void guest_serial_write(struct guest_serial *serial, u16 reg, u8 value);

/*
 * Hands on what waits for room, for a guest that does not touch its port any
 * more. Any CPU; takes the lock if something waits.
 */
void guest_serial_poll(struct guest_serial *serial);

/*
 * A byte for the guest; false if it is not taken (keep the byte). Any CPU;
 * takes the lock.
 */
bool guest_serial_receive(struct guest_serial *serial, u8 byte);

/*
 * The partition has stopped: hands on everything that waits, an unfinished line
 * too, without waiting. There is room for a line and the 16 bytes that may
 * follow THRE; what does not fit is counted in a line. Pre: no lock is held;
 * the guest does not run.
 */
void guest_serial_end(struct guest_serial *serial);

#endif
