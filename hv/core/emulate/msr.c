/* SPDX-License-Identifier: MIT */
/*
 * Which MSRs are accessed without an exit, and which table answers for the
 * others. IA32_TSC can be read but not written: guests share the CPU's counter,
 * and TSC-deadline and TIME_REF_COUNT are defined by it.
 */
#include "core/emulate/msr.h"

#include "core/console/first_use.h"
#include "core/emulate/msr_platform.h"
#include "core/emulate/msr_synthetic.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "x86/msr.h"

#define SYNTHETIC_FIRST 0x40000000u
#define SYNTHETIC_LAST  0x4fffffffu

struct pass {
	u32 first;
	u32 last;
	bool write;
};

/* clang-format off */
static const struct pass passes[] = {
	{ MSR_IA32_TIME_STAMP_COUNTER, MSR_IA32_TIME_STAMP_COUNTER, false },
	{ MSR_IA32_SYSENTER_CS,        MSR_IA32_SYSENTER_EIP,       true },
	{ MSR_IA32_PAT,                MSR_IA32_PAT,                true },
	/* EFER, STAR, LSTAR, CSTAR, FMASK */
	{ MSR_IA32_EFER,               MSR_IA32_FMASK,              true },
	/* FS, GS and kernel GS base, TSC_AUX */
	{ MSR_IA32_FS_BASE,            MSR_IA32_TSC_AUX,            true },
};
/* clang-format on */

static bool is_synthetic(u32 msr)
{
	return msr >= SYNTHETIC_FIRST && msr <= SYNTHETIC_LAST;
}

enum msr_result msr_read(struct vp *vp, u32 msr, u64 *value)
{
	enum msr_result result = is_synthetic(msr)
					 ? msr_synthetic_read(vp, msr, value)
					 : msr_platform_read(vp, msr, value);

	if (result == MSR_UNKNOWN) {
		(void)first_use_report(vp->partition, FIRST_USE_MSR_READ, msr);
		return MSR_GP;
	}
	return result;
}

enum msr_result msr_write(struct vp *vp, u32 msr, u64 value)
{
	enum msr_result result = is_synthetic(msr)
					 ? msr_synthetic_write(vp, msr, value)
					 : msr_platform_write(vp, msr, value);

	if (result == MSR_UNKNOWN) {
		(void)first_use_report(vp->partition, FIRST_USE_MSR_WRITE, msr);
		return MSR_GP;
	}
	return result;
}

bool msr_passes(u32 msr, bool write)
{
	for (size_t i = 0; i < ARRAY_SIZE(passes); i++) {
		if (msr >= passes[i].first && msr <= passes[i].last) {
			return passes[i].write || !write;
		}
	}
	return false;
}
