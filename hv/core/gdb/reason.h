/* SPDX-License-Identifier: MIT */
/* Why the partition has stopped, as a stop reply. Boot CPU. */
#ifndef HV_CORE_GDB_REASON_H
#define HV_CORE_GDB_REASON_H

#include "core/gdb/stub.h"

/* Appends the reason of the last stop, which is the answer to "?" too. */
void gdb_reason_put(struct gdb_stub *s);

/* Appends the end of the last life that has ended. */
void gdb_reason_put_exit(struct gdb_stub *s);

/*
 * What a stop reply cannot say, if anything, as a packet of its own: output of
 * the target, which GDB prints.
 */
void gdb_reason_say(struct gdb_stub *s);

#endif
