/* SPDX-License-Identifier: MIT */
/*
 * A debugger for the guest of one partition: a stub of GDB's remote serial
 * protocol on COM2. It runs on the boot CPU, a few bytes at a time, and never
 * waits; docs/debugging.md says how to use it.
 */
#ifndef HV_CORE_GDB_GDB_H
#define HV_CORE_GDB_GDB_H

#include "base/types.h"

/* Finds the partition with `gdb = com2`; true: there is one. Before launch. */
bool gdb_init(void);

/*
 * Takes and sends what COM2 has and takes at once. Boot CPU, in root mode, run
 * word even.
 */
void gdb_poll(void);

/* Ticks after which it has to be called again; ~0: whenever. Boot CPU. */
u64 gdb_interval(u64 now);

#endif
