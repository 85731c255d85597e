/* SPDX-License-Identifier: MIT */
/* The debug console's line: what is typed to the shell and what it prints. */
#ifndef HV_TEST_SUPPORT_SHELL_LINE_H
#define HV_TEST_SUPPORT_SHELL_LINE_H

#include "base/types.h"

struct partition;

/* What the shell has printed; a test may set the length to 0. */
extern char shell_line_output[];
extern size_t shell_line_len;

/* A new shell on `cpus` CPUs, with a partition of `vps` VPs, which it returns.
 */
struct partition *shell_line_setup(u32 cpus, u32 vps);

/* A further partition, with an EPT. */
struct partition *shell_line_partition(u32 vps);

/* Types without a look at the line. */
void shell_line_type(const char *text);

/* The shell looks so often, 1000 ticks apart, and what it prints is taken. */
void shell_line_poll(u32 times);

/* Types; returns what the shell prints in 200 looks. */
const char *shell_line_answer(const char *text);

#endif
