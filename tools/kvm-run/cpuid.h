/* SPDX-License-Identifier: MIT */
/* What CPUID answers in the guest: KVM's two tables, merged. */
#ifndef TOOLS_KVM_RUN_CPUID_H
#define TOOLS_KVM_RUN_CPUID_H

#include <linux/kvm.h>

#include "base/types.h"

#define CPUID_ENTRIES_MAX 256

/* struct kvm_cpuid2 with room for its entries */
struct cpuid_table {
	u32 nent;
	u32 padding;
	struct kvm_cpuid_entry2 entries[CPUID_ENTRIES_MAX];
};
_Static_assert(offsetof(struct cpuid_table, entries) ==
		       offsetof(struct kvm_cpuid2, entries),
	       "the layout of struct kvm_cpuid2");

/*
 * `table` is what KVM supports; `hyperv`, if not NULL, replaces its leaves
 * 0x400000xx. False if there is no room.
 */
bool cpuid_merge(struct cpuid_table *table, const struct cpuid_table *hyperv);

/* Writes the APIC ID and topology of VP n of `count` into leaves 1 and 0xB. */
void cpuid_name_vp(struct cpuid_table *table, u32 n, u32 count);

#endif
