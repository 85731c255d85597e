/* SPDX-License-Identifier: MIT */
/*
 * The other end of COM2 for tests of the stub: a partition with `gdb = com2`,
 * whose VPs are served whenever they have events.
 */
#ifndef HV_TEST_SUPPORT_GDB_LINE_H
#define HV_TEST_SUPPORT_GDB_LINE_H

#include "support/fake.h"

/* Makes the partition; its VPs run without paging. */
struct partition *gdb_line_new(u32 vp_count);

/*
 * Sends a packet with that body and lets the machine work until nothing moves;
 * returns what came back since, acknowledgements included.
 */
const char *gdb_line_ask(const char *body);

/* The same for bytes as they are. */
const char *gdb_line_send(const char *bytes);

/* Lets the machine work; returns what came back since. */
const char *gdb_line_wait(void);

/* gdb_line_ask(), and compares the body of the only answer. */
void gdb_line_expect(const char *body, const char *answer);

/* Connects without acknowledgements and stops the partition. */
void gdb_line_attach(void);

#endif
