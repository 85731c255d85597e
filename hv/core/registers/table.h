/* SPDX-License-Identifier: MIT */
/* Jobs: the elements of a call, each a register by its name. */
#ifndef HV_CORE_REGISTERS_TABLE_H
#define HV_CORE_REGISTERS_TABLE_H

#include "core/state/register_request.h"

struct vp;

/* Can all elements be done on any CPU? */
bool reg_job_is_anywhere(const struct reg_job *job);

/* Does them in order until one fails; the VP's own CPU, or is_anywhere. */
void reg_job_run(struct reg_job *job, struct vp *vp, u64 ahead);

#endif
