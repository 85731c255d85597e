/* SPDX-License-Identifier: MIT */
/* The oracle's 0x000B and 0x0015 (see oracle.h): rows 17a to 19. */
#include "oracle/oracle.h"

/* Words of the block */
enum { IPI, MASK, SET = 1 };

static u16 refusal(const struct oracle_answer *a, u64 control)
{
	u64 vector = a->block[IPI] & 0xffffffff;

	if (vector < 0x10 || vector > 0xff || a->block[IPI] >> 32 != 0) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	return (u16)control == 0x000b ? 0 : oracle_set_refusal(a, SET, control);
}

static bool names(const struct oracle_answer *a, u64 control, u32 vp_index)
{
	if ((u16)control == 0x000b) {
		return vp_index < 64 && (a->block[MASK] >> vp_index & 1) != 0;
	}
	return oracle_set_names(a, SET, vp_index);
}

void oracle_ipi_call(const struct oracle_machine *m,
		     const struct oracle_call *call, u64 control,
		     struct oracle_answer *answer)
{
	const struct oracle_partition *p = &m->partition[m->self];

	(void)call;
	answer->status = refusal(answer, control);
	if (answer->status != HV_STATUS_SUCCESS) {
		return;
	}
	answer->ipi_vector = (u8)answer->block[IPI];
	for (u32 bank = 0; bank < HV_VP_SET_BANKS; bank++) {
		answer->targets[bank] = 0;
	}
	for (u32 n = 0; n < p->vps; n++) {
		u32 index = n * p->stride;

		if (names(answer, control, index)) {
			answer->targets[index / 64] |= 1ull << index % 64;
		}
	}
}
