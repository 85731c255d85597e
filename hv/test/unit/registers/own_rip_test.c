/* SPDX-License-Identifier: MIT */
/*
 * A caller sets its own RIP near 4 GiB: what is cut to EIP, what wraps, and
 * what is refused.
 */
#include "core/registers/registers.h"

#include "support/check.h"
#include "support/entry_rules.h"
#include "support/fake_vmcs.h"
#include "support/reg_vp.h"

#define X(name) HV_X64_REGISTER_##name
#define GOOD    HV_STATUS_SUCCESS
#define VALUE   HV_STATUS_INVALID_REGISTER_VALUE
/* limit 4 GiB, selector 8; D or L */
#define CODE_32 0xc09b0008ffffffff
#define CODE_64 0xa09b0008ffffffff

static u64 read_rip(struct vp *vp)
{
	struct hv_register_value value;

	CHECK_EQ(reg_vp_get(vp, vp, X(RIP), &value), GOOD);
	return value.low;
}

/* Advances RIP as the dispatcher does after the call. */
static u64 advanced(bool is_64bit)
{
	u64 rip = port_vmcs_get(VMCS_GUEST_RIP);
	u64 next = rip + 3;

	entry_rules_check_guest_ahead(3);
	return (next ^ rip) >> 32 != 0 && !is_64bit ? (u32)next : next;
}

/* EIP has 32 bits. A larger value is refused, not cut. */
static void t_eip_is_not_cut(void)
{
	static const struct {
		u64 rip;
		u16 status;
	} rows[] = {
		{0, GOOD},
		{2, GOOD},
		{~0u, GOOD},
		{BIT(32), VALUE},
		{BIT(32) | 1, VALUE},
		{BIT(32) | 2, VALUE},
		{BIT(32) | 3, VALUE},
		{~0ull, VALUE},
		{BIT(63), VALUE},
	};
	struct vp *vp = reg_vp_new(1);

	CHECK_EQ(reg_vp_set(vp, vp, X(CS), 0, CODE_32), GOOD);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 was = read_rip(vp);

		CHECK_EQ(reg_vp_set(vp, vp, X(RIP), rows[i].rip, 0),
			 rows[i].status);
		CHECK_EQ(read_rip(vp),
			 rows[i].status == GOOD ? rows[i].rip : was);
		CHECK_EQ(advanced(false), read_rip(vp));
	}
	/*
	 * a change of mode does not cut it either: this caller goes on above 4
	 * GiB
	 */
	CHECK_EQ(reg_vp_set(vp, vp, X(CS), 0, CODE_64), GOOD);
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(reg_vp_set(vp, vp, X(RIP), BIT(32) | i, 0), GOOD);
		CHECK_EQ(reg_vp_set(vp, vp, X(CS), 0, CODE_32), VALUE);
		CHECK_EQ(advanced(true), BIT(32) | i);
	}
}

/* A 32-bit caller whose VMCALL ends at 4 GiB goes on at 0. */
static void t_eip_wraps(void)
{
	struct vp *vp = reg_vp_new(1);

	CHECK_EQ(reg_vp_set(vp, vp, X(CS), 0, CODE_32), GOOD);
	port_vmcs_set(VMCS_GUEST_RIP, 0xfffffffd);
	CHECK_EQ(read_rip(vp), 0);
	CHECK_EQ(reg_vp_set(vp, vp, X(CS), BIT(32), CODE_32), VALUE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_RIP), 0xfffffffd);
	CHECK_EQ(reg_vp_set(vp, vp, X(DS), 0, 0), GOOD);
	CHECK_EQ(read_rip(vp), 0);
	CHECK_EQ(advanced(false), 0);
	port_vmcs_set(VMCS_GUEST_RIP, 0xffffffff);
	CHECK_EQ(reg_vp_set(vp, vp, X(CS), 0, CODE_64), GOOD);
	CHECK_EQ(read_rip(vp), 2);
	CHECK_EQ(advanced(true), 2);
}

static const struct test tests[] = {
	{"eip-is-not-cut", t_eip_is_not_cut},
	{"eip-wraps", t_eip_wraps},
};

const struct suite suite_reg_rip = SUITE("reg_rip", tests);
