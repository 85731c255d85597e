/* SPDX-License-Identifier: MIT */
/* The job `stress`: a program of others makes the load. */
#ifndef GUEST_TEST_LINUX_STRESS_H
#define GUEST_TEST_LINUX_STRESS_H

/*
 * Runs the command line test.stress, words with commas between them, and prints
 * its output as notes. The result says whether it ended with status 0.
 */
void stress_job(void);

#endif
