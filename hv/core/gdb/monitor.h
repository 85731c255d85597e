/* SPDX-License-Identifier: MIT */
/* `monitor` in GDB: the commands of the debug console. */
#ifndef HV_CORE_GDB_MONITOR_H
#define HV_CORE_GDB_MONITOR_H

#include "core/gdb/stub.h"

/* Runs the command in `line`, a piece in each call. Boot CPU. */
enum gdb_answer gdb_monitor(struct gdb_stub *s, const char *line, size_t len);

#endif
