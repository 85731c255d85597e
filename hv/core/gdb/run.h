/* SPDX-License-Identifier: MIT */
/*
 * The partition runs and stops: resuming VPs, waiting until all are out, and
 * the reply that says why. Boot CPU.
 */
#ifndef HV_CORE_GDB_RUN_H
#define HV_CORE_GDB_RUN_H

#include "core/gdb/stub.h"

/* Holds all VPs; the reply comes when they are out. */
void gdb_run_stop(struct gdb_stub *s, u32 signal);

/*
 * Looks whether a VP has stopped the partition, whether all are out, and
 * whether the partition has ended; builds the stop reply if GDB waits for it.
 */
void gdb_run_poll(struct gdb_stub *s);

/* vCont, after the word; c, C, s and S; D. */
enum gdb_answer gdb_run_vcont(struct gdb_stub *s, struct gdb_text *t);
enum gdb_answer gdb_run_all(struct gdb_stub *s, bool step);
void gdb_run_detach(struct gdb_stub *s);

/*
 * The answer to a packet that resumes VPs while the partition is not stopped:
 * the end of a life that GDB was not told of, once, else an error.
 */
enum gdb_answer gdb_run_refuse(struct gdb_stub *s);

/* GDB knows of the end of the last life, or another GDB has come. */
void gdb_run_forget_end(struct gdb_stub *s);

#endif
