/* SPDX-License-Identifier: MIT */
/*
 * The oracle's flush calls (see oracle.h): which VPs and which pages they name.
 * It looks at sets VP by VP, and at ranges page by page.
 */
#include "oracle/oracle.h"

#define FLAG_ALL      0x1
#define FLAGS_SPACE   0x7
#define FLAG_SPACES   0x2
#define FLAG_NONGLOB  0x4
#define FLAG_EXTENDED 0x8

#define ROOT_BITS 0x000fffffffffe000ull /* that AddressSpace must have */

/* Words of the block */
enum { SPACE, FLAGS, MASK, FORMAT = 2, BANKS = 4 };

static u32 count_ones(u64 word)
{
	u32 ones = 0;

	for (u32 i = 0; i < 64; i++) {
		ones += word >> i & 1;
	}
	return ones;
}

u16 oracle_set_refusal(const struct oracle_answer *answer, u32 at, u64 control)
{
	if (answer->block[at] > 1) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	return (control >> 17 & 0x3ff) == count_ones(answer->block[at + 1])
		       ? 0
		       : HV_STATUS_INVALID_HYPERCALL_INPUT;
}

/* TLFS HV_VP_SET: one word for each bank that is valid, ascending */
bool oracle_set_names(const struct oracle_answer *answer, u32 at, u32 vp_index)
{
	u64 valid = answer->block[at + 1];

	if (answer->block[at] == 1) {
		return true;
	}
	at += 2;

	for (u32 bank = 0; bank < 64; bank++) {
		if ((valid >> bank & 1) == 0) {
			continue;
		}
		if (bank == vp_index / 64) {
			return (answer->block[at] >> vp_index % 64 & 1) != 0;
		}
		at++;
	}
	return false;
}

static bool call_names(const struct oracle_answer *a, bool is_ex, u32 vp_index)
{
	if ((a->block[FLAGS] & FLAG_ALL) != 0) {
		return true;
	}
	if (is_ex) {
		return oracle_set_names(a, FORMAT, vp_index);
	}
	return vp_index < 64 && (a->block[MASK] >> vp_index & 1) != 0;
}

/* Rows 16 to 19; 0: none of them */
static u16 refusal(const struct oracle_machine *m,
		   const struct oracle_answer *a, u64 control)
{
	u16 code = (u16)control;
	bool is_list = code == 0x0003 || code == 0x0014;
	u64 known = FLAGS_SPACE;

	if (is_list && (m->offers & ORACLE_HAS_RANGES) != 0) {
		known |= FLAG_EXTENDED;
	}
	if ((a->block[FLAGS] & ~known) != 0) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	if (code == 0x0002 || code == 0x0003) {
		bool nobody = a->block[MASK] == 0 &&
			      (a->block[FLAGS] & FLAG_ALL) == 0;

		return nobody ? HV_STATUS_INVALID_PARAMETER : 0;
	}
	return oracle_set_refusal(a, FORMAT, control);
}

static void choose_targets(const struct oracle_machine *m,
			   const struct oracle_call *call, bool is_ex,
			   struct oracle_answer *answer)
{
	const struct oracle_partition *p = &m->partition[m->self];

	for (u32 bank = 0; bank < HV_VP_SET_BANKS; bank++) {
		answer->targets[bank] = 0;
	}
	for (u32 n = 0; n < p->vps; n++) {
		u32 index = n * p->stride;

		if (!call_names(answer, is_ex, index)) {
			continue;
		}
		answer->targets[index / 64] |= 1ull << index % 64;
		if (index != call->vp_index &&
		    (p->inhibited[index / 64] >> index % 64 & 1) != 0) {
			answer->end = ORACLE_SUSPENDED;
		}
	}
}

void oracle_flush_call(const struct oracle_machine *m,
		       const struct oracle_call *call, u64 control,
		       struct oracle_answer *answer)
{
	u16 code = (u16)control;
	bool is_list = code == 0x0003 || code == 0x0014;
	bool is_ex = code == 0x0013 || code == 0x0014;

	answer->status = refusal(m, answer, control);
	answer->first = (u32)(control >> 48 & 0xfff);
	answer->count = (u32)(control >> 32 & 0xfff);
	if (answer->status != HV_STATUS_SUCCESS) {
		answer->reps = (u16)answer->first;
		return;
	}
	choose_targets(m, call, is_ex, answer);
	if (answer->end == ORACLE_SUSPENDED) {
		return;
	}
	answer->ranges = &answer->block[is_ex ? (u32)BANKS : MASK + 1];
	answer->ranges += control >> 17 & 0x3ff;
	answer->is_extended = (answer->block[FLAGS] & FLAG_EXTENDED) != 0;
	answer->names_root =
		m->root == 0 || (answer->block[FLAGS] & FLAG_SPACES) != 0 ||
		((m->root ^ answer->block[SPACE]) & ROOT_BITS) == 0;
	answer->flush = ORACLE_FLUSH_SPACE;
	if (is_list) {
		answer->flush = ORACLE_FLUSH_LIST;
	} else if ((answer->block[FLAGS] & FLAG_NONGLOB) != 0) {
		answer->flush = ORACLE_FLUSH_NON_GLOBAL;
	}
}

/*
 * TLFS' formats of a range, as docs/abi.md section 2.1 describes them, in pages
 * of 4 KiB
 */
u64 oracle_range_first(const struct oracle_answer *answer, u32 i)
{
	u64 range = answer->ranges[i];

	if (answer->is_extended && (range >> 11 & 1) != 0) {
		return range >> 21 << 9;
	}
	return range >> 12;
}

u64 oracle_range_pages(const struct oracle_answer *answer, u32 i)
{
	u64 range = answer->ranges[i];

	if (!answer->is_extended) {
		return (range & 0xfff) + 1;
	}
	if ((range >> 11 & 1) == 0) {
		return (range & 0x7ff) + 1;
	}
	return ((range & 0x7ff) + 1) << ((range >> 12 & 1) != 0 ? 18 : 9);
}

static bool is_canonical(u64 gva)
{
	return gva >> 47 == 0 || gva >> 47 == 0x1ffff;
}

static bool list_names(const struct oracle_answer *answer, u64 gva)
{
	u64 page = gva >> 12;

	for (u32 i = answer->first; i < answer->count; i++) {
		u64 first = oracle_range_first(answer, i);

		if (page >= first &&
		    page - first < oracle_range_pages(answer, i)) {
			return true;
		}
	}
	return false;
}

bool oracle_must_flush(const struct oracle_answer *answer, u32 vp_index,
		       u64 gva, bool is_global)
{
	if (answer->end != ORACLE_DONE || !is_canonical(gva) ||
	    answer->flush == ORACLE_FLUSH_NONE ||
	    (answer->targets[vp_index / 64] >> vp_index % 64 & 1) == 0 ||
	    (!answer->names_root && !is_global)) {
		return false;
	}
	if (answer->flush == ORACLE_FLUSH_LIST) {
		return list_names(answer, gva);
	}
	return answer->flush == ORACLE_FLUSH_SPACE || !is_global;
}
