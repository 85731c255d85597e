/* SPDX-License-Identifier: MIT */
/*
 * The local APIC's MSRs go to the virtual APIC; the few constant ones that
 * every kernel reads before it can take a #GP are a table.
 */
#include "core/emulate/msr_platform.h"

#include "core/apic/registers.h"
#include "core/events/ipi.h"
#include "core/port/port.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "x86/msr.h"

/* Reads a constant, ignores writes. */
struct constant {
	u32 msr;
	u64 value;
};

static const struct constant constants[] = {
	/* SDM 4: bit 0, fast strings, is the state after reset */
	{MSR_IA32_MISC_ENABLE, MISC_ENABLE_FAST_STRING},
	/* Microcode update signature, in the upper half */
	{MSR_IA32_BIOS_SIGN_ID, 1ull << 32},
};

static const struct constant *find(u32 msr)
{
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++) {
		if (constants[i].msr == msr) {
			return &constants[i];
		}
	}
	return NULL;
}

static enum msr_result from_vapic(enum vapic_result result)
{
	return result == VAPIC_OK ? MSR_OK : MSR_GP;
}

enum msr_result msr_platform_read(struct vp *vp, u32 msr, u64 *value)
{
	const struct constant *constant = find(msr);
	u64 answer = 0;

	if (constant != NULL) {
		*value = constant->value;
		return MSR_OK;
	}
	if (!vapic_owns(msr)) {
		return MSR_UNKNOWN;
	}
	enum msr_result result = from_vapic(
		vapic_read(&vp->own.vapic, msr, port_tsc(), &answer));

	if (result == MSR_OK) {
		*value = answer;
	}
	return result;
}

enum msr_result msr_platform_write(struct vp *vp, u32 msr, u64 value)
{
	struct vapic_ipi ipi = {.send = false};

	if (find(msr) != NULL) {
		return MSR_OK;
	}
	if (!vapic_owns(msr)) {
		return MSR_UNKNOWN;
	}
	enum msr_result result = from_vapic(
		vapic_write(&vp->own.vapic, msr, value, port_tsc(), &ipi));

	if (result == MSR_OK && ipi.send) {
		ipi_send(vp, &ipi);
	}
	return result;
}
