/* SPDX-License-Identifier: MIT */
/* The guest's RAM, one block at guest-physical 0, and the PVH kernel in it. */
#ifndef TOOLS_KVM_RUN_MEMORY_H
#define TOOLS_KVM_RUN_MEMORY_H

#include "base/types.h"

struct partition {
	u8 *ram;
	u64 len;
};

/* Where the boot VP starts: EIP, and EBX for hvm_start_info */
struct memory_entry {
	u32 entry;
	u32 start_info;
};

/* Allocates `len` bytes of zeros, page aligned. */
void memory_take(struct partition *p, u64 len);

/* Loads a kernel file into RAM; a bad one ends kvm-run with a message. */
struct memory_entry memory_load(struct partition *p, const char *path,
				const char *cmdline);

#endif
