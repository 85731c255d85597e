/* SPDX-License-Identifier: MIT */
/* The stub's side of jobs at a VP's CPU. Boot CPU; the partition is stopped. */
#ifndef HV_CORE_GDB_JOB_H
#define HV_CORE_GDB_JOB_H

#include "core/gdb/stub.h"

/* Gives the job that gdb_link describes to the CPU of `vp`. Does not wait. */
void gdb_job_start(struct gdb_stub *s, struct vp *vp, bool is_write);

/*
 * True if no job is under way. A VP that has stopped does no job any more: then
 * nothing was read or written.
 */
bool gdb_job_is_done(struct gdb_stub *s);

/*
 * Asks for the registers of the current VP. False: they come later, the handler
 * is called again. True: gdb_link.job has them, unless s->seen is NULL.
 */
bool gdb_job_see(struct gdb_stub *s) __must_check;

#endif
