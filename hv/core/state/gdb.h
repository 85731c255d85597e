/* SPDX-License-Identifier: MIT */
/* What a VP keeps for its partition's debugger: core/gdb/at_vp.h. */
#ifndef HV_CORE_STATE_GDB_H
#define HV_CORE_STATE_GDB_H

#include "base/types.h"

/* Why a VP has stopped its partition */
enum gdb_stop {
	GDB_STOP_NONE,
	GDB_STOP_BREAK,     /* software breakpoint: RIP is at it */
	GDB_STOP_EXECUTE,   /* hardware breakpoint: RIP is at it */
	GDB_STOP_WRITE,     /* watchpoint: the access is done */
	GDB_STOP_ACCESS,    /* the same, read or write */
	GDB_STOP_STEP,      /* one instruction is done */
	GDB_STOP_SUSPENDED, /* it was a VMCALL that suspended the VP */
};

/* Instructions that have to do with RFLAGS */
enum gdb_step_kind {
	GDB_STEP_PLAIN,
	GDB_STEP_PUSHF,
	GDB_STEP_LOADS, /* POPF, IRET */
	GDB_STEP_INT,
	GDB_STEP_SYSCALL,
};

/* What a VP does next, when the hold ends */
enum gdb_action { GDB_STAY, GDB_CONTINUE, GDB_STEP };

/* Owned by the VP's CPU. */
struct gdb_vp_own {
	/* core/gdb/step.h */
	bool stepping;
	bool was_suspended; /* when the step began */
	bool guest_tf;      /* the guest's own RFLAGS.TF */
	u8 vector;          /* of GDB_STEP_INT */
	u32 exceptions;     /* the exception bitmap without the step */
	u64 step_rip;       /* where it began */
	enum gdb_step_kind kind;

	/* the debug registers hold the debugger's; the guest's are here */
	bool armed;
	u64 dr[4];
	u64 dr7;
	u32 generation; /* of the debugger's */
	bool passes;    /* sets RFLAGS.RF when it goes on */
};

struct gdb_vp_shared {
	/* by the VP's CPU; `stop` last, atomic */
	u64 address;    /* of a watchpoint, or linear of the instruction */
	bool is_offset; /* RIP is not that address: CS has a base */
	u32 stop;       /* enum gdb_stop */

	/* by the stub, taken by the VP's CPU: atomic */
	u32 action;  /* enum gdb_action */
	u32 request; /* 1: the job of core/gdb/job.h is for this VP */
};

#endif
