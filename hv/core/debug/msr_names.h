/* SPDX-License-Identifier: MIT */
/*
 * MSRs that the console knows by name: that of the SDM, or of TLFS, and where a
 * VP's value is.
 */
#ifndef HV_CORE_DEBUG_MSR_NAMES_H
#define HV_CORE_DEBUG_MSR_NAMES_H

#include "base/types.h"

enum msr_place {
	MSR_IN_VMCS,
	MSR_IN_CPU,   /* while the VP is current */
	MSR_EMULATED, /* core/emulate says what it is */
	MSR_BY_NAME,  /* the same; `msr` without a name leaves it out */
};

struct msr_name {
	const char *name;
	u32 msr;
	enum msr_place place;
	u32 which; /* VMCS field or enum port_register */
};

/* By position; NULL: there are no more. */
const struct msr_name *msr_name_at(u32 number);

/* NULL: it has no name here. */
const struct msr_name *msr_name_of(u32 msr);

/* The one with that name, all of it; NULL: none. */
const struct msr_name *msr_name_find(const char *word, size_t len);

#endif
