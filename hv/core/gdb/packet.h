/* SPDX-License-Identifier: MIT */
/*
 * Packets from GDB, byte by byte: "$body#sum", with the escapes undone. GDB
 * manual, "Remote Protocol: Overview".
 */
#ifndef HV_CORE_GDB_PACKET_H
#define HV_CORE_GDB_PACKET_H

#include "base/types.h"

/* The longest body, in both directions: what qSupported tells GDB */
#define GDB_PACKET_MAX 4096u

#define GDB_ESCAPE     '}'
#define GDB_ESCAPE_XOR 0x20

enum gdb_input {
	GDB_INPUT_NONE,      /* go on */
	GDB_INPUT_PACKET,    /* body and len are valid until the next byte */
	GDB_INPUT_BAD,       /* wrong sum, or too long */
	GDB_INPUT_INTERRUPT, /* Ctrl-C outside a packet */
	GDB_INPUT_ACK,
	GDB_INPUT_NAK,
};

enum gdb_packet_state {
	GDB_BETWEEN,
	GDB_BODY,
	GDB_ESCAPED,
	GDB_SUM_HIGH,
	GDB_SUM_LOW,
};

struct gdb_packet {
	enum gdb_packet_state state;
	bool is_bad;
	u8 sum;   /* of the bytes as sent */
	u8 given; /* the upper half of the sum that GDB gave */
	u32 len;
	char body[GDB_PACKET_MAX + 1]; /* with a final 0 */
};

enum gdb_input gdb_packet_byte(struct gdb_packet *p, u8 byte);

#endif
