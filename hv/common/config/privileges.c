/* SPDX-License-Identifier: MIT */
/*
 * What a partition may be granted, by name. A profile sets all privileges; a
 * name adds or removes things that belong together, such as a register and the
 * CPUID bit that announces it.
 */
#include "common/config/privileges.h"

#include "tlfs/cpuid.h"

struct profile {
	const char *name;
	struct config_privileges grants;
};

struct grant {
	const char *name;
	u64 mask;
	u32 features;
	u32 hints;
};

/*
 * `linux`: what Linux 6.1 uses, and nothing that makes it use more. Linux
 * writes the VP assist MSR without checking its privilege, which apic-msrs
 * grants, and takes leaf 0x4000000a as the sign of nested virtualization.
 */
/* generated: profiles, from include/abi.toml */
/* clang-format off */
static const struct profile profiles[] = {
	{"all", {
		.mask = HV_PRIV_ACCESS_REFERENCE_COUNTER |
			HV_PRIV_ACCESS_INTR_CTRL_REGS |
			HV_PRIV_ACCESS_HYPERCALL_MSRS |
			HV_PRIV_ACCESS_VP_INDEX |
			HV_PRIV_ACCESS_FREQUENCY_REGS |
			HV_PRIV_ACCESS_VP_REGISTERS |
			HV_PRIV_EXTENDED_HYPERCALLS,
		.features = HV_FEATURE_XMM_INPUT |
			    HV_FEATURE_FREQUENCY_MSRS |
			    HV_FEATURE_EXTENDED_RANGES |
			    HV_FEATURE_XMM_OUTPUT |
			    HV_FEATURE_HYPERCALL_LOCK,
		.hints = HV_HINT_REMOTE_FLUSH |
			 HV_HINT_CLUSTER_IPI |
			 HV_HINT_EX_PROCESSOR_MASKS,
		.max_leaf = HV_CPUID_NESTED}},
	{"linux", {
		.mask = HV_PRIV_ACCESS_INTR_CTRL_REGS |
			HV_PRIV_ACCESS_HYPERCALL_MSRS |
			HV_PRIV_ACCESS_VP_INDEX |
			HV_PRIV_ACCESS_FREQUENCY_REGS |
			HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL,
		.features = HV_FEATURE_FREQUENCY_MSRS,
		.hints = HV_HINT_REMOTE_FLUSH |
			 HV_HINT_EX_PROCESSOR_MASKS,
		.max_leaf = HV_CPUID_HARDWARE}},
	{"none", {
		.max_leaf = HV_CPUID_NESTED}},
};
/* clang-format on */
/* end: profiles */

/* generated: grants, from include/abi.toml */
/* clang-format off */
static const struct grant grants[] = {
	{"reference-counter", .mask = HV_PRIV_ACCESS_REFERENCE_COUNTER},
	{"hypercalls",        .mask = HV_PRIV_ACCESS_HYPERCALL_MSRS},
	{"vp-index",          .mask = HV_PRIV_ACCESS_VP_INDEX},
	{"frequency",         .mask = HV_PRIV_ACCESS_FREQUENCY_REGS,
			      .features = HV_FEATURE_FREQUENCY_MSRS},
	{"apic-msrs",         .mask = HV_PRIV_ACCESS_INTR_CTRL_REGS},
	{"tsc-invariant",     .mask = HV_PRIV_ACCESS_TSC_INVARIANT_CONTROL},
	{"vp-registers",      .mask = HV_PRIV_ACCESS_VP_REGISTERS},
	{"xmm-input",         .features = HV_FEATURE_XMM_INPUT},
	{"xmm-output",        .features = HV_FEATURE_XMM_OUTPUT},
	{"extended-ranges",   .features = HV_FEATURE_EXTENDED_RANGES},
	{"extended-calls",    .mask = HV_PRIV_EXTENDED_HYPERCALLS},
	{"hypercall-lock",    .features = HV_FEATURE_HYPERCALL_LOCK},
	{"flush",             .hints = HV_HINT_REMOTE_FLUSH},
	{"cluster-ipi",       .hints = HV_HINT_CLUSTER_IPI},
	{"ex-masks",          .hints = HV_HINT_EX_PROCESSOR_MASKS},
	{"relaxed-timing",    .hints = HV_HINT_RELAXED_TIMING},
};
/* clang-format on */
/* end: grants */

static const struct profile *find_profile(const struct config_value *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
		if (config_value_is(word, profiles[i].name)) {
			return &profiles[i];
		}
	}
	return NULL;
}

static const struct grant *find_grant(const struct config_value *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(grants); i++) {
		if (config_value_is(name, grants[i].name)) {
			return &grants[i];
		}
	}
	return NULL;
}

static void add(struct config_privileges *to, const struct grant *grant)
{
	to->mask |= grant->mask;
	to->features |= grant->features;
	to->hints |= grant->hints;
}

static void take(struct config_privileges *from, const struct grant *grant)
{
	from->mask &= ~grant->mask;
	from->features &= ~grant->features;
	from->hints &= ~grant->hints;
}

static bool apply_word(struct config_privileges *to,
		       const struct config_value *word)
{
	bool is_add = word->text[0] == '+';
	struct config_value name = {word->text + 1, word->len - 1, NULL};
	const struct grant *grant = find_grant(&name);

	if (grant == NULL || (!is_add && word->text[0] != '-')) {
		return false;
	}
	if (is_add) {
		add(to, grant);
	} else {
		take(to, grant);
	}
	return true;
}

bool config_privileges_parse(const struct config_key *key, void *field,
			     struct config_value *value)
{
	struct config_privileges *to = (struct config_privileges *)field;
	struct config_value rest = *value;
	struct config_value word;
	const struct profile *profile;

	(void)key;
	if (!config_value_word(&rest, &word)) {
		return false;
	}
	profile = find_profile(&word);
	if (profile == NULL) {
		*value = word;
		return false;
	}
	*to = profile->grants;
	while (config_value_word(&rest, &word)) {
		if (!apply_word(to, &word)) {
			*value = word;
			value->expected = "+ or - and a privilege's name from "
					  "docs/config.md, such as -frequency";
			return false;
		}
	}
	return true;
}

struct config_privileges config_privileges_default(void)
{
	return profiles[0].grants;
}
