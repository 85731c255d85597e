/* SPDX-License-Identifier: MIT */
/* The job `console`: what a program writes to its terminal comes out. */
#ifndef GUEST_TEST_LINUX_CONSOLE_H
#define GUEST_TEST_LINUX_CONSOLE_H

/* Writes numbered lines to /dev/console and waits until they have left. */
void console_job(void);

#endif
