/* SPDX-License-Identifier: MIT */
/* The ways in which a Linux ends. */
#ifndef GUEST_TEST_LINUX_END_H
#define GUEST_TEST_LINUX_END_H

#include <stdbool.h>

/* Whether there is an end of that name. */
bool end_is_known(const char *name);

/* Ends the machine; returns only if the kernel refuses. */
void end_machine(const char *name);

/*
 * Another process ends the machine in `ms` milliseconds, whatever goes on then.
 * False if there is none.
 */
bool end_later(const char *name, unsigned long ms);

#endif
