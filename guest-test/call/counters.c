/* SPDX-License-Identifier: MIT */
/* If the test call fails, so does the check. */
#include "call/counters.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/smp.h"

void test_call_read(u32 n, struct lethe_test_output *out)
{
	struct lethe_test_input *in =
		(struct lethe_test_input *)vp_self()->input;

	in->vp_index = smp_vps[n]->index;
	in->reserved = 0;
	tap_equal("test call",
		  hypercall(LETHE_CALL_TEST_READ, page_gpa(in), page_gpa(out)),
		  HV_STATUS_SUCCESS);
}

u64 test_call_kicks(void)
{
	struct lethe_test_output *out =
		(struct lethe_test_output *)vp_self()->output;

	test_call_read(vp_self()->id, out);
	return out->kicks_sent;
}

static bool has_type(u32 type)
{
	const char *at = cmdline_get()->invvpid;

	while (*at != '\0' && *at != (char)('0' + type)) {
		at++;
	}
	return *at != '\0';
}

/* SDM 3C, "INVVPID": 1 is of one context, 2 of all. */
u32 test_call_offered(u32 type)
{
	if (has_type(type)) {
		return type;
	}
	return has_type(1) ? 1 : 2;
}
