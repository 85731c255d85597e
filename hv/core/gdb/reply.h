/* SPDX-License-Identifier: MIT */
/*
 * Packets to GDB, built in a buffer of fixed size. What does not fit is left
 * out, so that a body is never longer than GDB_PACKET_MAX.
 */
#ifndef HV_CORE_GDB_REPLY_H
#define HV_CORE_GDB_REPLY_H

#include "base/types.h"
#include "core/gdb/packet.h"

/* Two packets at most: what a VP says about its stop, and the stop */
#define GDB_REPLY_SIZE (GDB_PACKET_MAX + 256u)

struct gdb_reply {
	u32 begin; /* the body of the packet that is being built */
	u32 len;
	u32 sent;
	char text[GDB_REPLY_SIZE];
};

void gdb_reply_begin(struct gdb_reply *r);
void gdb_reply_end(struct gdb_reply *r);

/* Takes back what gdb_reply_begin() began. */
void gdb_reply_cancel(struct gdb_reply *r);

/* Bytes that the body has room for. */
u32 gdb_reply_room(const struct gdb_reply *r);

void gdb_reply_char(struct gdb_reply *r, char c);
void gdb_reply_text(struct gdb_reply *r, const char *text);

/* Hexadecimal: each byte as two digits; a number as few as it needs. */
void gdb_reply_bytes(struct gdb_reply *r, const void *bytes, size_t len);
void gdb_reply_number(struct gdb_reply *r, u64 number);

/* The characters of `text`, each as two hexadecimal digits. */
void gdb_reply_text_bytes(struct gdb_reply *r, const char *text);

/* A byte as it is, escaped where the framing needs it. */
void gdb_reply_raw(struct gdb_reply *r, char c);

#endif
