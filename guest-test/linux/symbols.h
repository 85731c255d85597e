/* SPDX-License-Identifier: MIT */
/* Where functions of the kernel are, for a debugger outside. */
#ifndef GUEST_TEST_LINUX_SYMBOLS_H
#define GUEST_TEST_LINUX_SYMBOLS_H

/*
 * Prints `# symbol NAME FIRST NEXT` for each name in the word `symbols`, by
 * /proc/kallsyms: where the function begins, and the next symbol. A result says
 * whether all were found.
 */
void symbols_job(void);

#endif
