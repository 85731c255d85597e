/* SPDX-License-Identifier: MIT */
/* Each VP is a thread. VP 0 starts at the PVH entry, others wait for SIPI. */
#ifndef TOOLS_KVM_RUN_VP_H
#define TOOLS_KVM_RUN_VP_H

#include "vm.h"

/* Runs them until the guest ends, which ends the process. */
__noreturn void vp_run_all(struct vm *vm, const struct options *o,
			   struct memory_entry start);

#endif
