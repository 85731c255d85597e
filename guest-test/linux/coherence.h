/* SPDX-License-Identifier: MIT */
/* The job `coherence`: no CPU uses a stale translation after an unmap. */
#ifndef GUEST_TEST_LINUX_COHERENCE_H
#define GUEST_TEST_LINUX_COHERENCE_H

/*
 * Makes at least test.checks checks (a page read by a reader for the first time
 * after its window was replaced), divided among the kinds of window and all
 * sets of readers. One result for each kind.
 */
void coherence_job(void);

#endif
