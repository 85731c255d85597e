/* SPDX-License-Identifier: MIT */
/*
 * What is removed from the TLB of a VP that uses PCIDs, and from which of its
 * address spaces: MOV to control registers, INVLPG, INVPCID, flush calls. With
 * paging = shadow also that all else is still there, loaded or not. Each row
 * runs for the caller itself and for VP 1.
 */
#include "call/flush.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "suites/paging/spaces.h"

#include "x86/cpuid.h"
#include "x86/cr.h"

#define STEPS  2
#define MISSED BIT(7) /* a PCID that no space has */

/* One event on the VP, or a flush call that names it. */
struct pcid_step {
	void (*fn)(const struct pcid_step *step); /* NULL: it is a call */
	enum space space; /* whose CR3, PCID or root it names */
	u64 page;         /* of which address, as one bit */
	u64 value;        /* a bit, a type, or the flags of a call */
	u16 code;         /* of a call */
	bool is_unused;   /* a PCID or root that no space has */
};

struct pcid_row {
	struct pcid_step step[STEPS];
	enum space at;      /* where the VP is meanwhile */
	u64 gone;           /* on that VP */
	u64 more;           /* what the software TLB removes too */
	bool is_everywhere; /* on all VPs */
	bool is_strict;
	u32 feature; /* CPUID leaf 7 EBX must have it; 0: none */
};

static void call(const struct pcid_step *s, u32 target)
{
	u64 gva = s->page != 0 ? spaces_gva(s->page) & PAGE_MASK : 0;
	struct flush_call c = {
		.code = s->code,
		.space = s->is_unused ? spaces_unused_root()
				      : spaces_cr3(s->space),
		.flags = s->value,
		.vps = vpset_one(target),
		.ranges = &gva,
		.count = 1,
	};

	tap_equal("result", flush_call_do(&c), flush_call_success(&c));
}

static void step_job(void *arg)
{
	const struct pcid_step *s = arg;

	s->fn(s);
}

static void enter_job(void *arg)
{
	spaces_enter(*(const enum space *)arg);
}

static void perform(struct pcid_row *row, u32 target)
{
	enum space kernel = SPACE_KERNEL;

	region_run_on(target, enter_job, &row->at);
	for (u32 i = 0; i < STEPS; i++) {
		struct pcid_step *s = &row->step[i];

		if (s->fn != NULL) {
			region_run_on(target, step_job, s);
		} else if (s->code != 0) {
			call(s, target);
		}
	}
	region_run_on(target, enter_job, &kernel);
}

static void run_row(const void *arg)
{
	struct pcid_row row = *(const struct pcid_row *)arg;
	u64 gone = row.gone | (row.is_strict ? row.more : 0);

	if ((cpu_cpuid(CPUID_LEAF_EXTENDED, 0).ebx & row.feature) !=
	    row.feature) {
		tap_skip("not offered");
		return;
	}
	for (u32 target = 0; target < spaces_vps(); target++) {
		spaces_begin(row.is_strict);
		perform(&row, target);
		for (u32 n = 0; n < spaces_vps(); n++) {
			bool is_named = n == target || row.is_everywhere;

			spaces_expect(n, is_named ? gone : 0, row.is_strict);
		}
		spaces_end();
	}
}

/* ---- events ---- */

static void load(const struct pcid_step *s)
{
	cpu_set_cr3(spaces_cr3(s->space));
}

static void keep(const struct pcid_step *s)
{
	spaces_enter(s->space);
}

/* The PCID of one space with the root of another one, which is kept. */
static void mix(const struct pcid_step *s)
{
	u64 root = spaces_cr3(SPACE_OTHER) & ~CR3_PCID;

	cpu_set_cr3(root | (spaces_cr3(s->space) & CR3_PCID) | CR3_NO_FLUSH);
}

/* The same, and nothing of that PCID is kept. */
static void mix_load(const struct pcid_step *s)
{
	u64 root = spaces_cr3(SPACE_OTHER) & ~CR3_PCID;

	cpu_set_cr3(root | (spaces_cr3(s->space) & CR3_PCID));
}

static void invlpg(const struct pcid_step *s)
{
	cpu_invlpg(spaces_gva(s->page));
}

static void invpcid(const struct pcid_step *s)
{
	u64 pcid = s->is_unused ? MISSED : spaces_cr3(s->space) & CR3_PCID;

	cpu_invpcid(s->value, pcid, s->page != 0 ? spaces_gva(s->page) : 0);
}

static void toggle_cr0(const struct pcid_step *s)
{
	u64 cr0 = cpu_cr0();

	cpu_set_cr0(cr0 ^ s->value);
	cpu_set_cr0(cr0);
}

static void toggle_cr4(const struct pcid_step *s)
{
	u64 cr4 = cpu_cr4();

	cpu_set_cr4(cr4 ^ s->value);
	cpu_set_cr4(cr4);
}

/* CR3 has a PCID when PCIDE goes; it must have none when PCIDE comes back. */
static void pcide_off(const struct pcid_step *s)
{
	(void)s;
	spaces_pcids_off();
	cpu_set_cr3(spaces_cr3(SPACE_KERNEL));
	spaces_pcids_on();
}

/* ---- rows ---- */

#define REMOVED                                                                \
	"SDM 3A: Operations that Invalidate TLBs and Paging-Structure Caches"
#define INVPCID "SDM 2A: INVPCID"
#define LISTS   "TLFS: HvCallFlushVirtualAddressList"
#define SPACED  "TLFS: HvCallFlushVirtualAddressSpace"
#define ALL_AS  HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES

#define DO(...)                                                                \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define ONE(_name, _heading, _needs, ...)                                      \
	{                                                                      \
		_name, _heading, run_row,                                      \
			&(const struct pcid_row){__VA_ARGS__}, 1,              \
			NEED_HV | NEED_PCID | (_needs)                         \
	}
/* NAME: what is named is gone. NAME_only: and nothing else. */
#define ROWS(_name, _heading, _needs, ...)                                     \
	ONE(_name, _heading, _needs, __VA_ARGS__),                             \
		ONE(_name "_only", _heading, (_needs) | NEED_SHADOW,           \
		    .is_strict = true, __VA_ARGS__)
#define ROW(_name, _heading, _gone, ...)                                       \
	ROWS(_name, _heading, 0, .gone = (_gone), __VA_ARGS__)
#define EVENT(_name, _gone, _fn, ...)                                          \
	ROW(_name, REMOVED, _gone, .step = {DO(.fn = (_fn), __VA_ARGS__)})
#define EVENT_AT(_at, _name, _gone, _fn, ...)                                  \
	ROW(_name, REMOVED, _gone, .at = (_at),                                \
	    .step = {DO(.fn = (_fn), __VA_ARGS__)})
/* The SDM does not ask for so much. */
#define OWN(_name, _feature, _fn, ...)                                         \
	ONE(_name "_only", REMOVED, NEED_SHADOW, .gone = SPACES_EVERYTHING,    \
	    .is_strict = true, .feature = (_feature),                          \
	    .step = {DO(.fn = (_fn), __VA_ARGS__)})
#define TYPE_AT(_at, _type, _name, _gone, ...)                                 \
	ROWS("invpcid" #_type "_" _name, INVPCID, NEED_INVPCID,                \
	     .gone = (_gone), .at = (_at),                                     \
	     .step = {DO(.fn = invpcid, .value = (_type), __VA_ARGS__)})
#define TYPE(_type, _name, _gone, ...)                                         \
	TYPE_AT(SPACE_KERNEL, _type, _name, _gone, __VA_ARGS__)
#define CALL(_name, _gone, _space, _flags)                                     \
	ROW(_name, SPACED, _gone,                                              \
	    .step = {DO(.code = SPACE, .space = (_space), .value = (_flags))})
#define CALL_AT(_at, _name, _gone, _space, _flags)                             \
	ROW(_name, SPACED, _gone, .at = (_at),                                 \
	    .step = {DO(.code = SPACE, .space = (_space), .value = (_flags))})
#define LISTED(_name, _gone, _ways, _space, _page, _flags)                     \
	ROW(_name, LISTS, _gone, .more = (_ways),                              \
	    .step = {DO(.code = LIST, .space = (_space), .page = (_page),      \
			.value = (_flags))})
#define MIXED(_name, _heading, _gone, _more, ...)                              \
	ROW(_name, _heading, _gone, .more = (_more),                           \
	    .step = {DO(.fn = mix, .space = SPACE_SAME), DO(__VA_ARGS__)})

/* clang-format off */
static const struct check checks[] = {
	/* MOV CR3: the PCID that it names, unless bit 63 is set */
	EVENT("nothing", 0, keep, .space = SPACE_KERNEL),
	EVENT("load_0", IN(SPACE_KERNEL, AT_OWN), load, .space = SPACE_KERNEL),
	EVENT("load_1", IN(SPACE_SAME, AT_OWN), load, .space = SPACE_SAME),
	EVENT("load_other", IN(SPACE_OTHER, AT_OWN), load, .space = SPACE_OTHER),
	EVENT("load_last", IN(SPACE_HALF, AT_OWN), load, .space = SPACE_HALF),
	EVENT_AT(SPACE_SAME, "load_again", IN(SPACE_SAME, AT_OWN), load,
		 .space = SPACE_SAME),
	EVENT_AT(SPACE_OTHER, "load_from_other", IN(SPACE_SAME, AT_OWN), load,
		 .space = SPACE_SAME),
	EVENT("keep_1", 0, keep, .space = SPACE_SAME),
	EVENT("keep_other", 0, keep, .space = SPACE_OTHER),
	EVENT_AT(SPACE_SAME, "keep_again", 0, keep, .space = SPACE_SAME),
	EVENT("mix", 0, mix, .space = SPACE_SAME),
	EVENT("mix_load", IN(SPACE_SAME, AT_OWN), mix_load, .space = SPACE_SAME),
	ROW("keep_then_load", REMOVED, IN(SPACE_SAME, AT_OWN),
	    .step = {DO(.fn = keep, .space = SPACE_SAME),
		     DO(.fn = load, .space = SPACE_SAME)}),
	ROW("load_two", REMOVED, IN_BOTH(SPACE_SAME, SPACE_HALF, AT_OWN),
	    .step = {DO(.fn = load, .space = SPACE_SAME),
		     DO(.fn = load, .space = SPACE_HALF)}),

	/* the current PCID, and global translations */
	EVENT("invlpg_0", IN(SPACE_KERNEL, AT_FIRST | AT_WAY), invlpg,
	      .page = AT_FIRST),
	EVENT_AT(SPACE_SAME, "invlpg_1", IN(SPACE_SAME, AT_FIRST | AT_WAY),
		 invlpg, .page = AT_FIRST),
	EVENT_AT(SPACE_HALF, "invlpg_last", IN(SPACE_HALF, AT_SECOND | AT_WAY),
		 invlpg, .page = AT_SECOND),
	EVENT_AT(SPACE_OTHER, "invlpg_large",
		 IN(SPACE_OTHER, AT_LARGE | AT_WAY), invlpg, .page = AT_LARGE),
	EVENT_AT(SPACE_OTHER, "invlpg_global",
		 SPACES_GLOBALS | IN(SPACE_OTHER, AT_WAY), invlpg,
		 .page = AT_GLOBAL),

	TYPE(0, "current", IN(SPACE_KERNEL, AT_FIRST), .page = AT_FIRST,
	     .space = SPACE_KERNEL),
	TYPE(0, "same", IN(SPACE_SAME, AT_SECOND), .page = AT_SECOND,
	     .space = SPACE_SAME),
	TYPE(0, "other", IN(SPACE_OTHER, AT_FIRST), .page = AT_FIRST,
	     .space = SPACE_OTHER),
	TYPE(0, "large", IN(SPACE_HALF, AT_LARGE), .page = AT_LARGE,
	     .space = SPACE_HALF),
	TYPE(0, "way", IN(SPACE_SAME, AT_WAY), .page = AT_WAY,
	     .space = SPACE_SAME),
	TYPE(0, "global", 0, .page = AT_GLOBAL, .space = SPACE_KERNEL),
	TYPE(0, "unused", 0, .page = AT_FIRST, .is_unused = true),
	TYPE_AT(SPACE_OTHER, 0, "from_other", IN(SPACE_KERNEL, AT_FIRST),
		.page = AT_FIRST, .space = SPACE_KERNEL),
	TYPE(1, "current", IN(SPACE_KERNEL, AT_OWN), .space = SPACE_KERNEL),
	TYPE(1, "same", IN(SPACE_SAME, AT_OWN), .space = SPACE_SAME),
	TYPE(1, "other", IN(SPACE_OTHER, AT_OWN), .space = SPACE_OTHER),
	TYPE(1, "last", IN(SPACE_HALF, AT_OWN), .space = SPACE_HALF),
	TYPE(1, "unused", 0, .is_unused = true),
	TYPE_AT(SPACE_HALF, 1, "from_last", IN(SPACE_KERNEL, AT_OWN),
		.space = SPACE_KERNEL),
	/* types 2 and 3 ignore PCID and address */
	TYPE(2, "all", SPACES_EVERYTHING, .space = SPACE_KERNEL),
	TYPE_AT(SPACE_SAME, 2, "named", SPACES_EVERYTHING, .space = SPACE_OTHER,
		.page = AT_FIRST),
	TYPE(3, "all", IN_ALL(AT_OWN), .space = SPACE_KERNEL),
	TYPE_AT(SPACE_SAME, 3, "named", IN_ALL(AT_OWN), .space = SPACE_OTHER,
		.page = AT_GLOBAL),

	EVENT("cr4_pcide", SPACES_EVERYTHING, toggle_cr4, .value = CR4_PCIDE),
	EVENT_AT(SPACE_OTHER, "cr4_pcide_from_other", SPACES_EVERYTHING,
		 pcide_off, 0),
	EVENT("cr4_pge", SPACES_EVERYTHING, toggle_cr4, .value = CR4_PGE),
	EVENT_AT(SPACE_OTHER, "cr4_pge_from_other", SPACES_EVERYTHING,
		 toggle_cr4, .value = CR4_PGE),
	EVENT("cr4_same", 0, toggle_cr4, .value = 0),
	OWN("cr4_smep", CPUID_7_EBX_SMEP, toggle_cr4, .value = CR4_SMEP),
	OWN("cr0_wp", 0, toggle_cr0, .value = CR0_WP),

	/* AddressSpace is a root, whatever its PCID, and bit 12 */
	CALL("space", IN_KERNELS(AT_OWN) | SPACES_GLOBALS, SPACE_KERNEL, 0),
	CALL("space_non_global", IN_KERNELS(AT_OWN), SPACE_KERNEL, NON_G),
	CALL("space_same", IN_KERNELS(AT_OWN), SPACE_SAME, NON_G),
	CALL("space_other", IN_OTHERS(AT_OWN) | SPACES_GLOBALS, SPACE_OTHER, 0),
	CALL("space_other_non_global", IN_OTHERS(AT_OWN), SPACE_OTHER, NON_G),
	CALL("space_half", IN_OTHERS(AT_OWN), SPACE_HALF, NON_G),
	CALL_AT(SPACE_OTHER, "space_loaded", IN_OTHERS(AT_OWN), SPACE_OTHER,
		NON_G),
	CALL_AT(SPACE_OTHER, "space_not_loaded", IN_KERNELS(AT_OWN),
		SPACE_SAME, NON_G),
	ROW("space_unused", SPACED, 0,
	    .step = {DO(.code = SPACE, .value = NON_G, .is_unused = true)}),
	CALL("space_all", SPACES_EVERYTHING, SPACE_KERNEL, ALL_AS),
	CALL("space_all_non_global", IN_ALL(AT_OWN), SPACE_KERNEL,
	     ALL_AS | NON_G),
	ROW("space_all_vps", SPACED, IN_OTHERS(AT_OWN), .is_everywhere = true,
	    .step = {DO(.code = SPACE, .space = SPACE_OTHER,
			.value = NON_G | ALL)}),

	LISTED("list", IN_KERNELS(AT_FIRST), IN_KERNELS(AT_WAY), SPACE_KERNEL,
	       AT_FIRST, 0),
	LISTED("list_same", IN_KERNELS(AT_SECOND), IN_KERNELS(AT_WAY),
	       SPACE_SAME, AT_SECOND, 0),
	LISTED("list_other", IN_OTHERS(AT_FIRST), IN_OTHERS(AT_WAY),
	       SPACE_OTHER, AT_FIRST, 0),
	LISTED("list_half", IN_OTHERS(AT_LARGE), IN_OTHERS(AT_WAY), SPACE_HALF,
	       AT_LARGE, 0),
	LISTED("list_way", IN_OTHERS(AT_WAY), 0, SPACE_OTHER, AT_WAY, 0),
	LISTED("list_global", SPACES_GLOBALS, IN_OTHERS(AT_WAY), SPACE_OTHER,
	       AT_GLOBAL, 0),
	LISTED("list_all_spaces", IN_ALL(AT_FIRST), IN_ALL(AT_WAY),
	       SPACE_KERNEL, AT_FIRST, ALL_AS),

	/* a PCID that was used with two roots is of both */
	MIXED("mixed_space", SPACED, IN_KERNELS(AT_OWN), 0, .code = SPACE,
	      .space = SPACE_KERNEL, .value = NON_G),
	MIXED("mixed_space_other", SPACED,
	      IN_OTHERS(AT_OWN) | IN(SPACE_SAME, AT_OWN), 0, .code = SPACE,
	      .space = SPACE_OTHER, .value = NON_G),
	MIXED("mixed_list", LISTS, IN_KERNELS(AT_FIRST), IN_KERNELS(AT_WAY),
	      .code = LIST, .space = SPACE_KERNEL, .page = AT_FIRST),
	MIXED("mixed_list_other", LISTS,
	      IN_OTHERS(AT_FIRST) | IN(SPACE_SAME, AT_FIRST),
	      IN_OTHERS(AT_WAY) | IN(SPACE_SAME, AT_WAY), .code = LIST,
	      .space = SPACE_OTHER, .page = AT_FIRST),
};
/* clang-format on */

SUITE("pcid", 101, checks);
