/* SPDX-License-Identifier: MIT */
/* The rows: what GDB calls a register, and where the VP has it. */
#ifndef HV_CORE_GDB_REGISTER_TABLE_H
#define HV_CORE_GDB_REGISTER_TABLE_H

#include "core/gdb/registers.h"

struct vp;

/* How the bytes that GDB sends relate to what the VP has */
enum gdb_register_kind {
	GDB_PLAIN,    /* the value of the register `where` (HV_*_REGISTER_*) */
	GDB_SELECTOR, /* the selector of the segment `where` */
	GDB_BASE,     /* its base */
	GDB_FPU,      /* bytes at `where` of the FXSAVE area */
	GDB_FPU_16,   /* 16 bits there, zero-extended */
	GDB_FPU_TAG,  /* the tag word, abridged there */
	GDB_MXCSR,    /* bytes there; reserved bits are not written */
};

struct gdb_register {
	const char *name;
	u16 bits;
	u16 kind;
	u32 where;
	const char *type;    /* NULL: an integer */
	const char *feature; /* the text before the first one of a feature */
};

#define GDB_REGISTER_RIP 16u

extern const struct gdb_register gdb_register_table[GDB_REGISTERS];

/*
 * Reads all registers, or writes those in which `to` differs from `from`;
 * returns how many were refused. Called on the VP's own CPU, with its VMCS
 * current and the run word even.
 */
void gdb_register_table_read(struct vp *vp, struct gdb_registers *to);
u32 gdb_register_table_write(struct vp *vp, const struct gdb_registers *from,
			     const struct gdb_registers *to);

#endif
