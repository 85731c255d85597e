/* SPDX-License-Identifier: MIT */
/*
 * The leaves 0x40000000-0x40000006 and 0x4000000a. The partition's
 * configuration decides which bits are shown; leaf 6 names hardware features
 * that every VP uses.
 */
#include "core/emulate/cpuid_synthetic.h"

#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "tlfs/cpuid.h"

enum { EAX, EBX, ECX, EDX };

/* Leaf 4 EBX: attempts at a lock before call 0x0008; decisions/0038 */
#define SPIN_ATTEMPTS 256
#define SPIN_NEVER    0xffffffffu

/* Leaf 6 EAX */
/* generated: hardware bits, from include/abi.toml */
#define HARDWARE_MSR_BITMAPS        BIT(1)
#define HARDWARE_SLAT               BIT(3)
#define HARDWARE_UNRESTRICTED_GUEST BIT(17)
/* end: hardware bits */

/* Number `n` (from 0) of "major.minor.patch". */
static u32 version_part(u32 n)
{
	static const char version[] = LETHE_VERSION;
	u32 value = 0;

	for (const char *at = version; *at != 0; at++) {
		if (*at == '.' && n-- == 0) {
			return value;
		}
		value = *at == '.' ? 0 : value * 10 + (u32)(*at - '0');
	}
	return n == 0 ? value : 0;
}

static void leaf_max(const struct partition *p, u32 out[4])
{
	out[EAX] = p->config->privileges.max_leaf;
	out[EBX] = HV_VENDOR_EBX;
	out[ECX] = HV_VENDOR_ECX;
	out[EDX] = HV_VENDOR_EDX;
}

static void leaf_interface(const struct partition *p, u32 out[4])
{
	(void)p;
	out[EAX] = HV_INTERFACE_EAX;
}

static void leaf_version(const struct partition *p, u32 out[4])
{
	(void)p;
	out[EAX] = version_part(2);
	out[EBX] = version_part(0) << 16 | version_part(1);
}

static void leaf_features(const struct partition *p, u32 out[4])
{
	out[EAX] = (u32)p->config->privileges.mask;
	out[EBX] = (u32)(p->config->privileges.mask >> 32);
	out[EDX] = p->config->privileges.features;
}

/* The call does something: it can be made, and a CPU has another VP. */
static bool is_spin_call_of_use(const struct partition *p)
{
	if (!(p->config->privileges.mask & HV_PRIV_ACCESS_HYPERCALL_MSRS)) {
		return false;
	}
	for (u32 i = 0; i < p->vp_count; i++) {
		if (p->vps[i]->cpu->has_several) {
			return true;
		}
	}
	return false;
}

static void leaf_recommendations(const struct partition *p, u32 out[4])
{
	out[EAX] = p->config->privileges.hints;
	out[EBX] = is_spin_call_of_use(p) ? SPIN_ATTEMPTS : SPIN_NEVER;
}

/* Every VP index is below EAX. */
static void leaf_limits(const struct partition *p, u32 out[4])
{
	out[EAX] = p->vps[p->vp_count - 1]->index + 1;
	out[EBX] = machine.cpu_count;
}

static void leaf_hardware(const struct partition *p, u32 out[4])
{
	(void)p;
	out[EAX] = HARDWARE_MSR_BITMAPS | HARDWARE_SLAT |
		   HARDWARE_UNRESTRICTED_GUEST;
}

struct leaf {
	u32 leaf;
	void (*fn)(const struct partition *p, u32 out[4]);
};

/* generated: leaves, from include/abi.toml */
/* clang-format off */
static const struct leaf leaves[] = {
	{HV_CPUID_MAX,             leaf_max},
	{HV_CPUID_INTERFACE,       leaf_interface},
	{HV_CPUID_VERSION,         leaf_version},
	{HV_CPUID_FEATURES,        leaf_features},
	{HV_CPUID_RECOMMENDATIONS, leaf_recommendations},
	{HV_CPUID_LIMITS,          leaf_limits},
	{HV_CPUID_HARDWARE,        leaf_hardware},
	/* HV_CPUID_NESTED: no nested feature is offered: all zeros */
};
/* clang-format on */
/* end: leaves */

void cpuid_synthetic(const struct vp *vp, u32 leaf, u32 out[4])
{
	const struct partition *p = vp->partition;

	out[EAX] = out[EBX] = out[ECX] = out[EDX] = 0;
	if (leaf > p->config->privileges.max_leaf) {
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
		if (leaves[i].leaf == leaf) {
			leaves[i].fn(p, out);
		}
	}
}
