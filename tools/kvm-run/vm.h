/* SPDX-License-Identifier: MIT */
/* Checks that /dev/kvm can do what the options need, and creates a VM. */
#ifndef TOOLS_KVM_RUN_VM_H
#define TOOLS_KVM_RUN_VM_H

#include "cpuid.h"
#include "memory.h"
#include "options.h"

struct vm {
	int kvm; /* /dev/kvm */
	int fd;  /* the VM */
	u32 run_len;
	bool has_hyperv;
	struct cpuid_table cpuid;
};

/* Each failure ends kvm-run with a message. */
void vm_create(struct vm *vm, const struct options *o,
	       const struct partition *p);

#endif
