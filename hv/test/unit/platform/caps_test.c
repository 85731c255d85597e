/* SPDX-License-Identifier: MIT */
/*
 * On a CPU that lacks one requirement, that one must be named, and nothing
 * else. The list here is made from the SDM, not from the table that is tested.
 */
#include "common/platform/caps.h"

#include <string.h>

#include "support/check.h"

#define FEATURE_CONTROL_LOCKED BIT(0)

/* A CPU that meets every requirement; the numbers are those of a Broadwell */
static const struct caps_raw good = {
	.apic_id = 3,
	.present = (u32)GENMASK(CAPS_WORD_COUNT - 1, 0),
	.word =
		{
			[CAPS_CPUID_1_ECX] = 0x77fafbff,
			[CAPS_CPUID_1_EDX] = 0xbfebfbff,
			[CAPS_CPUID_80000001_EDX] = 0x2c100800,
			[CAPS_FEATURE_CONTROL] = 0,
			[CAPS_BASIC] = 0x00d810000000002b,
			[CAPS_MISC] = 0x200401e5,
			[CAPS_CR0_FIXED0] = 0x80000021,
			[CAPS_CR0_FIXED1] = 0xffffffff,
			[CAPS_CR4_FIXED0] = 0x2000,
			[CAPS_CR4_FIXED1] = 0x3727ff,
			[CAPS_PIN] = 0x0000007f00000016,
			[CAPS_PROC] = 0xf7f9fffe04006172,
			[CAPS_PROC2] = 0x00057fff00000000,
			[CAPS_EXIT] = 0x007fffff00036dfb,
			[CAPS_ENTRY] = 0x0000ffff000011fb,
			[CAPS_EPT_VPID] = 0x00000f0106334141,
		},
};

#define REPORTS_MAX 80

struct reports {
	u32 count;
	const char *text[REPORTS_MAX];
};

static void collect(void *context, const char *text)
{
	struct reports *reports = context;

	CHECK(reports->count < REPORTS_MAX);
	reports->text[reports->count++] = text;
}

static struct reports check(const struct caps_raw *raw)
{
	struct reports reports = {0};
	u32 count = caps_check(raw, collect, &reports);

	CHECK_EQ(count, reports.count);
	return reports;
}

static bool is_reported(const struct reports *reports, const char *text)
{
	for (u32 i = 0; i < reports->count; i++) {
		if (strcmp(reports->text[i], text) == 0) {
			return true;
		}
	}
	return false;
}

/* With the word XORed with `flip`, `text` alone must be reported. */
struct flip {
	enum caps_word word;
	u64 flip;
	const char *text;
};

#define MAY(n) BIT(32 + (n))

/* clang-format off */
static const struct flip flips[] = {
	{ CAPS_CPUID_1_ECX, BIT(5), "VMX" },
	{ CAPS_CPUID_1_ECX, BIT(21), "x2APIC" },
	{ CAPS_CPUID_1_EDX, BIT(4), "TSC" },
	{ CAPS_CPUID_1_EDX, BIT(9), "local APIC" },
	{ CAPS_CPUID_1_EDX, BIT(13), "global pages" },
	{ CAPS_CPUID_1_EDX, BIT(16), "PAT" },
	{ CAPS_CPUID_1_EDX, BIT(24), "FXSAVE and FXRSTOR" },
	{ CAPS_CPUID_80000001_EDX, BIT(11), "SYSCALL and SYSRET" },
	{ CAPS_CPUID_80000001_EDX, BIT(20), "no-execute pages" },
	{ CAPS_CPUID_80000001_EDX, BIT(27), "RDTSCP" },
	{ CAPS_CPUID_80000001_EDX, BIT(29), "64-bit mode" },
	{ CAPS_FEATURE_CONTROL, FEATURE_CONTROL_LOCKED,
	  "IA32_FEATURE_CONTROL open or locked with VMX on (firmware set-up)" },
	{ CAPS_BASIC, BIT(51), "write-back memory type for the VMCS" },
	{ CAPS_BASIC, BIT(55), "TRUE control capabilities" },
	{ CAPS_MISC, BIT(5), "EFER.LMA saved on exit" },
	{ CAPS_CR0_FIXED0, BIT(16), "CR0 without fixed bits other than PE, NE and PG" },
	{ CAPS_CR0_FIXED1, BIT(16), "CR0 bits PE MP EM TS ET NE WP AM PG that may be 1" },
	{ CAPS_CR0_FIXED1, BIT(31), "CR0 bits PE MP EM TS ET NE WP AM PG that may be 1" },
	{ CAPS_CR4_FIXED0, BIT(5), "CR4 without fixed bits other than VMXE" },
	{ CAPS_CR4_FIXED1, BIT(13), "CR4 bits DE PSE PAE MCE PGE OSFXSR OSXMMEXCPT VMXE that may be 1" },
	{ CAPS_CR4_FIXED1, BIT(7), "CR4 bits DE PSE PAE MCE PGE OSFXSR OSXMMEXCPT VMXE that may be 1" },
	{ CAPS_PIN, MAY(0), "external-interrupt exiting" },
	{ CAPS_PIN, MAY(3), "NMI exiting" },
	{ CAPS_PIN, MAY(5), "virtual NMIs" },
	{ CAPS_PIN, MAY(6), "VMX-preemption timer" },
	{ CAPS_PROC, MAY(2), "interrupt-window exiting" },
	{ CAPS_PROC, MAY(7), "HLT exiting" },
	{ CAPS_PROC, MAY(10), "MWAIT exiting" },
	{ CAPS_PROC, MAY(11), "RDPMC exiting" },
	{ CAPS_PROC, MAY(19), "CR8-load exiting" },
	{ CAPS_PROC, MAY(20), "CR8-store exiting" },
	{ CAPS_PROC, MAY(22), "NMI-window exiting" },
	{ CAPS_PROC, MAY(24), "unconditional I/O exiting" },
	{ CAPS_PROC, MAY(28), "MSR bitmaps" },
	{ CAPS_PROC, MAY(29), "MONITOR exiting" },
	{ CAPS_PROC, MAY(31), "secondary controls" },
	{ CAPS_PROC, BIT(15), "CR3-load exiting that may be off" },
	{ CAPS_PROC, BIT(16), "CR3-store exiting that may be off" },
	{ CAPS_PROC2, MAY(1), "EPT" },
	{ CAPS_PROC2, MAY(3), "enable RDTSCP" },
	{ CAPS_PROC2, MAY(5), "VPID" },
	{ CAPS_PROC2, MAY(7), "unrestricted guest" },
	{ CAPS_EXIT, MAY(9), "exit to a 64-bit host" },
	{ CAPS_EXIT, MAY(15), "acknowledge interrupt on exit" },
	{ CAPS_EXIT, MAY(18), "save PAT on exit" },
	{ CAPS_EXIT, MAY(19), "load PAT on exit" },
	{ CAPS_EXIT, MAY(20), "save EFER on exit" },
	{ CAPS_EXIT, MAY(21), "load EFER on exit" },
	{ CAPS_ENTRY, MAY(9), "entry to an IA-32e mode guest" },
	{ CAPS_ENTRY, MAY(14), "load PAT on entry" },
	{ CAPS_ENTRY, MAY(15), "load EFER on entry" },
	{ CAPS_EPT_VPID, BIT(6), "EPT with 4 levels" },
	{ CAPS_EPT_VPID, BIT(14), "EPT with write-back memory type" },
	{ CAPS_EPT_VPID, BIT(16), "EPT with 2 MiB pages" },
	{ CAPS_EPT_VPID, BIT(20), "INVEPT" },
	{ CAPS_EPT_VPID, BIT(25) | BIT(26), "INVEPT single-context or all-context" },
	{ CAPS_EPT_VPID, BIT(32), "INVVPID" },
	{ CAPS_EPT_VPID, BIT(41) | BIT(42), "INVVPID single-context or all-context" },
};
/* clang-format on */

static void t_check_good_cpu_lacks_nothing(void)
{
	CHECK_EQ(check(&good).count, 0);
}

static void t_check_names_each_missing_item_alone(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(flips); i++) {
		struct caps_raw raw = good;
		struct reports reports;

		raw.word[flips[i].word] ^= flips[i].flip;
		reports = check(&raw);
		CHECK_EQ(reports.count, 1);
		CHECK_STR(reports.text[0], flips[i].text);
	}
}

static void t_check_reports_all_missing_items_not_the_first(void)
{
	struct caps_raw raw = good;
	struct reports reports;

	for (size_t i = 0; i < ARRAY_SIZE(flips); i++) {
		raw.word[flips[i].word] &= ~flips[i].flip;
	}
	raw.word[CAPS_FEATURE_CONTROL] = FEATURE_CONTROL_LOCKED;
	raw.word[CAPS_CR0_FIXED0] |= BIT(16);
	raw.word[CAPS_CR4_FIXED0] |= BIT(5);
	raw.word[CAPS_PROC] |= BIT(15) | BIT(16);
	reports = check(&raw);
	for (size_t i = 0; i < ARRAY_SIZE(flips); i++) {
		CHECK(is_reported(&reports, flips[i].text));
	}
}

static void t_check_absent_word_fails_all_its_rows(void)
{
	struct caps_raw raw = {.present = BIT(CAPS_CPUID_1_ECX) |
					  BIT(CAPS_CPUID_1_EDX)};
	struct reports reports = check(&raw);

	/*
	 * No row may pass because the CPU does not have the MSR, whose value is
	 * then 0.
	 */
	for (size_t i = 0; i < ARRAY_SIZE(flips); i++) {
		CHECK(is_reported(&reports, flips[i].text));
	}
}

static void t_check_either_of_two_types_is_enough(void)
{
	static const u64 one_less[] = {BIT(25), BIT(26), BIT(41),
				       BIT(42), BIT(40), BIT(43)};

	for (size_t i = 0; i < ARRAY_SIZE(one_less); i++) {
		struct caps_raw raw = good;

		raw.word[CAPS_EPT_VPID] &= ~one_less[i];
		CHECK_EQ(check(&raw).count, 0);
	}
}

static void t_check_feature_control_may_be_open_or_on(void)
{
	static const u64 fine[] = {0, 4, 5, 0x100005, 7};
	static const u64 bad[] = {1, 3, 0x100001};
	struct caps_raw raw = good;

	for (size_t i = 0; i < ARRAY_SIZE(fine); i++) {
		raw.word[CAPS_FEATURE_CONTROL] = fine[i];
		CHECK_EQ(check(&raw).count, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		raw.word[CAPS_FEATURE_CONTROL] = bad[i];
		CHECK_EQ(check(&raw).count, 1);
	}
}

static void t_combine_same_cpu_changes_nothing(void)
{
	struct caps_raw all = good;

	caps_combine(&all, &good);
	CHECK_EQ(memcmp(&all, &good, sizeof(all)), 0);
}

static void t_combine_keeps_what_both_can(void)
{
	struct caps_raw all = good;
	struct caps_raw other = good;

	other.apic_id = 9;
	other.present &= ~(u32)BIT(CAPS_EPT_VPID);
	other.word[CAPS_EPT_VPID] &= ~BIT(43);
	other.word[CAPS_PROC] &= ~MAY(28);
	other.word[CAPS_PROC] |= BIT(15);
	other.word[CAPS_CR0_FIXED0] |= BIT(16);
	other.word[CAPS_CR4_FIXED1] &= ~BIT(7);
	other.word[CAPS_BASIC] = 0x00581000000000aa;
	caps_combine(&all, &other);

	CHECK_EQ(all.apic_id, 3);
	CHECK(!(all.present & BIT(CAPS_EPT_VPID)));
	CHECK(!caps_has_invvpid(&all, 3));
	CHECK(caps_has_invvpid(&all, 0));
	CHECK(!caps_can_set(&all, CAPS_PROC, 1u << 28));
	CHECK(caps_can_set(&all, CAPS_PROC, 1u << 7));
	CHECK_EQ(caps_controls(&all, CAPS_PROC, 0), 0x0400e172);
	CHECK(caps_has(&all, CAPS_CR0_FIXED0, BIT(16)));
	CHECK(!caps_has(&all, CAPS_CR4_FIXED1, BIT(7)));
	CHECK_EQ(caps_revision(&all), 0x2b);
	CHECK(!caps_has(&all, CAPS_BASIC, BIT(55)));
	CHECK(caps_has(&all, CAPS_BASIC, BIT(54)));
}

static void t_combine_takes_the_larger_timer_shift(void)
{
	struct caps_raw fast = good;
	struct caps_raw slow = good;
	struct caps_raw all;

	fast.word[CAPS_MISC] = (good.word[CAPS_MISC] & ~31ull) | 2;
	slow.word[CAPS_MISC] = (good.word[CAPS_MISC] & ~31ull) | 5;
	all = fast;
	caps_combine(&all, &slow);
	CHECK_EQ(caps_preemption_shift(&all), 5);
	all = slow;
	caps_combine(&all, &fast);
	CHECK_EQ(caps_preemption_shift(&all), 5);
	CHECK(caps_has(&all, CAPS_MISC, BIT(5)));
}

static void t_accessors_read_the_right_bits(void)
{
	struct caps_raw raw = good;

	raw.word[CAPS_EPT_VPID] = BIT(41) | BIT(26);
	CHECK(!caps_has_invvpid(&raw, 0));
	CHECK(caps_has_invvpid(&raw, 1));
	CHECK(!caps_has_invvpid(&raw, 2));
	CHECK(!caps_has_invvpid(&raw, 3));
	CHECK(!caps_has_invept(&raw, 1));
	CHECK(caps_has_invept(&raw, 2));
	raw.word[CAPS_EPT_VPID] = ~0ull;
	CHECK(!caps_has_invvpid(&raw, 4));
	CHECK(!caps_has_invept(&raw, 0));
	CHECK(!caps_has_invept(&raw, 3));
	CHECK_EQ(caps_controls(&good, CAPS_PIN, 0x69), 0x7f);
	CHECK(caps_can_set(&good, CAPS_PIN, 0x69));
	CHECK(!caps_can_set(&good, CAPS_PIN, 0x80));
	raw.word[CAPS_BASIC] = 0xffffffff;
	CHECK_EQ(caps_revision(&raw), 0x7fffffff);
}

static const struct test tests[] = {
	{"good_cpu_lacks_nothing", t_check_good_cpu_lacks_nothing},
	{"each_missing_item_alone", t_check_names_each_missing_item_alone},
	{"all_missing_items_not_the_first",
	 t_check_reports_all_missing_items_not_the_first},
	{"absent_word_fails_all_its_rows",
	 t_check_absent_word_fails_all_its_rows},
	{"either_of_two_types_is_enough",
	 t_check_either_of_two_types_is_enough},
	{"feature_control_may_be_open_or_on",
	 t_check_feature_control_may_be_open_or_on},
	{"combine_same_cpu_changes_nothing",
	 t_combine_same_cpu_changes_nothing},
	{"combine_keeps_what_both_can", t_combine_keeps_what_both_can},
	{"combine_takes_the_larger_timer_shift",
	 t_combine_takes_the_larger_timer_shift},
	{"accessors_read_the_right_bits", t_accessors_read_the_right_bits},
};

const struct suite suite_caps = SUITE("caps", tests);
