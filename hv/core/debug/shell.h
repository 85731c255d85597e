/* SPDX-License-Identifier: MIT */
/*
 * The debug console's shell, on the boot CPU: bytes in, lines of the answer
 * out. It looks at the clock and at what has come, and never waits.
 */
#ifndef HV_CORE_DEBUG_SHELL_H
#define HV_CORE_DEBUG_SHELL_H

#include "base/types.h"

#define SHELL_TYPED_MAX 4096 /* bytes that wait while a command runs */

/* Commands that change a guest are refused if `readonly`. Before launch. */
void shell_init(bool readonly);

/*
 * A byte of the line. It waits until the shell gets to it; Ctrl-C overtakes
 * those before it, which are forgotten. What has no room is counted; a 0 is
 * not taken.
 */
void shell_input(u8 byte);

/*
 * On the CPU that panicked, all others have stopped: forgets what it did, and
 * from here on runs only commands that need no other CPU.
 */
void shell_after_panic(void);

/*
 * Goes on: with the bytes that wait, or with the command that runs. Returns
 * after one call of a command, or a few dozen bytes. Called at each look at the
 * line; `now` is the TSC.
 */
void shell_poll(u64 now);

#endif
