/* SPDX-License-Identifier: MIT */
/*
 * The ports of the guest: a 16550 at 0x3F8 that is always ready to send, the
 * exit port 0xF4, a CMOS that reads as 0. Other ports read as all ones and
 * ignore writes.
 */
#ifndef TOOLS_KVM_RUN_DEVICES_H
#define TOOLS_KVM_RUN_DEVICES_H

#include "base/types.h"

struct devices {
	u8 ier;
	u8 lcr;
	u8 mcr;
	u8 scr;
	u8 divisor[2];
	bool fifo;
	bool exited;
	u8 exit_code;
	char line[256];
	u32 line_len;
	void (*send)(const char *text,
		     u32 len); /* a line, or the rest of one */
};

/* One IN or OUT of 1, 2 or 4 bytes; the caller holds the lock. */
u32 devices_in(struct devices *d, u16 port, u8 size);
void devices_out(struct devices *d, u16 port, u8 size, u32 value);

/* Sends an unfinished line. */
void devices_flush(struct devices *d);

#endif
