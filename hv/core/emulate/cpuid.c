/* SPDX-License-Identifier: MIT */
/*
 * CPUID for guests: a table of leaves with a mask for each register over the
 * CPU's own answer, and a function where that is not enough. A leaf that is not
 * in the table is zero; a bit that is not in a mask is hidden.
 */
#include "core/emulate/cpuid.h"

#include "core/console/first_use.h"
#include "core/emulate/cpuid_synthetic.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "tlfs/cpuid.h"
#include "x86/cpuid.h"
#include "x86/cr.h"

#define LEAF_BASIC_MAX     0x0000000bu
#define LEAF_HV_FIRST      0x40000000u
#define LEAF_HV_LAST       0x4fffffffu
#define LEAF_EXTENDED      0x80000000u
#define LEAF_EXTENDED_LAST 0x80000008u

#define ALL 0xffffffffu

/* SDM 2A, "CPUID": names of what is shown, by register */

/*
 * SSE3, PCLMULQDQ, SSSE3, CX16, SSE4.1, SSE4.2, MOVBE, POPCNT, AESNI, RDRAND.
 * Hidden: FMA, F16C and AVX need XSAVE; the rest need MSRs.
 */
#define SHOW_1_ECX                                                             \
	(BIT(0) | BIT(1) | BIT(9) | BIT(13) | BIT(19) | BIT(20) | BIT(22) |    \
	 BIT(23) | BIT(25) | BIT(30))

/* FPU VME DE PSE TSC MSR PAE CX8 APIC SEP PGE CMOV PAT PSE36 CLFSH MMX FXSR SSE
   SSE2 SS. Not: MCE, MTRR, MCA, PSN, DS, ACPI, TM, PBE */
#define SHOW_1_EDX                                                             \
	(GENMASK(6, 0) | BIT(8) | BIT(9) | BIT(11) | BIT(13) |                 \
	 GENMASK(17, 15) | BIT(19) | GENMASK(27, 23))

/* FSGSBASE, BMI1, x87 pointer rule, SMEP, BMI2, ERMS, INVPCID (with PCID only),
   x87 selectors, RDSEED,
   ADX, SMAP, CLFLUSHOPT, CLWB, SHA */
#define SHOW_7_EBX                                                             \
	(BIT(0) | BIT(3) | BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(10) |       \
	 BIT(13) | GENMASK(20, 18) | BIT(23) | BIT(24) | BIT(29))

/* UMIP, GFNI, RDPID, CLDEMOTE, MOVDIRI, MOVDIR64B */
#define SHOW_7_ECX (BIT(2) | BIT(8) | BIT(22) | BIT(25) | BIT(27) | BIT(28))

/* FSRM, MD_CLEAR (VERW), SERIALIZE; none of the speculation-control MSRs */
#define SHOW_7_EDX (BIT(4) | BIT(10) | BIT(14))

/* LAHF, LZCNT, PREFETCHW */
#define SHOW_EXT1_ECX (BIT(0) | BIT(5) | BIT(8))

/* SYSCALL, NX, RDTSCP, LM; no 1 GiB pages */
#define SHOW_EXT1_EDX                                                          \
	(CPUID_EXT1_EDX_SYSCALL | CPUID_EXT1_EDX_NX | CPUID_EXT1_EDX_RDTSCP |  \
	 CPUID_EXT1_EDX_LM)

#define LEAF_6_EAX_ARAT     BIT(2)
#define EXT7_EDX_INVARIANT  BIT(8)
#define TSC_CONTROL_ENABLED BIT(0)

struct row {
	u32 leaf;
	bool subleaf_0_only; /* other subleaves are zero */
	u32 show[4];
	void (*fix)(const struct vp *vp, u32 subleaf, u32 out[4]);
};

/* Bits that number `count` things: the least n with 2^n >= count. */
static u32 id_bits(u32 count)
{
	u32 bits = 0;

	while ((1u << bits) < count) {
		bits++;
	}
	return bits;
}

static void fix_max(const struct vp *vp, u32 subleaf, u32 out[4])
{
	(void)vp;
	(void)subleaf;
	out[CPUID_EAX] = LEAF_BASIC_MAX;
}

/* PCIDs need nothing of the CPU: they are those of the software TLB. */
static bool has_pcid(const struct vp *vp)
{
	const struct config_partition *config = vp->partition->config;

	return config->paging == CONFIG_PAGING_SHADOW &&
	       config->pcid == CONFIG_PCID_ON;
}

/* Initial APIC ID; each VP is a core of one package. The local APIC and its
   TSC-deadline timer are the VP's own, so they are there on any CPU. */
static void fix_features(const struct vp *vp, u32 subleaf, u32 out[4])
{
	u32 vps = vp->partition->vp_count;
	u32 ids = 1u << id_bits(vps);

	(void)subleaf;
	out[CPUID_EBX] |= vp->number << 24;
	out[CPUID_ECX] |= CPUID_1_ECX_X2APIC | CPUID_1_ECX_TSC_DEADLINE |
			  CPUID_1_ECX_HYPERVISOR;
	out[CPUID_ECX] |= has_pcid(vp) ? CPUID_1_ECX_PCID : 0;
	out[CPUID_EDX] |= CPUID_1_EDX_APIC;
	if (vps > 1) {
		out[CPUID_EBX] |= (ids < 0x100 ? ids : 0xff) << 16;
		out[CPUID_EDX] |= CPUID_1_EDX_HTT;
	}
}

/* Deterministic caches: the third level is shared, the others are private. */
static void fix_caches(const struct vp *vp, u32 subleaf, u32 out[4])
{
	u32 ids = 1u << id_bits(vp->partition->vp_count);
	u32 level = (out[CPUID_EAX] >> 5) & 7;

	(void)subleaf;
	if ((out[CPUID_EAX] & 0x1f) == 0) {
		return; /* no such cache */
	}
	out[CPUID_EAX] |= ((ids < 64 ? ids : 64) - 1) << 26;
	out[CPUID_EAX] |= level >= 3 ? (ids - 1) << 14 : 0;
}

static void fix_structured(const struct vp *vp, u32 subleaf, u32 out[4])
{
	(void)subleaf;
	if (!has_pcid(vp)) {
		out[CPUID_EBX] &= ~(u32)CPUID_7_EBX_INVPCID;
	}
}

static void fix_power(const struct vp *vp, u32 subleaf, u32 out[4])
{
	(void)vp;
	(void)subleaf;
	out[CPUID_EAX] = LEAF_6_EAX_ARAT;
}

/* Extended topology: level 0 is the thread (one a core), level 1 the core. */
static void fix_topology(const struct vp *vp, u32 subleaf, u32 out[4])
{
	u32 vps = vp->partition->vp_count;

	out[CPUID_ECX] = subleaf & 0xff;
	out[CPUID_EDX] = vp->number;
	if (subleaf == 0) {
		out[CPUID_EBX] = 1;
		out[CPUID_ECX] |= 1 << 8;
	} else if (subleaf == 1) {
		out[CPUID_EAX] = id_bits(vps);
		out[CPUID_EBX] = vps;
		out[CPUID_ECX] |= 2 << 8;
	}
}

static void fix_ext_max(const struct vp *vp, u32 subleaf, u32 out[4])
{
	(void)vp;
	(void)subleaf;
	out[CPUID_EAX] = LEAF_EXTENDED_LAST;
}

/*
 * With the privilege for TSC_INVARIANT_CONTROL the bit is shown only after the
 * guest has set it there.
 */
static void fix_invariant_tsc(const struct vp *vp, u32 subleaf, u32 out[4])
{
	const struct partition *p = vp->partition;
	u64 control =
		__atomic_load_n(&p->tsc_invariant_control, __ATOMIC_RELAXED);

	(void)subleaf;
	if ((p->config->privileges.mask &
	     HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL) != 0 &&
	    (control & TSC_CONTROL_ENABLED) == 0) {
		out[CPUID_EDX] &= ~(u32)EXT7_EDX_INVARIANT;
	}
}

/* Linear-address bits: 48 without LA57. */
static void fix_address_size(const struct vp *vp, u32 subleaf, u32 out[4])
{
	(void)vp;
	(void)subleaf;
	out[CPUID_EAX] = (out[CPUID_EAX] & 0xff) | 48 << 8;
}

/* clang-format off */
static const struct row rows[] = {
	/* leaf      sub 0  EAX     EBX         ECX            EDX */
	{ 0x0,        false, { 0,    ALL,        ALL,           ALL }, fix_max },
	{ 0x1,        false, { ALL,  0x0000ff00, SHOW_1_ECX,    SHOW_1_EDX }, fix_features },
	{ 0x2,        false, { ALL,  ALL,        ALL,           ALL }, NULL },
	{ 0x4,        false, { 0x3ff, ALL,       ALL,           ALL }, fix_caches },
	{ 0x6,        false, { 0,    0,          0,             0 }, fix_power },
	{ 0x7,        true,  { 0,    SHOW_7_EBX, SHOW_7_ECX,    SHOW_7_EDX }, fix_structured },
	{ 0xb,        false, { 0,    0,          0,             0 }, fix_topology },
	{ 0x80000000, false, { 0,    0,          0,             0 }, fix_ext_max },
	{ 0x80000001, false, { 0,    0,          SHOW_EXT1_ECX, SHOW_EXT1_EDX }, NULL },
	{ 0x80000002, false, { ALL,  ALL,        ALL,           ALL }, NULL },
	{ 0x80000003, false, { ALL,  ALL,        ALL,           ALL }, NULL },
	{ 0x80000004, false, { ALL,  ALL,        ALL,           ALL }, NULL },
	{ 0x80000006, false, { 0,    0,          ALL,           0 }, NULL },
	{ 0x80000007, false, { 0,    0,          0,             EXT7_EDX_INVARIANT }, fix_invariant_tsc },
	{ 0x80000008, false, { 0xff, 0,          0,             0 }, fix_address_size },
};

/* CR4 bits by the CPUID bit that announces them; `leaf` 0: always there */
static const struct {
	u32 leaf;
	u32 reg;
	u64 bit;
	u64 cr4;
} cr4_rows[] = {
	{ 0x0, 0,         0,                    CR4_TSD | CR4_PCE },
	{ 0x1, CPUID_EDX, BIT(1),               CR4_VME | CR4_PVI },
	{ 0x1, CPUID_EDX, BIT(2),               CR4_DE },
	{ 0x1, CPUID_EDX, BIT(3),               CR4_PSE },
	{ 0x1, CPUID_EDX, CPUID_1_EDX_PAE,      CR4_PAE },
	{ 0x1, CPUID_EDX, CPUID_1_EDX_PGE,      CR4_PGE },
	{ 0x1, CPUID_ECX, CPUID_1_ECX_PCID,     CR4_PCIDE },
	{ 0x1, CPUID_EDX, BIT(24),              CR4_OSFXSR },
	{ 0x1, CPUID_EDX, BIT(25),              CR4_OSXMMEXCPT },
	{ 0x7, CPUID_EBX, CPUID_7_EBX_FSGSBASE, CR4_FSGSBASE },
	{ 0x7, CPUID_EBX, CPUID_7_EBX_SMEP,     CR4_SMEP },
	{ 0x7, CPUID_EBX, CPUID_7_EBX_SMAP,     CR4_SMAP },
	{ 0x7, CPUID_ECX, CPUID_7_ECX_UMIP,     CR4_UMIP },
};
/* clang-format on */

static const struct row *find(u32 leaf)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].leaf == leaf) {
			return &rows[i];
		}
	}
	return NULL;
}

static bool out_of_range(u32 leaf)
{
	return leaf < LEAF_EXTENDED ? leaf > LEAF_BASIC_MAX
				    : leaf > LEAF_EXTENDED_LAST;
}

bool cpuid_peek(const struct vp *vp, u32 leaf, u32 subleaf, u32 out[4])
{
	out[0] = out[1] = out[2] = out[3] = 0;
	if (leaf >= LEAF_HV_FIRST && leaf <= LEAF_HV_LAST) {
		cpuid_synthetic(vp, leaf, out);
		return true;
	}
	const struct row *row = find(leaf);
	bool is_known = row != NULL;

	if (!is_known) {
		row = out_of_range(leaf) ? find(LEAF_BASIC_MAX) : NULL;
	}
	if (row == NULL || (row->subleaf_0_only && subleaf != 0)) {
		return is_known;
	}
	port_cpuid(row->leaf, subleaf, out);
	for (u32 i = 0; i < 4; i++) {
		out[i] &= row->show[i];
	}
	if (row->fix != NULL) {
		row->fix(vp, subleaf, out);
	}
	return is_known;
}

void cpuid_emulate(const struct vp *vp, u32 leaf, u32 subleaf, u32 out[4])
{
	if (!cpuid_peek(vp, leaf, subleaf, out)) {
		(void)first_use_report(vp->partition, FIRST_USE_CPUID, leaf);
	}
}

u64 cpuid_cr4_allowed(const struct vp *vp)
{
	u64 allowed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cr4_rows); i++) {
		u32 out[4];

		cpuid_emulate(vp, cr4_rows[i].leaf, 0, out);
		if (cr4_rows[i].leaf == 0 ||
		    (out[cr4_rows[i].reg] & cr4_rows[i].bit) != 0) {
			allowed |= cr4_rows[i].cr4;
		}
	}
	return allowed;
}
