/* SPDX-License-Identifier: MIT */
/*
 * Makes hypercalls for tests: poisons the registers before a call, compares
 * them after it, and writes input blocks where the call wants them. Also has
 * the tests' random numbers.
 */
#ifndef HV_TEST_SUPPORT_CALL_H
#define HV_TEST_SUPPORT_CALL_H

#include "core/flush/caller.h"
#include "core/flush/target.h"
#include "core/hypercall/engine.h"
#include "support/fake_partition.h"
#include "tlfs/hypercall.h"

#define CALL_CODE(c)  ((u64)(c))
#define CALL_VAR(n)   FIELD_PREP(HV_CONTROL_VARHEAD, n)
#define CALL_COUNT(n) FIELD_PREP(HV_CONTROL_REP_COUNT, n)
#define CALL_START(n) FIELD_PREP(HV_CONTROL_REP_START, n)

#define CALL_GPA 0x3000 /* tests put input blocks here */
#define CALL_UD  0xffff /* call.status after HC_UD */

/* The longest input: header, all banks, and a page of elements */
#define CALL_QWORDS 512

struct call {
	u64 control;
	u64 input;
	u64 output;
	bool is_32bit;
	bool real_mode;
	u8 cpl;

	/* what came back */
	u16 status; /* enum hv_status or CALL_UD */
	u16 reps;
};

/* A partition as fake_partition() makes it, ready for hypercalls. */
struct partition *call_partition(u32 vp_count, u32 stride);

/*
 * Executes the call on `vp`'s CPU. Checks that the call changes no register but
 * RAX (EDX and EAX of a 32-bit caller; none if it ends in #UD), and that the
 * reserved bits of the result word are 0.
 */
void call_make(struct vp *vp, struct call *call);

/* call_make() for a 64-bit caller with CPL 0, input at CALL_GPA; its status. */
u16 call_simple(struct vp *vp, u64 control);

/* Writes `count` qwords at guest-physical `gpa`. */
void call_put(struct partition *p, u64 gpa, const u64 *words, u32 count);

/* True if work of any kind waits for `vp`. */
bool call_has_work(const struct vp *vp);

/* Each run gets the same numbers. call_random_below(0) is 0. */
void call_seed(u64 seed);
u64 call_random(void);
u32 call_random_below(u32 limit);

/* `self` flushes for the VPs in `set`; fills in the targets of the request. */
enum flush_end call_flush(struct vp *self, struct flush_request *request,
			  const u64 set[HV_VP_SET_BANKS]);

/* `vp` flushes for itself alone. */
void call_execute(struct vp *vp, enum flush_kind kind, const u64 *ranges,
		  u32 count);

/*
 * Returns the types of the INVVPIDs so far as a string, and forgets them. More
 * than 16 equal ones in a row are "T*count".
 */
const char *call_invvpids(void);

#endif
