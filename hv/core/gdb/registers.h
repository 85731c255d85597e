/* SPDX-License-Identifier: MIT */
/*
 * The registers that GDB sees: one table (register_table.h) for the target
 * description, for the packets g, G, p and P, and for reading and writing them
 * at the VP. The VP's side goes through core/registers, so that a value which
 * VM entry would refuse is refused here.
 */
#ifndef HV_CORE_GDB_REGISTERS_H
#define HV_CORE_GDB_REGISTERS_H

#include "core/gdb/reply.h"
#include "core/gdb/text.h"

#define GDB_REGISTERS     77u
#define GDB_REGISTER_SIZE 16u /* bytes, of the widest */

/* All registers of a VP: each in the bytes that GDB sends */
struct gdb_registers {
	u8 value[GDB_REGISTERS][GDB_REGISTER_SIZE];
};

/* Appends register `n`, or all. False: there is no such register. */
bool gdb_registers_put(struct gdb_reply *r, const struct gdb_registers *regs,
		       u64 n);
void gdb_registers_put_all(struct gdb_reply *r,
			   const struct gdb_registers *regs);

/* Takes the value of register `n`, or of all, from a packet. */
bool gdb_registers_take(struct gdb_text *t, struct gdb_registers *regs, u64 n);
bool gdb_registers_take_all(struct gdb_text *t, struct gdb_registers *regs);

u64 gdb_registers_rip(const struct gdb_registers *regs);

/*
 * Appends the characters [offset, offset + len) of the target description, as
 * far as there is room; returns true if it ends there.
 */
bool gdb_registers_describe(struct gdb_reply *r, u64 offset, u64 len);

#endif
