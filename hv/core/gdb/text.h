/* SPDX-License-Identifier: MIT */
/*
 * Reads the fields of a packet's body. Each function takes what it names from
 * the front and returns true, or takes nothing that counts and returns false.
 */
#ifndef HV_CORE_GDB_TEXT_H
#define HV_CORE_GDB_TEXT_H

#include "base/types.h"

struct gdb_text {
	const char *at;
	size_t len;
};

/* Values of a process or thread number */
#define GDB_ID_ALL (~0ull) /* -1 */
#define GDB_ID_ANY 0ull

struct gdb_id {
	u64 process;
	u64 thread;
};

bool gdb_text_char(struct gdb_text *t, char c);
bool gdb_text_word(struct gdb_text *t, const char *word);

/* 1 to 16 digits. */
bool gdb_text_hex(struct gdb_text *t, u64 *value);

/* `len` bytes as pairs of digits. */
bool gdb_text_bytes(struct gdb_text *t, void *to, size_t len);

/* "p1.2", "p1", "2", each number also "-1". Without a process: any. */
bool gdb_text_id(struct gdb_text *t, struct gdb_id *id);

#endif
