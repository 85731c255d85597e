/* SPDX-License-Identifier: MIT */
/*
 * The job: words `test.KEY=VALUE` on the kernel's command line. The kernel
 * takes them for parameters of a module `test`, and ignores them.
 */
#ifndef GUEST_TEST_LINUX_WORDS_H
#define GUEST_TEST_LINUX_WORDS_H

#include <stdbool.h>

/* Reads /proc/cmdline. false: it cannot be read. */
bool words_load(void);

/* The value of that key; `otherwise` if there is none. Lasts for ever. */
const char *words_text(const char *key, const char *otherwise);

/* The same as a decimal number; false if the value is none, or too large. */
bool words_number(const char *key, unsigned long otherwise,
		  unsigned long *value);

#endif
