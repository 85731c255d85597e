/* SPDX-License-Identifier: MIT */
/* The interrupts of the UARTs: an NMI of the boot CPU for received bytes. */
#ifndef HV_X86_LINE_H
#define HV_X86_LINE_H

#include "handoff.h"

/*
 * From now on a byte that COM1 receives, or COM2 if somebody reads it, is an
 * NMI of this CPU where the machine can do that, and machine.line_quiet is set;
 * a line of the boot says of each port how its bytes are noticed. Boot CPU,
 * before the others start; serial_init() of the ports is done, and who reads
 * COM2 is known.
 */
void line_init(const struct handoff *handoff);

#endif
