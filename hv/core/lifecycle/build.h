/* SPDX-License-Identifier: MIT */
/* Makes partitions from the handoff; boot CPU, before launch. */
#ifndef HV_CORE_LIFECYCLE_BUILD_H
#define HV_CORE_LIFECYCLE_BUILD_H

#include "handoff.h"

struct partition;

/* Where the partition's files are, as linear addresses. */
struct build_files {
	const void *image;
	const void *initrd;
};

/* How VP 0 starts. */
struct build_entry {
	u32 entry;
	u32 start_info;
};

/*
 * Builds partition `number` of the handoff: EPT, VPs (VP n on CPU n mod CPUs),
 * guest files in its RAM. Panics if memory is short, or if the image is not
 * good although the loader has checked it.
 */
struct partition *build_partition(const struct handoff *handoff, u32 number,
				  const struct build_files *files,
				  struct build_entry *entry);

#endif
