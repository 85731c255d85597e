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
 * Stops the partition: the first caller's code and reason win, every VP gets
 * the STOP event. Returns at once; may be called by any CPU. `reason` must be
 * a constant string.
 */
void partition_stop(struct partition *p, u32 exit_code, const char *reason);

/*
 * The STOP event of `vp`, on its own CPU: the VP never runs again. The last one
 * ends its partition with a line on the console, the last partition the machine
 * with the first exit code that is not 0; then it does not return.
 */
void partition_stop_vp(struct vp *vp);

#endif
