/* SPDX-License-Identifier: MIT */
/*
 * The table of requirements and the arithmetic on capability words. Decides
 * what is needed; hv/x86/caps_read.c reads it from a CPU. docs/vmx.md says what
 * each feature is used for.
 */
#include "common/platform/caps.h"

#include "x86/cr.h"
#include "x86/vmcs.h"

enum rule {
	RULE_IS,     /* word & mask == value */
	RULE_IS_NOT, /* word & mask != value */
};

struct requirement {
	enum caps_word word;
	enum rule rule;
	u64 mask;
	u64 value;
	const char *text;
};

/* CR0 and CR4 bits that root mode keeps set, and guests may set */
#define CR0_NEEDED                                                             \
	(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP |        \
	 CR0_AM | CR0_PG)
#define CR4_NEEDED                                                             \
	(CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR |         \
	 CR4_OSXMMEXCPT | CR4_VMXE)

/* Unrestricted guest lifts PE and PG for guests; NE and VMXE are shadowed */
#define CR0_MAY_BE_FIXED (CR0_PE | CR0_NE | CR0_PG)
#define CR4_MAY_BE_FIXED CR4_VMXE

#define LOCKED   BIT(0) /* IA32_FEATURE_CONTROL */
#define VMX_ON   BIT(2) /* the same: VMX outside SMX operation */
#define MEM_TYPE GENMASK(53, 50)
#define TYPE_WB  FIELD_PREP(MEM_TYPE, 6)

#define SET(_word, _bits, _text)                                               \
	{                                                                      \
		CAPS_##_word, RULE_IS, (_bits), (_bits), (_text)               \
	}
#define CLEAR(_word, _bits, _text)                                             \
	{                                                                      \
		CAPS_##_word, RULE_IS, (_bits), 0, (_text)                     \
	}
#define ANY(_word, _bits, _text)                                               \
	{                                                                      \
		CAPS_##_word, RULE_IS_NOT, (_bits), 0, (_text)                 \
	}
#define VALUE(_word, _mask, _value, _text)                                     \
	{                                                                      \
		CAPS_##_word, RULE_IS, (_mask), (_value), (_text)              \
	}
#define NOT(_word, _mask, _value, _text)                                       \
	{                                                                      \
		CAPS_##_word, RULE_IS_NOT, (_mask), (_value), (_text)          \
	}
/* Bits of a control word that may be 1, and that may be 0 */
#define CAN_SET(_word, _bits, _text)   SET(_word, (_bits) << 32, _text)
#define CAN_CLEAR(_word, _bits, _text) CLEAR(_word, _bits, _text)

/* clang-format off */
static const struct requirement requirements[] = {
	SET  (CPUID_1_ECX,       BIT(5),     "VMX"),
	SET  (CPUID_1_ECX,       BIT(21),    "x2APIC"),
	SET  (CPUID_1_EDX,       BIT(4),     "TSC"),
	SET  (CPUID_1_EDX,       BIT(9),     "local APIC"),
	SET  (CPUID_1_EDX,       BIT(13),    "global pages"),
	SET  (CPUID_1_EDX,       BIT(16),    "PAT"),
	SET  (CPUID_1_EDX,       BIT(24),    "FXSAVE and FXRSTOR"),
	SET  (CPUID_80000001_EDX, BIT(11),   "SYSCALL and SYSRET"),
	SET  (CPUID_80000001_EDX, BIT(20),   "no-execute pages"),
	SET  (CPUID_80000001_EDX, BIT(27),   "RDTSCP"),
	SET  (CPUID_80000001_EDX, BIT(29),   "64-bit mode"),
	NOT  (FEATURE_CONTROL, LOCKED | VMX_ON, LOCKED,
	      "IA32_FEATURE_CONTROL open or locked with VMX on (firmware set-up)"),
	VALUE(BASIC,   MEM_TYPE, TYPE_WB,    "write-back memory type for the VMCS"),
	SET  (BASIC,   BIT(55),              "TRUE control capabilities"),
	SET  (MISC,    BIT(5),               "EFER.LMA saved on exit"),
	CLEAR(CR0_FIXED0, ~CR0_MAY_BE_FIXED, "CR0 without fixed bits other than PE, NE and PG"),
	SET  (CR0_FIXED1, CR0_NEEDED,        "CR0 bits PE MP EM TS ET NE WP AM PG that may be 1"),
	CLEAR(CR4_FIXED0, ~CR4_MAY_BE_FIXED, "CR4 without fixed bits other than VMXE"),
	SET  (CR4_FIXED1, CR4_NEEDED,        "CR4 bits DE PSE PAE MCE PGE OSFXSR OSXMMEXCPT VMXE that may be 1"),
	CAN_SET  (PIN,   VMX_PIN_EXTERNAL_INTERRUPT,    "external-interrupt exiting"),
	CAN_SET  (PIN,   VMX_PIN_NMI,                   "NMI exiting"),
	CAN_SET  (PIN,   VMX_PIN_VIRTUAL_NMIS,          "virtual NMIs"),
	CAN_SET  (PIN,   VMX_PIN_PREEMPTION_TIMER,      "VMX-preemption timer"),
	CAN_SET  (PROC,  VMX_PROC_INTERRUPT_WINDOW,     "interrupt-window exiting"),
	CAN_SET  (PROC,  VMX_PROC_HLT,                  "HLT exiting"),
	CAN_SET  (PROC,  VMX_PROC_MWAIT,                "MWAIT exiting"),
	CAN_SET  (PROC,  VMX_PROC_RDPMC,                "RDPMC exiting"),
	CAN_SET  (PROC,  VMX_PROC_CR8_LOAD,             "CR8-load exiting"),
	CAN_SET  (PROC,  VMX_PROC_CR8_STORE,            "CR8-store exiting"),
	CAN_SET  (PROC,  VMX_PROC_NMI_WINDOW,           "NMI-window exiting"),
	CAN_SET  (PROC,  VMX_PROC_UNCONDITIONAL_IO,     "unconditional I/O exiting"),
	CAN_SET  (PROC,  VMX_PROC_MSR_BITMAPS,          "MSR bitmaps"),
	CAN_SET  (PROC,  VMX_PROC_MONITOR,              "MONITOR exiting"),
	CAN_SET  (PROC,  VMX_PROC_SECONDARY,            "secondary controls"),
	CAN_CLEAR(PROC,  VMX_PROC_CR3_LOAD,             "CR3-load exiting that may be off"),
	CAN_CLEAR(PROC,  VMX_PROC_CR3_STORE,            "CR3-store exiting that may be off"),
	CAN_SET  (PROC2, VMX_PROC2_EPT,                 "EPT"),
	CAN_SET  (PROC2, VMX_PROC2_RDTSCP,              "enable RDTSCP"),
	CAN_SET  (PROC2, VMX_PROC2_VPID,                "VPID"),
	CAN_SET  (PROC2, VMX_PROC2_UNRESTRICTED_GUEST,  "unrestricted guest"),
	CAN_SET  (EXIT,  VMX_EXIT_HOST_64,              "exit to a 64-bit host"),
	CAN_SET  (EXIT,  VMX_EXIT_ACK_INTERRUPT,        "acknowledge interrupt on exit"),
	CAN_SET  (EXIT,  VMX_EXIT_SAVE_PAT,             "save PAT on exit"),
	CAN_SET  (EXIT,  VMX_EXIT_LOAD_PAT,             "load PAT on exit"),
	CAN_SET  (EXIT,  VMX_EXIT_SAVE_EFER,            "save EFER on exit"),
	CAN_SET  (EXIT,  VMX_EXIT_LOAD_EFER,            "load EFER on exit"),
	CAN_SET  (ENTRY, VMX_ENTRY_IA32E,               "entry to an IA-32e mode guest"),
	CAN_SET  (ENTRY, VMX_ENTRY_LOAD_PAT,            "load PAT on entry"),
	CAN_SET  (ENTRY, VMX_ENTRY_LOAD_EFER,           "load EFER on entry"),
	SET  (EPT_VPID, BIT(6),              "EPT with 4 levels"),
	SET  (EPT_VPID, BIT(14),             "EPT with write-back memory type"),
	SET  (EPT_VPID, BIT(16),             "EPT with 2 MiB pages"),
	SET  (EPT_VPID, BIT(20),             "INVEPT"),
	ANY  (EPT_VPID, BIT(25) | BIT(26),   "INVEPT single-context or all-context"),
	SET  (EPT_VPID, BIT(32),             "INVVPID"),
	ANY  (EPT_VPID, BIT(41) | BIT(42),   "INVVPID single-context or all-context"),
};
/* clang-format on */

enum merge {
	MERGE_FIRST,    /* keep that of the first CPU */
	MERGE_AND,      /* 1 is the ability */
	MERGE_OR,       /* 1 is the restriction */
	MERGE_CONTROLS, /* low half restriction, high half ability */
	MERGE_BASIC,    /* revision and sizes of the first, AND above them */
	MERGE_MISC,     /* larger timer shift, AND above it */
};

static const enum merge merges[CAPS_WORD_COUNT] = {
	[CAPS_CPUID_1_ECX] = MERGE_AND,
	[CAPS_CPUID_1_EDX] = MERGE_AND,
	[CAPS_CPUID_80000001_EDX] = MERGE_AND,
	[CAPS_FEATURE_CONTROL] = MERGE_FIRST,
	[CAPS_BASIC] = MERGE_BASIC,
	[CAPS_MISC] = MERGE_MISC,
	[CAPS_CR0_FIXED0] = MERGE_OR,
	[CAPS_CR0_FIXED1] = MERGE_AND,
	[CAPS_CR4_FIXED0] = MERGE_OR,
	[CAPS_CR4_FIXED1] = MERGE_AND,
	[CAPS_PIN] = MERGE_CONTROLS,
	[CAPS_PROC] = MERGE_CONTROLS,
	[CAPS_PROC2] = MERGE_CONTROLS,
	[CAPS_EXIT] = MERGE_CONTROLS,
	[CAPS_ENTRY] = MERGE_CONTROLS,
	[CAPS_EPT_VPID] = MERGE_AND,
};

#define CONTROL_MUST  GENMASK(31, 0)
#define CONTROL_MAY   GENMASK(63, 32)
#define BASIC_SIZES   GENMASK(47, 0)
#define BASIC_REV     GENMASK(30, 0)
#define MISC_SHIFT    GENMASK(4, 0)
#define INVVPID_TYPES 40
#define INVEPT_TYPES  24

static bool is_met(const struct requirement *row, const struct caps_raw *raw)
{
	bool equal = (raw->word[row->word] & row->mask) == row->value;

	if (!(raw->present & BIT(row->word))) {
		return false;
	}
	return row->rule == RULE_IS ? equal : !equal;
}

u32 caps_check(const struct caps_raw *raw, caps_missing_fn *missing,
	       void *context)
{
	u32 count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(requirements); i++) {
		if (!is_met(&requirements[i], raw)) {
			missing(context, requirements[i].text);
			count++;
		}
	}
	return count;
}

static u64 merge_misc(u64 a, u64 b)
{
	u64 shift_a = a & MISC_SHIFT;
	u64 shift_b = b & MISC_SHIFT;

	return (a & b & ~MISC_SHIFT) | (shift_a > shift_b ? shift_a : shift_b);
}

static u64 merge_words(enum merge how, u64 a, u64 b)
{
	switch (how) {
	case MERGE_AND:
		return a & b;
	case MERGE_OR:
		return a | b;
	case MERGE_CONTROLS:
		return ((a | b) & CONTROL_MUST) | (a & b & CONTROL_MAY);
	case MERGE_BASIC:
		return a & (b | BASIC_SIZES);
	case MERGE_MISC:
		return merge_misc(a, b);
	case MERGE_FIRST:
	default:
		return a;
	}
}

void caps_combine(struct caps_raw *all, const struct caps_raw *raw)
{
	all->present &= raw->present;
	for (size_t i = 0; i < CAPS_WORD_COUNT; i++) {
		all->word[i] =
			merge_words(merges[i], all->word[i], raw->word[i]);
	}
}

bool caps_has(const struct caps_raw *raw, enum caps_word word, u64 bits)
{
	return (raw->word[word] & bits) == bits;
}

bool caps_can_set(const struct caps_raw *raw, enum caps_word word, u32 bits)
{
	return caps_has(raw, word, (u64)bits << 32);
}

u32 caps_controls(const struct caps_raw *raw, enum caps_word word, u32 wanted)
{
	return wanted | (u32)raw->word[word];
}

u32 caps_preemption_shift(const struct caps_raw *raw)
{
	return (u32)(raw->word[CAPS_MISC] & MISC_SHIFT);
}

bool caps_has_invvpid(const struct caps_raw *raw, u32 type)
{
	return type < 4 &&
	       caps_has(raw, CAPS_EPT_VPID, BIT(INVVPID_TYPES + type));
}

bool caps_has_invept(const struct caps_raw *raw, u32 type)
{
	return (type == 1 || type == 2) &&
	       caps_has(raw, CAPS_EPT_VPID, BIT(INVEPT_TYPES + type));
}

u32 caps_revision(const struct caps_raw *raw)
{
	return (u32)(raw->word[CAPS_BASIC] & BASIC_REV);
}
