/* SPDX-License-Identifier: MIT */
/*
 * A partition that controls a second one, which stops and starts again many
 * times: asks its VPs for registers that only their CPUs have, inhibits their
 * TLBs and ends that, at any moment of the other one's life. Each call returns,
 * and says either that it is done or that the VP has stopped.
 */
#include "call/checked.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/host.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/rng.h"
#include "kernel/vp.h"

#include "tlfs/register.h"

#define GET  (HV_CALL_GET_VP_REGISTERS | FIELD_PREP(HV_CONTROL_REP_COUNT, 1))
#define SET  (HV_CALL_SET_VP_REGISTERS | FIELD_PREP(HV_CONTROL_REP_COUNT, 1))
#define WALK HV_CALL_TRANSLATE_VIRTUAL_ADDRESS

#define CONTROLLED 2 /* its PartitionId */
#define ITS_VPS    3
#define GVA        0x100 /* number of a page of the kernel */
#define ROUNDS     3000
#define HOLD_MAX   64 /* turns of a wait loop */

static struct {
	u64 done;
	u64 stopped;
	u64 inhibits;
} seen;

static void call(u64 control, const u64 *words, size_t len)
{
	struct guest_cpu *vp = vp_self();
	u64 status;

	memcpy(vp->input, words, len);
	status = FIELD_GET(
		HV_RESULT_STATUS,
		hypercall(control, page_gpa(vp->input), page_gpa(vp->output)));
	if (status == HV_STATUS_SUCCESS) {
		seen.done++;
	} else if (status == HV_STATUS_INVALID_VP_STATE) {
		seen.stopped++;
	} else {
		tap_equal("status", status, HV_STATUS_SUCCESS);
	}
}

static void get(u64 vp)
{
	const u64 words[] = {CONTROLLED, vp, HV_X64_REGISTER_RAX};

	call(GET, words, sizeof(words));
}

static void inhibit(u64 vp)
{
	const u64 words[] = {CONTROLLED, vp,
			     HV_TRANSLATE_READ | HV_TRANSLATE_FLUSH_INHIBIT,
			     GVA};
	const struct hv_translate_output *out = (void *)vp_self()->output;

	call(WALK, words, sizeof(words));
	seen.inhibits += FIELD_GET(HV_TRANSLATE_RESULT_CODE, out->result) ==
			 HV_TRANSLATE_SUCCESS;
}

static void release(u64 vp)
{
	const u64 words[] = {CONTROLLED, vp, HV_REGISTER_INTERCEPT_SUSPEND,
			     0,          0,  0};

	call(SET, words, sizeof(words));
}

static void restarts(const void *arg)
{
	u64 rounds = cmdline_rounds(ROUNDS);
	struct rng rng;

	(void)arg;
	rng_init(&rng, cmdline_get()->seed, 0);
	for (u64 i = 0; i < rounds; i++) {
		u64 vp = rng_below(&rng, ITS_VPS);

		get(vp);
		inhibit(vp);
		for (u64 n = rng_below(&rng, HOLD_MAX); n > 0; n--) {
			relax();
		}
		release(vp);
		watchdog_restart();
	}
	tap_at_least("calls that were done", seen.done, rounds);
	tap_at_least("refusals, since the VP had stopped", seen.stopped, 1);
	tap_at_least("inhibits", seen.inhibits, rounds / 10);
}

static const struct check checks[] = {
	{"restarts", "TLFS: HvCallGetVpRegisters and its kin", restarts, NULL,
	 1, NEED_HV},
};

SUITE("control-restarts", 361, checks);
