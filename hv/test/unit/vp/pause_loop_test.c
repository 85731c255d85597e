/* SPDX-License-Identifier: MIT */
/* Of which VPs a loop of PAUSEs exits. */
#include "core/vp/vmcs_plan.h"

#include "common/platform/caps.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"

#define MAY_ALL      0xffffffff00000000ull
#define NO_LOOP_EXIT (~((u64)VMX_PROC2_PAUSE_LOOP << 32))

/* Where one of these is missing, PAUSE does not exit. */
static const struct {
	u64 proc2; /* what the CPU can do */
	bool is_wanted;
	u32 cpus; /* for two VPs */
	bool exits;
} rows[] = {
	{MAY_ALL, true, 1, true},
	{MAY_ALL, true, 2, false},
	{MAY_ALL, false, 1, false},
	{MAY_ALL & NO_LOOP_EXIT, true, 1, false},
};

static void t_where_vps_share_a_cpu(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct caps_raw caps = {0};
		struct partition *p;
		u64 controls;

		fake_reset();
		fake_vmcs_reset();
		fake_cpus(rows[i].cpus);
		p = fake_partition(2, 1);
		fake_config(p)->pause_exits = rows[i].is_wanted;
		caps.word[CAPS_PROC2] = rows[i].proc2;
		vmcs_plan_apply_controls(p->vps[1], &caps);
		controls = port_vmcs_get(VMCS_PROC2_CONTROLS);
		CHECK_EQ((controls & VMX_PROC2_PAUSE_LOOP) != 0, rows[i].exits);
		/* else the CPU may not have the fields */
		CHECK_EQ(fake_vmcs.written[VMCS_PLE_GAP], rows[i].exits);
		CHECK_EQ(fake_vmcs.written[VMCS_PLE_WINDOW], rows[i].exits);
	}
}

static const struct test tests[] = {
	{"where-vps-share-a-cpu", t_where_vps_share_a_cpu},
};

const struct suite suite_pause_loop = SUITE("pause_loop", tests);
