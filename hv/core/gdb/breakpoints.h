/* SPDX-License-Identifier: MIT */
/*
 * Breakpoints of the debugger. Software ones are INT3 in guest memory, kept by
 * guest-physical address, so that they are found whatever address space hits
 * them. All functions but gdb_breakpoints_any() and gdb_breakpoints_is_at()
 * are the stub's, while all VPs of the partition are held and out.
 */
#ifndef HV_CORE_GDB_BREAKPOINTS_H
#define HV_CORE_GDB_BREAKPOINTS_H

#include "base/err.h"
#include "base/types.h"

struct partition;

#define GDB_SOFTWARE_MAX 64u

/*
 * Puts or takes away an INT3 at `at`. ERR_RANGE: not in RAM, or in the
 * hypercall page, which all partitions share. ERR_NO_MEMORY: the table is full.
 * ERR_NOT_FOUND: there is none.
 */
enum err gdb_breakpoints_put(struct partition *p, gpa_t at,
			     u64 address) __must_check;
enum err gdb_breakpoints_take(struct partition *p, gpa_t at) __must_check;

/*
 * The same for all that were put with that `address`: what GDB calls it,
 * wherever the guest's tables have led and lead by now.
 */
enum err gdb_breakpoints_take_named(struct partition *p,
				    u64 address) __must_check;

/*
 * The same for a hardware breakpoint; `kind` is that of packet Z: 1 execute,
 * 2 write, 4 read or write. ERR_INVALID: the CPU has no such kind, length or
 * alignment.
 */
enum err gdb_breakpoints_put_hardware(u64 address, u64 kind,
				      u64 len) __must_check;
enum err gdb_breakpoints_take_hardware(u64 address, u64 kind,
				       u64 len) __must_check;

/* Takes all away; memory that is not there any more stays as it is. */
void gdb_breakpoints_clear(struct partition *p);

/* The same without the memory: the partition has ended. */
void gdb_breakpoints_forget(void);

/*
 * For memory at `from` that was read from RAM: what the guest had there. For
 * memory that is about to be written: keeps what is under a breakpoint, and the
 * INT3 in it.
 */
void gdb_breakpoints_hide(gpa_t from, u8 *bytes, size_t len);
void gdb_breakpoints_keep(gpa_t to, u8 *bytes, size_t len);

/* On the CPU of any VP of the partition. */
bool gdb_breakpoints_any(void);
bool gdb_breakpoints_is_at(gpa_t at);

#endif
