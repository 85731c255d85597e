/* SPDX-License-Identifier: MIT */
/*
 * CPUID of a guest: the masks, on a CPU that has every feature, and the leaves
 * of Hv#1.
 */
#include "core/emulate/cpuid.h"

#include <stdio.h>

#include "core/console/first_use.h"
#include "core/console/log.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "tlfs/cpuid.h"
#include "x86/cr.h"

enum { EAX, EBX, ECX, EDX };

#define ALL 0xffffffffu

static struct partition *p;

/* A CPU that sets every bit of every leaf. */
static void start(u32 vps, u32 stride)
{
	static const u32 leaves[] = {
		0x0,        0x1,        0x2,        0x3,        0x5,
		0x6,        0x7,        0x9,        0xa,        0xb,
		0xd,        0x80000000, 0x80000001, 0x80000002, 0x80000003,
		0x80000004, 0x80000005, 0x80000006, 0x80000007, 0x80000008,
		0x8000001f, 0x40000000, 0x40000007, 0x4000000a, 0x40000100,
	};

	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
		fake_cpuid_set(leaves[i], 0, ALL, ALL, ALL, ALL);
		fake_cpuid_set(leaves[i], 1, ALL, ALL, ALL, ALL);
	}
	p = fake_partition(vps, stride);
	fake_config(p)->first_use = CONFIG_FIRST_USE_LIST;
	first_use_reset(p);
}

struct row {
	u32 leaf;
	u32 subleaf;
	u32 out[4];
};

static void compare(const struct vp *vp, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		u32 out[4];

		cpuid_emulate(vp, rows[i].leaf, rows[i].subleaf, out);
		for (u32 r = 0; r < 4; r++) {
			/* the upper half says which row and register */
			u64 where = (u64)i << 40 | (u64)r << 32;

			CHECK_EQ(where | out[r], where | rows[i].out[r]);
		}
	}
}

#define COMPARE(vp, rows) compare(vp, rows, ARRAY_SIZE(rows))

/* The masks a second time, as hexadecimal numbers. */
static void t_full_cpu_is_masked(void)
{
	static const struct row rows[] = {
		{0x0, 0, {0xb, ALL, ALL, ALL}},
		{0x1, 0, {ALL, 0x0000ff00, 0xc3f82203, 0x0f8bab7f}},
		{0x2, 0, {ALL, ALL, ALL, ALL}},
		{0x3, 0, {0, 0, 0, 0}},
		{0x5, 0, {0, 0, 0, 0}},
		{0x6, 0, {0x4, 0, 0, 0}},
		{0x7, 0, {0, 0x219c23c9, 0x1a400104, 0x00004410}},
		{0x7, 1, {0, 0, 0, 0}},
		{0x9, 0, {0, 0, 0, 0}},
		{0xa, 0, {0, 0, 0, 0}},
		{0x80000000, 0, {0x80000008, 0, 0, 0}},
		{0x80000001, 0, {0, 0, 0x121, 0x28100800}},
		{0x80000002, 0, {ALL, ALL, ALL, ALL}},
		{0x80000004, 0, {ALL, ALL, ALL, ALL}},
		{0x80000005, 0, {0, 0, 0, 0}},
		{0x80000006, 0, {0, 0, ALL, 0}},
		{0x80000008, 0, {0x30ff, 0, 0, 0}},
	};

	start(1, 1);
	COMPARE(p->vps[0], rows);
}

/* Features that a guest must not see, by name and bit. */
static void t_hidden_features_stay_hidden(void)
{
	static const struct {
		u32 leaf;
		u32 reg;
		u32 bit;
	} hidden[] = {
		{1, ECX, 2},  {1, ECX, 3},  {1, ECX, 5},           {1, ECX, 6},
		{1, ECX, 7},  {1, ECX, 8},  {1, ECX, 12},          {1, ECX, 15},
		{1, ECX, 17}, {1, ECX, 18}, {1, ECX, 26},          {1, ECX, 27},
		{1, ECX, 28}, {1, ECX, 29}, {1, EDX, 7},           {1, EDX, 12},
		{1, EDX, 14}, {1, EDX, 21}, {1, EDX, 22},          {1, EDX, 29},
		{6, EAX, 0},  {6, EAX, 7},  {6, ECX, 0},           {7, EBX, 1},
		{7, EBX, 2},  {7, EBX, 4},  {7, EBX, 5},           {7, EBX, 10},
		{7, EBX, 11}, {7, EBX, 12}, {7, EBX, 14},          {7, EBX, 15},
		{7, EBX, 16}, {7, EBX, 25}, {7, ECX, 3},           {7, ECX, 4},
		{7, ECX, 5},  {7, ECX, 7},  {7, ECX, 16},          {7, EDX, 20},
		{7, EDX, 26}, {7, EDX, 27}, {7, EDX, 28},          {7, EDX, 29},
		{7, EDX, 30}, {7, EDX, 31}, {0x80000001, EDX, 26},
	};

	start(2, 1);
	for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
		u32 out[4];

		cpuid_emulate(p->vps[1], hidden[i].leaf, 0, out);
		CHECK_EQ(i << 1 | ((out[hidden[i].reg] >> hidden[i].bit) & 1),
			 i << 1);
	}
}

/* On a CPU without features a guest sees only what the hypervisor adds. */
static void t_empty_cpu_shows_the_virtual_apic_only(void)
{
	static const struct row rows[] = {
		{0x0, 0, {0xb, 0, 0, 0}},
		{0x1, 0, {0, 0x02040000, 0x81200000, 0x10000200}},
		{0x4, 0, {0, 0, 0, 0}},
		{0x6, 0, {0x4, 0, 0, 0}},
		{0x7, 0, {0, 0, 0, 0}},
		{0x80000001, 0, {0, 0, 0, 0}},
		{0x80000008, 0, {0x3000, 0, 0, 0}},
	};

	p = fake_partition(3, 1);
	fake_config(p)->first_use = CONFIG_FIRST_USE_LIST;
	first_use_reset(p);
	COMPARE(p->vps[2], rows);
	CHECK_EQ(cpuid_cr4_allowed(p->vps[0]), CR4_TSD | CR4_PCE);
}

static void t_topology_is_one_thread_a_core(void)
{
	static const struct {
		u32 vps;
		u32 bits;
		u32 logical; /* leaf 1 EBX 23:16 */
	} rows[] = {
		{1, 0, 0},    {2, 1, 2},     {3, 2, 4},
		{4, 2, 4},    {5, 3, 8},     {64, 6, 64},
		{65, 7, 128}, {130, 8, 255}, {256, 8, 255},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 last = rows[i].vps - 1;

		fake_reset();
		start(rows[i].vps, 1);
		const struct row want[] = {
			{0xb, 0, {0, 1, 0x100, last}},
			{0xb, 1, {rows[i].bits, rows[i].vps, 0x201, last}},
			{0xb, 2, {0, 0, 2, last}},
			{0xb, 0x105, {0, 0, 5, last}},
		};
		u32 out[4];

		COMPARE(p->vps[last], want);
		cpuid_emulate(p->vps[last], 1, 0, out);
		CHECK_EQ(out[EBX] >> 24, last);
		CHECK_EQ((out[EBX] >> 16) & 0xff, rows[i].logical);
		CHECK_EQ((out[EDX] >> 28) & 1, rows[i].vps > 1);
	}
}

static void t_caches_are_private_up_to_level_two(void)
{
	static const struct row rows[] = {
		{4, 0, {3u << 26 | 0x121, 1, 2, 3}},
		{4, 1, {3u << 26 | 0x143, 4, 5, 6}},
		{4, 2, {3u << 26 | 3u << 14 | 0x163, 7, 8, 9}},
		{4, 3, {0, 0, 0, 0}},
	};

	start(4, 1);
	fake_cpuid_set(4, 0, 0x1c004121, 1, 2, 3);
	fake_cpuid_set(4, 1, 0x1c004143, 4, 5, 6);
	fake_cpuid_set(4, 2, 0x1c03c163, 7, 8, 9);
	COMPARE(p->vps[0], rows);
}

static void t_beyond_the_maximum_is_the_highest_basic_leaf(void)
{
	static const u32 leaves[] = {
		0xc,        0xd,        0x15,       0x3fffffff, 0x50000000,
		0x7fffffff, 0x80000009, 0x8000001f, 0xc0000000, 0xffffffff};

	start(2, 1);
	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
		const struct row want[] = {
			{leaves[i], 0, {0, 1, 0x100, 1}},
			{leaves[i], 1, {1, 2, 0x201, 1}},
		};

		COMPARE(p->vps[1], want);
	}
}

static void t_hypervisor_leaves_show_what_is_granted(void)
{
	static const struct row rows[] = {
		{0x40000000,
		 0,
		 {0x4000000a, 0x7263694d, 0x666f736f, 0x76482074}},
		{0x40000001, 0, {0x31237648, 0, 0, 0}},
		{0x40000003, 0, {0x8872, 0x120000, 0, 0x4c110}},
		{0x40000004, 0, {0xc24, 0xffffffff, 0, 0}},
		{0x40000005, 0, {211, 4, 0, 0}},
		{0x40000006, 0, {0x2000a, 0, 0, 0}},
		{0x40000007, 0, {0, 0, 0, 0}},
		{0x40000009, 0, {0, 0, 0, 0}},
		{0x4000000a, 0, {0, 0, 0, 0}},
		{0x4000000b, 0, {0, 0, 0, 0}},
		{0x40000081, 0, {0, 0, 0, 0}},
		{0x40000100, 0, {0, 0, 0, 0}},
		{0x4fffffff, 0, {0, 0, 0, 0}},
	};

	start(4, 70);
	for (u32 i = 0; i < 4; i++) {
		COMPARE(p->vps[i], rows);
	}
	log_flush();
	CHECK_STR(fake.uart, "");
}

static void t_hypervisor_leaves_follow_the_configuration(void)
{
	static const struct row rows[] = {
		{0x40000000,
		 0,
		 {0x40000005, 0x7263694d, 0x666f736f, 0x76482074}},
		{0x40000003, 0, {0x8860, 0, 0, 0x100}},
		{0x40000004, 0, {0x804, 0xffffffff, 0, 0}},
		{0x40000005, 0, {2, 2, 0, 0}},
		{0x40000006, 0, {0, 0, 0, 0}},
	};

	start(2, 1);
	fake_config(p)->privileges = (struct config_privileges){
		.mask = HV_PRIV_ACCESS_HYPERCALL_MSRS |
			HV_PRIV_ACCESS_VP_INDEX |
			HV_PRIV_ACCESS_FREQUENCY_REGS |
			HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL,
		.features = HV_FEATURE_FREQUENCY_MSRS,
		.hints = HV_HINT_REMOTE_FLUSH | HV_HINT_EX_PROCESSOR_MASKS,
		.max_leaf = HV_CPUID_LIMITS,
	};
	COMPARE(p->vps[0], rows);
}

static u32 spin_attempts(const struct partition *of)
{
	u32 out[4];

	cpuid_emulate(of->vps[0], HV_CPUID_RECOMMENDATIONS, 0, out);
	return out[EBX];
}

/* Call 0x0008 is worth making where it can pass a CPU on. */
static void t_spin_attempts_where_a_cpu_is_shared(void)
{
	struct partition *second;

	fake_cpus(2);
	start(2, 1);
	CHECK_EQ(spin_attempts(p), ALL);
	/* its VP 0 shares CPU 0 with that of the first */
	second = fake_partition(1, 1);
	CHECK_EQ(spin_attempts(second), 256);
	CHECK_EQ(spin_attempts(p), 256);
	/* a guest that cannot make calls */
	fake_config(p)->privileges.mask &= ~HV_PRIV_ACCESS_HYPERCALL_MSRS;
	CHECK_EQ(spin_attempts(p), ALL);
}

static void t_version_leaf_is_the_version(void)
{
	u32 out[4];
	char want[32];

	start(1, 1);
	cpuid_emulate(p->vps[0], 0x40000002, 0, out);
	snprintf(want, sizeof(want), "%u.%u.%u", out[EBX] >> 16,
		 out[EBX] & 0xffff, out[EAX]);
	CHECK_STR(want, LETHE_VERSION);
	CHECK_EQ(out[ECX], 0);
	CHECK_EQ(out[EDX], 0);
}

static void t_invariant_tsc_waits_for_the_guest(void)
{
	static const struct row hidden[] = {{0x80000007, 0, {0, 0, 0, 0}}};
	static const struct row shown[] = {{0x80000007, 0, {0, 0, 0, 0x100}}};

	start(1, 1);
	COMPARE(p->vps[0], hidden);
	p->tsc_invariant_control = 1;
	COMPARE(p->vps[0], shown);
	p->tsc_invariant_control = 0;
	fake_config(p)->privileges.mask = 0;
	COMPARE(p->vps[0], shown);
	fake_cpuid_set(0x80000007, 0, 0, 0, 0, 0);
	COMPARE(p->vps[0], hidden);
}

static void t_cr4_follows_cpuid(void)
{
	start(1, 1);
	CHECK_EQ(cpuid_cr4_allowed(p->vps[0]),
		 CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE |
			 CR4_PGE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT |
			 CR4_UMIP | CR4_FSGSBASE | CR4_SMEP | CR4_SMAP);
	fake_cpuid_set(7, 0, 0, BIT(7), 0, 0);
	fake_cpuid_set(1, 0, 0, 0, 0, BIT(6));
	CHECK_EQ(cpuid_cr4_allowed(p->vps[0]),
		 CR4_TSD | CR4_PCE | CR4_PAE | CR4_SMEP);
}

static void t_unknown_leaves_are_reported_once(void)
{
	u32 out[4];

	start(1, 1);
	for (u32 i = 0; i < 3; i++) {
		cpuid_emulate(p->vps[0], 0xa, i, out);
		cpuid_emulate(p->vps[0], 0x8000001f, 0, out);
		cpuid_emulate(p->vps[0], 7, 1, out);
	}
	log_flush();
	CHECK_STR(fake.uart,
		  "[0] guest0: first use kind=cpuid key=0xa\n"
		  "[0] guest0: first use kind=cpuid key=0x8000001f\n");
}

#define T(name)                                                                \
	{                                                                      \
#name, t_##name                                                \
	}

static const struct test tests[] = {
	{"spin_attempts_where_a_cpu_is_shared",
	 t_spin_attempts_where_a_cpu_is_shared},
	T(full_cpu_is_masked),
	T(hidden_features_stay_hidden),
	T(empty_cpu_shows_the_virtual_apic_only),
	T(topology_is_one_thread_a_core),
	T(caches_are_private_up_to_level_two),
	T(beyond_the_maximum_is_the_highest_basic_leaf),
	T(hypervisor_leaves_show_what_is_granted),
	T(hypervisor_leaves_follow_the_configuration),
	T(version_leaf_is_the_version),
	T(invariant_tsc_waits_for_the_guest),
	T(cr4_follows_cpuid),
	T(unknown_leaves_are_reported_once),
};

const struct suite suite_cpuid = SUITE("cpuid", tests);
