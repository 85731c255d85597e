/* SPDX-License-Identifier: MIT */
/* A word of the kernel's memory. */
#ifndef GUEST_TEST_LINUX_COUNTER_H
#define GUEST_TEST_LINUX_COUNTER_H

/*
 * Prints `# counter N`: the 8 bytes at the address in the word `counter`, a
 * decimal number, as /proc/kcore has them. Without that word it does nothing.
 */
void counter_job(void);

#endif
