/* SPDX-License-Identifier: MIT */
/*
 * Packets m, M, X, Z and z, after the letter; for the table in session.c. The
 * partition is stopped. Boot CPU.
 */
#ifndef HV_CORE_GDB_ACCESS_H
#define HV_CORE_GDB_ACCESS_H

#include "core/gdb/stub.h"

enum gdb_answer gdb_access_read(struct gdb_stub *s, struct gdb_text *t);
enum gdb_answer gdb_access_write(struct gdb_stub *s, struct gdb_text *t);
enum gdb_answer gdb_access_write_binary(struct gdb_stub *s, struct gdb_text *t);
enum gdb_answer gdb_access_put_point(struct gdb_stub *s, struct gdb_text *t);
enum gdb_answer gdb_access_take_point(struct gdb_stub *s, struct gdb_text *t);

#endif
