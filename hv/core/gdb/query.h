/* SPDX-License-Identifier: MIT */
/* Packets q and Q: what the stub can do, threads, registers, `monitor`. */
#ifndef HV_CORE_GDB_QUERY_H
#define HV_CORE_GDB_QUERY_H

#include "core/gdb/stub.h"

/* After the letter. Boot CPU. */
enum gdb_answer gdb_query(struct gdb_stub *s, struct gdb_text *t);

#endif
