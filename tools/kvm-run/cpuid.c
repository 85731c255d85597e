/* SPDX-License-Identifier: MIT */
/* Leaves of SDM 2A, "CPUID". Each VP is a core of one package, as on Lethe. */
#include "cpuid.h"

#include "x86/cpuid.h"

#define LEAF_FEATURES   1u
#define LEAF_TOPOLOGY   0xbu
#define LEAF_TOPOLOGY_2 0x1fu
#define LEAF_VM_FIRST   0x40000000u
#define LEAF_VM_LAST    0x4fffffffu
#define LEVEL_THREAD    (1u << 8)
#define LEVEL_CORE      (2u << 8)

static bool is_vm_leaf(const struct kvm_cpuid_entry2 *e)
{
	return e->function >= LEAF_VM_FIRST && e->function <= LEAF_VM_LAST;
}

static void remove_leaves(struct cpuid_table *table,
			  bool (*is_gone)(const struct kvm_cpuid_entry2 *e))
{
	u32 kept = 0;

	for (u32 i = 0; i < table->nent; i++) {
		if (!is_gone(&table->entries[i])) {
			table->entries[kept++] = table->entries[i];
		}
	}
	table->nent = kept;
}

static bool is_topology(const struct kvm_cpuid_entry2 *e)
{
	return e->function == LEAF_TOPOLOGY || e->function == LEAF_TOPOLOGY_2;
}

static bool add(struct cpuid_table *table, const struct kvm_cpuid_entry2 *e)
{
	if (table->nent == CPUID_ENTRIES_MAX) {
		return false;
	}
	table->entries[table->nent++] = *e;
	return true;
}

bool cpuid_merge(struct cpuid_table *table, const struct cpuid_table *hyperv)
{
	remove_leaves(table, is_topology);
	for (u32 level = 0; level < 2; level++) {
		struct kvm_cpuid_entry2 e = {
			.function = LEAF_TOPOLOGY,
			.index = level,
			.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
		};

		if (!add(table, &e)) {
			return false;
		}
	}
	if (hyperv == NULL) {
		return true;
	}
	remove_leaves(table, is_vm_leaf);
	for (u32 i = 0; i < hyperv->nent; i++) {
		if (!add(table, &hyperv->entries[i])) {
			return false;
		}
	}
	return true;
}

static void name_features(struct kvm_cpuid_entry2 *e, u32 n, u32 count)
{
	e->ebx = (e->ebx & 0x0000ffff) | n << 24;
	/* KVM emulates them, whatever the CPU has */
	e->ecx |= (u32)(CPUID_1_ECX_X2APIC | CPUID_1_ECX_TSC_DEADLINE |
			CPUID_1_ECX_HYPERVISOR);
	e->edx &= (u32)~CPUID_1_EDX_HTT;
	if (count > 1) {
		e->ebx |= count << 16;
		e->edx |= (u32)CPUID_1_EDX_HTT;
	}
}

/* Level 0 is the thread (one per core), level 1 the core. */
static void name_topology(struct kvm_cpuid_entry2 *e, u32 n, u32 count)
{
	u32 bits = 0;

	while (1u << bits < count) {
		bits++;
	}
	e->edx = n;
	e->eax = e->index == 0 ? 0 : bits;
	e->ebx = e->index == 0 ? 1 : count;
	e->ecx = e->index | (e->index == 0 ? LEVEL_THREAD : LEVEL_CORE);
}

void cpuid_name_vp(struct cpuid_table *table, u32 n, u32 count)
{
	for (u32 i = 0; i < table->nent; i++) {
		struct kvm_cpuid_entry2 *e = &table->entries[i];

		if (e->function == LEAF_FEATURES) {
			name_features(e, n, count);
		} else if (e->function == LEAF_TOPOLOGY) {
			name_topology(e, n, count);
		}
	}
}
