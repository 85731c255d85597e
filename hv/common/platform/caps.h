/* SPDX-License-Identifier: MIT */
/*
 * What Lethe needs of a CPU, as one table, and what a CPU reports. The loader
 * checks every CPU before anything starts; the hypervisor checks each again
 * before VMXON and takes its control words from here.
 */
#ifndef HV_COMMON_PLATFORM_CAPS_H
#define HV_COMMON_PLATFORM_CAPS_H

#include "base/bits.h"
#include "base/types.h"

/*
 * The words that hv/x86/caps_read.c collects. A control word holds the
 * settings that must be 1 in its low and those that may be 1 in its high half
 * (SDM 3D, "Reserved Controls and Default Settings").
 */
enum caps_word {
	CAPS_CPUID_1_ECX,
	CAPS_CPUID_1_EDX,
	CAPS_CPUID_80000001_EDX,
	CAPS_FEATURE_CONTROL,
	CAPS_BASIC,
	CAPS_MISC,
	CAPS_CR0_FIXED0,
	CAPS_CR0_FIXED1,
	CAPS_CR4_FIXED0,
	CAPS_CR4_FIXED1,
	CAPS_PIN, /* the TRUE ones where the CPU has them */
	CAPS_PROC,
	CAPS_PROC2,
	CAPS_EXIT,
	CAPS_ENTRY,
	CAPS_EPT_VPID,
	CAPS_WORD_COUNT,
};

struct caps_raw {
	u32 apic_id; /* x2APIC ID where the CPU tells it */
	u32 present; /* BIT(word): the CPU has this word; else it reads 0 */
	u64 word[CAPS_WORD_COUNT];
};

typedef void caps_missing_fn(void *context, const char *text);

/*
 * Compares one CPU with the table of requirements. Calls `missing` for every
 * row that is not met, in table order; returns how many there were. A row
 * whose word the CPU does not have counts as not met.
 */
u32 caps_check(const struct caps_raw *raw, caps_missing_fn *missing,
	       void *context);

/*
 * Narrows `all` to what `raw` can do as well; start with a copy of the first
 * CPU. Features: the intersection. Control words: union of the must-be-1,
 * intersection of the may-be-1 half. Preemption timer: the larger shift, so
 * that a value computed with it never fires late. Revision, VMCS size,
 * FEATURE_CONTROL and apic_id stay those of the first CPU.
 */
void caps_combine(struct caps_raw *all, const struct caps_raw *raw);

/* True if all of `bits` are set in `word`. */
bool caps_has(const struct caps_raw *raw, enum caps_word word, u64 bits);

/* True if the CPU lets all of `bits` be 1 in the control word `word`. */
bool caps_can_set(const struct caps_raw *raw, enum caps_word word, u32 bits);

/*
 * The value for the VMCS control field: `wanted`, with the bits set that must
 * be 1. Pre: caps_can_set(wanted).
 */
u32 caps_controls(const struct caps_raw *raw, enum caps_word word, u32 wanted);

/* The preemption timer counts down once every 1 << shift TSC ticks. */
u32 caps_preemption_shift(const struct caps_raw *raw);

/* `type` as in SDM 3D, "INVVPID": 0 to 3. */
bool caps_has_invvpid(const struct caps_raw *raw, u32 type);

/* `type` as in SDM 3D, "INVEPT": 1 single-context, 2 all-context. */
bool caps_has_invept(const struct caps_raw *raw, u32 type);

/* The revision identifier for the VMXON region and each VMCS: 31 bits. */
u32 caps_revision(const struct caps_raw *raw);

#endif
