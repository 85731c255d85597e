/* SPDX-License-Identifier: MIT */
/* The input blocks, as the TLFS page of each call has them. */
#include "call/flush.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/smp.h"

bool flush_call_is_list(u16 code)
{
	return code == HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST ||
	       code == HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
}

bool flush_call_is_ex(u16 code)
{
	return code == HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX ||
	       code == HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
}

bool flush_call_can_name(u16 code, const struct vpset *vps)
{
	for (u32 n = 0; n < smp_count(); n++) {
		if (!flush_call_is_ex(code) && vpset_has(vps, n) &&
		    smp_vps[n]->index >= 64) {
			return false;
		}
	}
	return true;
}

/* Banks in ascending order; returns their number. */
static u32 put_banks(const struct vpset *vps, u64 *valid, u64 *banks)
{
	u32 count = 0;
	u32 last = 0;

	*valid = 0;
	for (u32 n = 0; n < smp_count(); n++) {
		u32 bank = smp_vps[n]->index / 64;

		if (!vpset_has(vps, n)) {
			continue;
		}
		if (count == 0 || bank != last) {
			banks[count++] = 0;
			*valid |= BIT(bank);
			last = bank;
		}
		banks[count - 1] |= BIT(smp_vps[n]->index % 64);
	}
	return count;
}

static u64 simple_mask(const struct vpset *vps)
{
	u64 mask = 0;

	for (u32 n = 0; n < smp_count() && smp_vps[n]->index < 64; n++) {
		if (vpset_has(vps, n)) {
			mask |= BIT(smp_vps[n]->index);
		}
	}
	return mask;
}

struct flush_call flush_call_list(const struct vpset *vps, const u64 *ranges,
				  u32 count)
{
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST,
		.vps = *vps,
		.ranges = ranges,
		.count = count,
	};

	if (!flush_call_can_name(call.code, vps)) {
		call.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX;
	}
	return call;
}

u64 flush_call_build(const struct flush_call *call, void *page)
{
	u64 *word = page;
	u32 at = 3;
	u32 banks = 0;

	word[0] = call->space != 0 ? call->space : cpu_cr3();
	word[1] = call->flags;
	if (!flush_call_is_ex(call->code)) {
		word[2] = simple_mask(&call->vps);
	} else {
		word[2] = call->format;
		word[3] = 0;
		if (call->format == HV_GENERIC_SET_SPARSE_4K) {
			banks = put_banks(&call->vps, &word[3], &word[4]);
		}
		at = 4 + banks;
	}
	if (!flush_call_is_list(call->code)) {
		return call->code | FIELD_PREP(HV_CONTROL_VARHEAD, banks);
	}
	for (u32 i = 0; i < call->count; i++) {
		word[at + i] = call->ranges[i];
	}
	return call->code | FIELD_PREP(HV_CONTROL_VARHEAD, banks) |
	       FIELD_PREP(HV_CONTROL_REP_COUNT, call->count) |
	       FIELD_PREP(HV_CONTROL_REP_START, call->start);
}

u64 flush_call_do(const struct flush_call *call)
{
	u8 *page = vp_self()->input;
	u64 control = flush_call_build(call, page);

	if (call->form != NULL) {
		return call->form(control, (u64 *)page).rax;
	}
	return hypercall(control, page_gpa(page), 0);
}

u64 flush_call_success(const struct flush_call *call)
{
	if (!flush_call_is_list(call->code)) {
		return HV_STATUS_SUCCESS;
	}
	return FIELD_PREP(HV_RESULT_REPS, call->count);
}

void flush_call_everything(void)
{
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
		.flags = HV_FLUSH_ALL_PROCESSORS |
			 HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES,
	};

	(void)flush_call_do(&call);
}
