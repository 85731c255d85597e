/* SPDX-License-Identifier: MIT */
/*
 * What 0x0050-0x0052 answer to a partition without AccessVpRegisters that
 * controls the second of three: refusals for itself and for the third; for the
 * second, which stops soon, what does not need a CPU of that partition.
 */
#include "call/checked.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/vp.h"

#include "tlfs/register.h"

#define GET  (HV_CALL_GET_VP_REGISTERS | FIELD_PREP(HV_CONTROL_REP_COUNT, 1))
#define SET  (HV_CALL_SET_VP_REGISTERS | FIELD_PREP(HV_CONTROL_REP_COUNT, 1))
#define WALK HV_CALL_TRANSLATE_VIRTUAL_ADDRESS

#define SELF       HV_PARTITION_ID_SELF
#define OWN        1 /* PartitionIds */
#define CONTROLLED 2
#define OTHER      3
#define NOBODY     4

#define ANYWHERE HV_REGISTER_VP_INDEX
#define HELD     HV_X64_REGISTER_RAX /* only the CPU of that VP can read it */
#define GVA      0x100               /* number of a page of the kernel */

#define DENIED  HV_STATUS_ACCESS_DENIED
#define NO_PART HV_STATUS_INVALID_PARTITION_ID
#define NO_VP   HV_STATUS_INVALID_VP_INDEX
#define STOPPED HV_STATUS_INVALID_VP_STATE

struct refused_row {
	u64 control;
	u64 partition;
	u64 vp_index;
	u32 name; /* of a register */
	u16 status;
};

static struct hypercall_result call(const struct refused_row *row)
{
	struct guest_cpu *vp = vp_self();
	u64 words[] = {row->partition, row->vp_index, row->name, 0, 0, 0};

	if (row->control == WALK) {
		words[2] = HV_TRANSLATE_READ;
		words[3] = GVA;
	}
	memcpy(vp->input, words, sizeof(words));
	return hypercall_checked(row->control, page_gpa(vp->input),
				 page_gpa(vp->output));
}

/* A refused call leaves the output as it was. */
static void run_row(const void *arg)
{
	const struct refused_row *row = arg;
	u64 *output = (u64 *)vp_self()->output;
	struct hypercall_result r;

	output[0] = ~0ull;
	r = call(row);
	hypercall_expect(&r, row->status);
	tap_equal("reps completed", r.reps,
		  row->status == HV_STATUS_SUCCESS && row->control != WALK);
	if (row->status != HV_STATUS_SUCCESS) {
		tap_equal("output", output[0], ~0ull);
	}
}

/* The same, after the second partition has stopped. */
static void run_stopped(const void *arg)
{
	static const struct refused_row held = {GET, CONTROLLED, 0, HELD,
						STOPPED};

	wait_until(call(&held).status != HV_STATUS_SUCCESS);
	run_row(arg);
}

#define CHECK(_name, _fn, ...)                                                 \
	{                                                                      \
		_name, "TLFS: HvCallGetVpRegisters and its kin", _fn,          \
			&(const struct refused_row){__VA_ARGS__}, 1, NEED_HV   \
	}
#define ROW(_name, ...)   CHECK(_name, run_row, __VA_ARGS__)
#define LATER(_name, ...) CHECK(_name, run_stopped, __VA_ARGS__)

/* clang-format off */
static const struct check checks[] = {
	ROW("own_get",         GET,  SELF,   0, ANYWHERE, DENIED),
	ROW("own_set",         SET,  SELF,   0, HELD,     DENIED),
	ROW("own_translate",   WALK, SELF,   0, 0,        DENIED),
	ROW("own_by_id",       GET,  OWN,    0, ANYWHERE, DENIED),
	ROW("other_get",       GET,  OTHER,  0, ANYWHERE, DENIED),
	ROW("other_set",       SET,  OTHER,  0, HELD,     DENIED),
	ROW("other_translate", WALK, OTHER,  0, 0,        DENIED),
	ROW("other_before_vp", GET,  OTHER,  9, ANYWHERE, DENIED),
	ROW("nobody",          GET,  NOBODY, 0, ANYWHERE, NO_PART),
	ROW("no_self_there",   GET,  CONTROLLED, HV_VP_INDEX_SELF, ANYWHERE, NO_VP),
	LATER("stopped_get",      GET,  CONTROLLED, 0, HELD,     STOPPED),
	LATER("stopped_set",      SET,  CONTROLLED, 0, HELD,     STOPPED),
	LATER("stopped_anywhere", GET,  CONTROLLED, 0, ANYWHERE, HV_STATUS_SUCCESS),
	LATER("stopped_no_vp",    GET,  CONTROLLED, 9, HELD,     NO_VP),
};
/* clang-format on */

SUITE("control-refused", 360, checks);
