/* SPDX-License-Identifier: MIT */
/*
 * INVPCID of a VP with a software TLB. SDM 2A, "INVPCID—Invalidate
 * Process-Context Identifier".
 */
#ifndef HV_CORE_VP_INVPCID_H
#define HV_CORE_VP_INVPCID_H

#include "core/vp/operand.h"

enum invpcid_end {
	INVPCID_DONE,
	INVPCID_EXCEPTION,  /* `vector`, error code 0 */
	INVPCID_PAGE_FAULT, /* at `gva`, `error_code` */
	INVPCID_OUTSIDE,    /* the descriptor or a table is not in RAM */
	INVPCID_AGAIN,      /* the guest kept changing its tables */
};

struct invpcid_answer {
	u8 vector;
	u32 error_code;
	gva_t gva;
	gpa_t outside; /* of OUTSIDE: where the CPU would have gone */
};

/*
 * Executes the instruction. Called on the VP's own CPU with its VMCS current;
 * the CPU has checked that CPL is 0. shadow_vmcs_sync() is done.
 */
enum invpcid_end invpcid_execute(struct vp *vp, const struct operand *operand,
				 struct invpcid_answer *answer);

#endif
