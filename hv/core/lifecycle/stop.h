/* SPDX-License-Identifier: MIT */
/*
 * How a partition stops: a request, the stop of each VP, the end of the
 * partition with its last VP, the end of the machine with its last partition.
 */
#ifndef HV_CORE_LIFECYCLE_STOP_H
#define HV_CORE_LIFECYCLE_STOP_H

#include "base/types.h"

struct partition;
struct vp;

/*
 * Stops the partition if it is RUNNING: the first caller's code and reason win
 * (then it returns true), every VP gets the STOP event. Returns at once; may be
 * called by any CPU. `reason` must be a constant string.
 */
bool partition_stop(struct partition *p, u32 exit_code, const char *reason);

/*
 * The STOP event of `vp`, on its own CPU: the VP does not run again in this
 * life of its partition. The last one ends the partition with a line on the
 * console, and hands it over to core/lifecycle/start.h. The last partition that
 * does not start again ends the machine, with the first exit code of a last
 * life that is not 0, unless machine.goes_on; then it does not return.
 */
void partition_stop_vp(struct vp *vp);

#endif
