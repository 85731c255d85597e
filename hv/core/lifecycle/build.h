/* SPDX-License-Identifier: MIT */
/* Makes partitions from the handoff; boot CPU, before launch. */
#ifndef HV_CORE_LIFECYCLE_BUILD_H
#define HV_CORE_LIFECYCLE_BUILD_H

#include "core/state/partition.h"
#include "handoff.h"

/*
 * Builds partition `number` of the handoff: EPT, VPs (VP n on CPU n mod CPUs),
 * guest files in its RAM. `files` are linear addresses, which stay readable for
 * the partition's next lives; p->plan says how VP 0 starts. Says in a line how
 * many symbols there are, or why there are none. Panics if memory is
 * short, or if the image is not good although the loader has checked it.
 */
struct partition *build_partition(const struct handoff *handoff, u32 number,
				  const struct partition_files *files);

#endif
