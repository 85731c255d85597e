/* SPDX-License-Identifier: MIT */
/* The job `flusher`: one thread flushes, those on all other CPUs spin. */
#ifndef GUEST_TEST_LINUX_FLUSHER_H
#define GUEST_TEST_LINUX_FLUSHER_H

/*
 * For test.ticks ticks of the TSC one thread takes the right to write from 8
 * pages, gives it back, and gives the pages back, again and again: mprotect,
 * mprotect, madvise(MADV_DONTNEED), each of which is an operation. Before that
 * the thread does so alone, for a tenth of the ticks, in a process that no
 * other CPU has. After it, as `unmapper`, it maps, writes and unmaps 16 pages
 * instead: as the job `munmap`, but no other thread wants the process's lock.
 * One result and one line of samples for each.
 */
void flusher_job(void);

#endif
