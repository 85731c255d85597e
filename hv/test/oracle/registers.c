/* SPDX-License-Identifier: MIT */
/*
 * The oracle's 0x0050 to 0x0052 and the test call (see oracle.h): rows 20 to 27
 * of docs/abi.md section 3.
 */
#include "oracle/oracle.h"

#define INDEX_SELF      0xfffffffe
#define REGISTER_NAME   1 /* HvRegisterInterceptSuspend */
#define BIT_SUSPENDED   0x1
#define BIT_INHIBIT     0x2
#define TRANSLATE_FLAGS 0x3f
#define TRANSLATE_RIGHT 0x7
#define FLAG_INHIBIT    0x20

/* Rows 20 to 23: which VP the call is about. 0: it was found. */
static u16 whose(const struct oracle_machine *m, const struct oracle_call *call,
		 struct oracle_answer *a)
{
	bool own = (m->offers & ORACLE_HAS_REGISTERS) != 0;
	u64 id = a->block[0];
	u32 index = (u32)a->block[1];

	if (!own && m->controls == 0) {
		return HV_STATUS_ACCESS_DENIED;
	}
	if (id != ~0ull && (id == 0 || id > m->partition_count)) {
		return HV_STATUS_INVALID_PARTITION_ID;
	}
	a->partition = id == ~0ull ? m->self : (u32)id - 1;
	if (a->partition == m->self ? !own
				    : (m->controls >> a->partition & 1) == 0) {
		return HV_STATUS_ACCESS_DENIED;
	}
	if (index == INDEX_SELF && a->partition == m->self) {
		index = call->vp_index;
	}
	a->vp_index = index;
	return oracle_vp_exists(&m->partition[a->partition], index)
		       ? 0
		       : HV_STATUS_INVALID_VP_INDEX;
}

static u64 intercept_suspend(const struct oracle_machine *m,
			     const struct oracle_answer *a)
{
	const struct oracle_partition *p = &m->partition[a->partition];
	u64 bit = 1ull << a->vp_index % 64;
	u64 value = 0;

	value |= (p->suspended[a->vp_index / 64] & bit) ? BIT_SUSPENDED : 0;
	value |= (p->inhibited[a->vp_index / 64] & bit) ? BIT_INHIBIT : 0;
	return value;
}

/*
 * True for the other registers of docs/abi.md section 2.2. Which values they
 * take depends on the rules of VM entry, which the oracle does not know.
 */
static bool is_other_register(u32 name)
{
#ifdef HV_EXT_CALL_QUERY_CAPABILITIES
	return name >= 0x100 && name < 0x100000;
#else
	(void)name;
	return false;
#endif
}

static bool is_open(const struct oracle_answer *a, u32 at, u32 count,
		    bool is_set)
{
	u32 name;

	for (u32 i = at; i < count; i++) {
		name = is_set ? (u32)a->block[2 + 4 * (u64)i]
			      : (u32)(a->block[2 + i / 2] >> 32 * (i % 2));
		if (is_other_register(name)) {
			return true;
		}
	}
	return false;
}

static u16 get_one(const struct oracle_answer *a, u32 i)
{
	u32 name = (u32)(a->block[2 + i / 2] >> 32 * (i % 2));

	return name == REGISTER_NAME ? 0 : HV_STATUS_INVALID_PARAMETER;
}

/* Rows 25 and 26; `value`: the register, changed by what is written */
static u16 set_one(struct oracle_answer *a, u32 i, u64 *value)
{
	const u64 *element = &a->block[2 + 4 * (u64)i];

	if (element[0] != REGISTER_NAME || element[1] != 0) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	if ((element[2] & ~*value) != 0 || element[3] != 0) {
		return HV_STATUS_INVALID_REGISTER_VALUE;
	}
	a->clears_inhibit |= (*value & ~element[2] & BIT_INHIBIT) != 0;
	a->clears_suspend |= (*value & ~element[2] & BIT_SUSPENDED) != 0;
	*value = element[2];
	return 0;
}

void oracle_registers_call(const struct oracle_machine *m,
			   const struct oracle_call *call, u64 control,
			   struct oracle_answer *answer)
{
	u32 at = (u32)(control >> 48 & 0xfff);
	u32 count = (u32)(control >> 32 & 0xfff);
	bool is_set = (u16)control == HV_CALL_SET_VP_REGISTERS;
	u64 value;

	answer->status = whose(m, call, answer);
	if (answer->status == 0 && answer->block[1] >> 32 != 0) {
		answer->status = HV_STATUS_INVALID_PARAMETER;
	}
	if (answer->status == 0) {
		value = intercept_suspend(m, answer);
	}
	if (answer->status == 0 && is_open(answer, at, count, is_set)) {
		answer->end = ORACLE_OPEN;
		return;
	}
	while (answer->status == 0 && at < count) {
		answer->status = is_set ? set_one(answer, at, &value)
					: get_one(answer, at);
		at += answer->status == 0;
	}
	answer->reps = (u16)at;
}

/*
 * Row 27. The oracle does not walk page tables: support/second_walker.c does.
 */
void oracle_translate_call(const struct oracle_machine *m,
			   const struct oracle_call *call, u64 control,
			   struct oracle_answer *answer)
{
	u64 flags = answer->block[2];

	(void)control;
	answer->status = whose(m, call, answer);
	if (answer->status != 0) {
		return;
	}
	if ((flags & ~(u64)TRANSLATE_FLAGS) != 0 ||
	    (flags & TRANSLATE_RIGHT) == 0 || answer->block[3] >> 52 != 0) {
		answer->status = HV_STATUS_INVALID_PARAMETER;
		return;
	}
	answer->wants_inhibit = (flags & FLAG_INHIBIT) != 0;
}

/* docs/abi.md section 7 */
void oracle_test_call(const struct oracle_machine *m,
		      const struct oracle_call *call, u64 control,
		      struct oracle_answer *answer)
{
	u64 index = answer->block[0];

	(void)control;
	(void)call;
	if (answer->block[1] != 0) {
		answer->status = HV_STATUS_INVALID_PARAMETER;
	} else if (index != INDEX_SELF &&
		   !oracle_vp_exists(&m->partition[m->self], index)) {
		answer->status = HV_STATUS_INVALID_VP_INDEX;
	}
}
