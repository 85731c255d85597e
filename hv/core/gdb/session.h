/* SPDX-License-Identifier: MIT */
/* The packets: one table of handlers by the first character. Boot CPU. */
#ifndef HV_CORE_GDB_SESSION_H
#define HV_CORE_GDB_SESSION_H

#include "core/gdb/stub.h"

/*
 * Answers the packet in s->packet, or leaves s->again true: then it has to be
 * called again when the job is done. A packet that the stub does not know has
 * an empty answer.
 */
void gdb_session_answer(struct gdb_stub *s);

#endif
