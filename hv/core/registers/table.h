/* SPDX-License-Identifier: MIT */
/* Jobs: the elements of a call, each a register by its name. */
#ifndef HV_CORE_REGISTERS_TABLE_H
#define HV_CORE_REGISTERS_TABLE_H

#include "core/state/register_request.h"

struct vp;

/* True if any CPU may do all elements. */
bool reg_job_is_anywhere(const struct reg_job *job);

/*
 * Does the elements in order until one fails. Called on the VP's own CPU,
 * unless reg_job_is_anywhere().
 */
void reg_job_run(struct reg_job *job, struct vp *vp, u64 ahead);

#endif
