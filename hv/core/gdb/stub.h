/* SPDX-License-Identifier: MIT */
/*
 * The stub: what it knows about its GDB. Owned by the boot CPU. A packet is
 * answered at once, or its handler is called again when the VP's CPU has done
 * the job that it asked for.
 */
#ifndef HV_CORE_GDB_STUB_H
#define HV_CORE_GDB_STUB_H

#include "core/gdb/packet.h"
#include "core/gdb/reply.h"
#include "core/gdb/text.h"

struct partition;
struct vp;

/* All-stop: the partition as a whole runs or does not. */
enum gdb_phase {
	GDB_RUNNING,
	GDB_STOPPING, /* all VPs are held, some may not be out yet */
	GDB_STOPPED,  /* all are out */
	GDB_ENDED,    /* the partition has stopped for good */
};

/* GDB's numbers of signals */
#define GDB_SIGNAL_INT  2
#define GDB_SIGNAL_TRAP 5

enum gdb_answer {
	GDB_ANSWERED, /* the reply has its body */
	GDB_MORE,     /* a part has its body: call the handler again */
	GDB_AGAIN,    /* call the handler again when the job is done */
	GDB_SILENT,   /* the answer comes when the partition stops */
};

/* Numbers of the answer E; GDB shows them */
#define E_FORM   1 /* the packet does not say what it has to */
#define E_MEMORY 2 /* nothing is mapped there, or it is no RAM */
#define E_VALUE  3 /* the VP cannot take it, or it has stopped */
#define E_FULL   4 /* no breakpoint is free */

struct gdb_stub {
	struct partition *partition; /* NULL: no debugger is configured */
	enum gdb_phase phase;
	u32 life; /* of the partition, to which all this belongs */

	/* the session */
	bool no_acks;
	bool names_processes; /* thread IDs are "p1.2" */
	bool physical;        /* addresses of memory packets are */
	bool sweep;           /* an earlier session left breakpoints */
	bool asked;           /* GDB waits for a stop reply */
	bool untold;          /* a life has ended while GDB had its prompt */
	bool killed;          /* GDB has gone, and ended the partition */
	u32 signal;           /* of a stop that GDB asked for */
	struct vp *current;   /* Hg: registers and memory */
	struct vp *focus;     /* of the last stop that had a VP */
	struct vp *stepper;   /* Hc; NULL: all */

	/* the last stop */
	struct vp *reported; /* NULL: GDB asked for it */
	u32 why;             /* enum gdb_stop */
	u64 address;
	bool is_offset; /* of a breakpoint: `address` is linear, RIP is not */

	/* registers of `seen`, as they are in the job; NULL: none are valid */
	struct vp *seen;
	struct vp *busy; /* the VP whose CPU has the job; NULL: none */
	bool again;      /* the handler is called again */
	bool writing;    /* ... after a write */

	struct gdb_packet packet;
	struct gdb_reply reply;
	u8 ack; /* '+' or '-', to be sent before the reply; 0: none */
};

/* A VP as GDB's threads count: from 1. NULL: there is none. */
struct vp *gdb_stub_vp(const struct gdb_stub *s, u64 thread);

/* Appends the thread ID of `vp`. */
void gdb_stub_put_id(struct gdb_stub *s, const struct vp *vp);

/* The answer "E" with a number, and "OK". */
enum gdb_answer gdb_stub_error(struct gdb_stub *s, u32 number);
enum gdb_answer gdb_stub_ok(struct gdb_stub *s);

#endif
